"""Rooms as the user reads them: opening, history, gaps, joining, reading marks, presence."""

from __future__ import annotations

from chat_client.model.changes import (
    Attention,
    MembersChanged,
    MessageChanged,
    MessagesAppended,
    RequestFailed,
    RoomsChanged,
    TypingChanged,
)
from chat_client.model.state import NotifyLevel
from tests.client.fakes import Bench, a_room, live, page, seqs


def test_open_room_loads_the_newest_page_and_the_members_and_watches(bench: Bench) -> None:
    """Opening asks for what the window shows, once."""
    bench.sign_in(a_room("Général", last_seq=90, read_seq=90))
    bench.controller.open_room("general")
    bench.poll()
    assert bench.server.take("watch")["room"] == "Général"
    request = bench.server.take("history")
    assert request.get("before") is None
    page(bench, request, "Général", 41, 90, more=True)
    members = bench.server.take("members")
    people = [
        {"username": name, "display_name": name, "status": s}
        for name, s in [("b", "offline"), ("a", "online")]
    ]
    bench.server.ok(members, room="Général", members=people, total=2, online=1)
    changes = bench.poll()
    assert MessagesAppended("general", 50) in changes
    assert MembersChanged("general") in changes
    room = bench.state.rooms["general"]
    assert (room.members, room.total, room.online) == (["a", "b"], 2, 1)
    assert not room.at_start
    bench.poll()
    assert bench.server.take_all("history") == []


def test_join_a_moderated_room_waits_and_is_told(bench: Bench) -> None:
    """A request is pending until the moderators' answer, whose reason is kept."""
    bench.sign_in(a_room("Board", membership="none", kind="moderated"))
    bench.controller.join("board", "I work there")
    request = bench.server.take("join")
    assert request["reason"] == "I work there"
    bench.server.ok(request, room="Board", membership="pending")
    bench.poll()
    room = bench.state.rooms["board"]
    assert room.membership == "pending"
    bench.server.say({"type": "membership", "room": "Board", "membership": "none", "reason": "not now"})
    bench.poll()
    assert (room.membership, room.refused, room.refusal) == ("none", True, "not now")


def test_join_refused_is_told(bench: Bench) -> None:
    """The code of a refusal reaches the view."""
    bench.sign_in(a_room("Lobby", membership="none"))
    bench.controller.join("lobby")
    bench.server.error(bench.server.take("join"), "no_such_room")
    assert RequestFailed("join", "no_such_room", "no_such_room", "lobby") in bench.poll()


def test_leave_empties_the_room(bench: Bench) -> None:
    """Who has left keeps no messages of the room."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    bench.poll()
    bench.controller.leave("lobby")
    bench.server.ok(bench.server.take("leave"), room="Lobby", membership="none")
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.membership, room.messages, room.unread) == ("none", [], 0)


def test_unread_and_mentions_are_counted_until_read(bench: Bench) -> None:
    """Others' messages count, one's own and deleted ones do not; reading them all empties the count."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1, body="hello @Zoé, are you there?")
    live(bench, "Lobby", 2, sender="zoe", body="yes")
    live(bench, "Lobby", 3)
    live(bench, "Lobby", 4, kind="delete", target=3, body="")
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions, room.first_unread()) == (1, 1, 1)
    bench.controller.mark_read("lobby")
    bench.poll()
    assert (room.unread, room.mentions) == (0, 0)
    assert bench.server.take("read")["seq"] == 4


def test_reading_marks_go_out_once_a_second(bench: Bench) -> None:
    """Marking at every message costs one frame a second."""
    bench.sign_in(a_room("Lobby"))
    for seq in range(1, 21):
        live(bench, "Lobby", seq)
        bench.poll()
        bench.controller.mark_read("lobby")
    bench.pass_s(1)
    assert [frame["seq"] for frame in bench.server.take_all("read")] == [1, 20]


def test_read_in_another_session_empties_the_count(bench: Bench) -> None:
    """A reading mark moves in all sessions of a user, and never back."""
    bench.sign_in(a_room("Lobby"))
    for seq in (1, 2, 3):
        live(bench, "Lobby", seq)
    bench.server.say({"type": "read", "room": "Lobby", "read_seq": 2})
    bench.server.say({"type": "read", "room": "Lobby", "read_seq": 1})
    bench.poll()
    assert bench.state.rooms["lobby"].unread == 1


def test_attention_follows_the_level_of_the_room(bench: Bench) -> None:
    """All, mentions or none: only what is live, unread and from others."""
    bench.sign_in(a_room("Lobby"), a_room("@jules"))

    def calls() -> list[int | None]:
        return [change.message.seq for change in bench.poll() if isinstance(change, Attention)]

    live(bench, "Lobby", 1)
    live(bench, "Lobby", 2, body="@zoe!")
    assert calls() == [2]
    bench.controller.set_notify("lobby", NotifyLevel.ALL)
    live(bench, "Lobby", 3)
    live(bench, "Lobby", 4, sender="Zoe")
    assert calls() == [3]
    bench.controller.set_notify("lobby", NotifyLevel.NONE)
    live(bench, "Lobby", 5, body="@zoe!")
    live(bench, "@jules", 1)
    assert calls() == [1]
    assert bench.state.unread_total() == 1


def test_notify_level_is_kept_over_a_restart(bench: Bench) -> None:
    """The choice belongs to the account and the room."""
    bench.sign_in(a_room("Lobby"))
    bench.controller.set_notify("lobby", NotifyLevel.NONE)
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.state.rooms["lobby"].notify == NotifyLevel.NONE


def test_private_message_of_a_stranger_opens_a_conversation(bench: Bench) -> None:
    """A first private message shows up as an unread conversation."""
    bench.sign_in()
    live(bench, "@Jules", 1, sender="Jules")
    assert RoomsChanged() in bench.poll()
    room = bench.state.rooms["@jules"]
    assert (room.is_direct, room.partner, room.unread) == (True, "Jules", 1)


def test_direct_finds_a_conversation_in_any_spelling(bench: Bench) -> None:
    """The same person is one conversation, however the name is typed."""
    bench.sign_in(a_room("@Zoé", display_name="Zoé Ω", status="away"))
    assert bench.controller.direct("ZOE") == "@zoe"
    assert bench.state.people["zoe"].status == "away"
    assert bench.controller.direct("@ada") == "@ada"
    assert [room.key for room in bench.state.conversations()] == ["@ada", "@zoe"]


def test_edit_delete_and_react_change_their_target(bench: Bench) -> None:
    """Changes of others are merged into the message and take their place in the order."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    live(bench, "Lobby", 2, kind="edit", target=1, body="better")
    live(bench, "Lobby", 3, kind="react", target=1, body="👍", on=True)
    assert MessageChanged("lobby", 1) in bench.poll()
    message = bench.state.rooms["lobby"].messages[0]
    assert (message.body, message.reactions) == ("better", {"👍": ("jules",)})
    live(bench, "Lobby", 4, kind="react", target=1, body="👍", on=False)
    live(bench, "Lobby", 5, kind="delete", target=1, body="")
    bench.poll()
    assert (message.deleted, message.body, message.reactions) == (True, "", {})
    assert seqs(bench, "lobby") == [1]
    bench.poll()
    assert bench.server.take_all("history") == []


def test_typing_is_shown_and_ends(bench: Bench) -> None:
    """Typing disappears with the message, or after some seconds."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "typing", "room": "Lobby", "username": "jules"})
    assert TypingChanged("lobby") in bench.poll()
    room = bench.state.rooms["lobby"]
    assert list(room.typing) == ["jules"]
    live(bench, "Lobby", 1)
    bench.poll()
    assert not room.typing
    bench.server.say({"type": "typing", "room": "Lobby", "username": "jules"})
    assert TypingChanged("lobby") in bench.pass_s(7)
    assert not room.typing


def test_typing_is_told_at_most_every_few_seconds(bench: Bench) -> None:
    """Each key calls; few frames go out."""
    bench.sign_in(a_room("Lobby"))
    for _ in range(10):
        bench.controller.typing("lobby")
        bench.pass_s(0.5)
    assert len(bench.server.take_all("typing")) == 2


def test_presence_updates_people_and_order(bench: Bench) -> None:
    """Who comes online moves up in the list."""
    bench.sign_in(a_room("Lobby"))
    bench.controller.open_room("lobby")
    bench.poll()
    people = [{"username": name, "display_name": name, "status": "offline"} for name in ("ada", "bob")]
    bench.server.ok(bench.server.take("members"), room="Lobby", members=people, total=2, online=0)
    bench.server.say(
        {"type": "presence", "room": "Lobby", "changes": {"bob": "busy"}, "online": 1, "total": 2}
    )
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.members, room.online) == (["bob", "ada"], 1)
    assert bench.state.people["bob"].status == "busy"


def test_room_renamed_keeps_its_messages(bench: Bench) -> None:
    """A renaming changes the name and the key, not what is known."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    bench.poll()
    bench.controller.open_room("lobby")
    bench.server.say({"type": "room", "was": "Lobby", **a_room("Hall", last_seq=1)})
    bench.poll()
    assert "lobby" not in bench.state.rooms
    assert bench.state.open_room == "hall"
    assert seqs(bench, "hall") == [1]


def test_room_removed_disappears(bench: Bench) -> None:
    """A removed room is neither listed nor open."""
    bench.sign_in(a_room("Lobby"))
    bench.controller.open_room("lobby")
    bench.server.say({"type": "room", "room": "Lobby", "removed": True})
    bench.poll()
    assert bench.state.rooms == {}
    assert bench.state.open_room is None


def test_draft_is_kept_over_a_restart(bench: Bench) -> None:
    """What stood in the composer stands there again."""
    bench.sign_in(a_room("Lobby"))
    bench.controller.set_draft("lobby", "half a sent")
    bench.pass_s(3)
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.state.rooms["lobby"].draft == "half a sent"


def test_conversation_is_watched_from_its_first_message_on(bench: Bench) -> None:
    """Before it there is nothing on the server to watch."""
    bench.sign_in(a_room("Lobby"))
    bench.controller.open_room(bench.controller.direct("jules"))
    bench.poll()
    assert bench.server.take("watch")["room"] is None
    live(bench, "@jules", 1)
    bench.poll()
    assert bench.server.take("watch")["room"] == "@jules"
    assert bench.server.take("members")["room"] == "@jules"


def test_open_room_is_loaded_when_the_request_to_join_is_accepted(bench: Bench) -> None:
    """Who waits in front of a room is let in without a click."""
    bench.sign_in(a_room("Board", membership="pending", kind="moderated"))
    bench.controller.open_room("board")
    bench.poll()
    assert bench.server.take_all("history") == []
    bench.server.say({"type": "membership", "room": "Board", "membership": "joined"})
    bench.poll()
    assert bench.server.take("history")["room"] == "Board"
    assert bench.server.take_all("watch")[-1]["room"] == "Board"


def test_reactions_and_edits_in_an_unread_room_cost_little(bench: Bench) -> None:
    """A change does not count the unread messages anew."""
    bench.sign_in(a_room("Lobby"))
    for seq in range(1, 1001):
        live(bench, "Lobby", seq, body="@zoe")
    while bench.controller.more_waits:
        bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (1000, 1000)
    live(bench, "Lobby", 1001, kind="edit", target=5, body="nobody")
    live(bench, "Lobby", 1002, kind="delete", target=6, body="")
    live(bench, "Lobby", 1003, kind="react", target=7, body="👍", on=True)
    bench.poll()
    assert (room.unread, room.mentions) == (999, 998)


def test_members_are_asked_for_when_somebody_joins_but_not_for_each(bench: Bench) -> None:
    """The event has a name and no presence; a crowd that comes in costs a request every few seconds."""
    bench.sign_in(a_room("Lobby"))
    bench.controller.open_room("lobby")
    bench.pass_s(1)
    bench.server.take_all("members")
    for number in range(20):
        joined = {"type": "member", "room": "Lobby", "username": f"u{number}", "change": "joined"}
        bench.server.say(joined)
        bench.pass_s(0.25)
    assert len(bench.state.rooms["lobby"].members) == 20
    assert len(bench.server.take_all("members")) == 2
    bench.server.say({"type": "member", "room": "Lobby", "username": "u3", "change": "left"})
    bench.pass_s(5)
    assert "u3" not in bench.state.rooms["lobby"].members
