"""Rooms as the user reads them: opening, history, gaps, joining, reading marks, presence."""

from chat_client.model.changes import (
    Attention,
    MembersChanged,
    MessageChanged,
    MessagesAppended,
    RequestFailed,
    RoomChanged,
)
from chat_client.model.state import NotifyLevel
from tests.chat_client.fakes import Bench, a_room, live, page, seqs


def test_open_room_loads_the_newest_page_and_the_members_and_watches(bench: Bench) -> None:
    """Opening asks for what the window shows, once."""
    bench.sign_in(a_room("Général", last_seq=90, read_seq=90))
    bench.client.rooms.open("general")
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
    bench.client.rooms.join("board", "I work there")
    request = bench.server.take("join")
    assert request["reason"] == "I work there"
    bench.server.ok(request, room="Board", membership="pending")
    bench.poll()
    room = bench.state.rooms["board"]
    assert room.membership == "pending"
    bench.server.say({"type": "membership", "room": "Board", "membership": "none", "reason": "not now"})
    bench.poll()
    assert (room.membership, room.refused, room.refusal) == ("none", True, "not now")


def test_refusal_that_came_while_away_is_told_after_the_sign_in(bench: Bench) -> None:
    """The list of rooms shows only that one is no member; the event that follows says why."""
    bench.sign_in(a_room("Board", membership="none", kind="moderated"))
    bench.server.say({"type": "membership", "room": "Board", "membership": "none", "reason": "full"})
    bench.poll()
    room = bench.state.rooms["board"]
    assert (room.refused, room.refusal) == (True, "full")
    bench.client.rooms.join("board")
    bench.server.ok(bench.server.take("join"), room="Board", membership="pending")
    bench.poll()
    assert (room.refused, room.refusal) == (False, "")


def test_join_refused_is_told(bench: Bench) -> None:
    """The code of a refusal reaches the view."""
    bench.sign_in(a_room("Lobby", membership="none"))
    bench.client.rooms.join("lobby")
    bench.server.error(bench.server.take("join"), "no_such_room")
    assert RequestFailed("join", "no_such_room", "no_such_room", "lobby") in bench.poll()


def test_leave_empties_the_room(bench: Bench) -> None:
    """Who has left keeps no messages of the room."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    bench.poll()
    bench.client.rooms.leave("lobby")
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
    bench.client.history.mark_read("lobby")
    bench.poll()
    assert (room.unread, room.mentions) == (0, 0)
    assert bench.server.take("read")["seq"] == 4


def test_reading_marks_go_out_once_a_second(bench: Bench) -> None:
    """Marking at every message costs one frame a second."""
    bench.sign_in(a_room("Lobby"))
    for seq in range(1, 21):
        live(bench, "Lobby", seq)
        bench.poll()
        bench.client.history.mark_read("lobby")
    bench.pass_s(1)
    assert [frame["seq"] for frame in bench.server.take_all("read")] == [1, 20]


def test_reading_mark_goes_out_before_the_window_closes(bench: Bench) -> None:
    """What was read in the last second before the end is not unread at the next start."""
    bench.sign_in(a_room("Lobby"))
    for seq in (1, 2):
        live(bench, "Lobby", seq)
        bench.poll()
        bench.client.history.mark_read("lobby")
    bench.client.close()
    assert [frame["seq"] for frame in bench.server.take_all("read")] == [1, 2]


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
    bench.client.rooms.set_notify("lobby", NotifyLevel.ALL)
    live(bench, "Lobby", 3)
    live(bench, "Lobby", 4, sender="Zoe")
    assert calls() == [3]
    bench.client.rooms.set_notify("lobby", NotifyLevel.NONE)
    live(bench, "Lobby", 5, body="@zoe!")
    live(bench, "@jules", 1)
    assert calls() == [1]
    assert bench.state.unread_total() == 1


def test_notify_level_is_kept_over_a_restart(bench: Bench) -> None:
    """The choice belongs to the account and the room."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.set_notify("lobby", NotifyLevel.NONE)
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.state.rooms["lobby"].notify == NotifyLevel.NONE


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


def test_room_renamed_keeps_its_messages(bench: Bench) -> None:
    """A renaming changes the name and the key, not what is known."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    bench.poll()
    bench.client.rooms.open("lobby")
    bench.server.say({"type": "room", "was": "Lobby", **a_room("Hall", last_seq=1)})
    bench.poll()
    assert "lobby" not in bench.state.rooms
    assert bench.state.open_room == "hall"
    assert seqs(bench, "hall") == [1]


def test_room_renamed_goes_on_where_it_was(bench: Bench) -> None:
    """What comes after a renaming joins what was loaded before it: nothing is asked for again."""
    bench.sign_in(a_room("Lobby", last_seq=9))
    bench.client.rooms.open("lobby")
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 1, 9, more=False)
    bench.poll()
    bench.server.say({"type": "room", "was": "Lobby", **a_room("Hall", last_seq=9)})
    live(bench, "Hall", 10)
    live(bench, "Hall", 11, kind="edit", target=3, body="better")
    bench.pass_s(3)
    assert seqs(bench, "hall") == list(range(1, 11))
    assert {m.seq: m.body for m in bench.state.rooms["hall"].messages}[3] == "better"
    assert bench.server.take_all("history") == []


def test_room_removed_disappears(bench: Bench) -> None:
    """A removed room is neither listed nor open."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open("lobby")
    bench.server.say({"type": "room", "room": "Lobby", "removed": True})
    bench.poll()
    assert bench.state.rooms == {}
    assert bench.state.open_room is None


def test_draft_is_kept_over_a_restart(bench: Bench) -> None:
    """What stood in the composer stands there again."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.set_draft("lobby", "half a sent")
    bench.pass_s(3)
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.state.rooms["lobby"].draft == "half a sent"


def test_open_room_is_loaded_when_the_request_to_join_is_accepted(bench: Bench) -> None:
    """Who waits in front of a room is let in without a click."""
    bench.sign_in(a_room("Board", membership="pending", kind="moderated"))
    bench.client.rooms.open("board")
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
    while bench.client.more_waits:
        bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (1000, 1000)
    live(bench, "Lobby", 1001, kind="edit", target=5, body="nobody")
    live(bench, "Lobby", 1002, kind="delete", target=6, body="")
    live(bench, "Lobby", 1003, kind="react", target=7, body="👍", on=True)
    bench.poll()
    assert (room.unread, room.mentions) == (999, 998)


def test_draft_kept_by_name_moves_to_the_rooms_id(bench: Bench) -> None:
    """A draft of the first release is found by the name once, and from then on under any name."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.set_draft("lobby", "half a sent")
    bench.pass_s(3)
    bench.restart()
    bench.sign_in(a_room("Lobby", id="x,1"))
    assert bench.state.rooms["lobby"].draft == "half a sent"
    bench.pass_s(3)
    bench.restart()
    bench.sign_in(a_room("Hall", id="x,1"), a_room("Lobby", id="x,2"))
    rooms = bench.state.rooms
    assert (rooms["hall"].draft, rooms["lobby"].draft) == ("half a sent", "")


def test_notify_level_stays_with_a_renamed_room(bench: Bench) -> None:
    """What the user chose for a room holds under its new name, and for no other room of the old one."""
    bench.sign_in(a_room("Lobby", id="x,1"))
    bench.client.rooms.set_notify("lobby", NotifyLevel.NONE)
    bench.restart()
    bench.sign_in(a_room("Hall", id="x,1"), a_room("Lobby", id="x,2"))
    rooms = bench.state.rooms
    assert (rooms["hall"].notify, rooms["lobby"].notify) == (NotifyLevel.NONE, NotifyLevel.MENTIONS)


def test_sent_draft_does_not_return_after_a_crash(bench: Bench) -> None:
    """A draft that was sent, or deleted to the last letter, is gone from disk at the next look."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.set_draft("lobby", "never mind")
    bench.pass_s(3)
    bench.client.rooms.set_draft("lobby", "")
    assert RoomChanged("lobby") in bench.poll()
    assert "never mind" not in (bench.client.home / "drafts.json").read_text()


def test_join_of_a_room_that_one_is_in_already_opens_it(bench: Bench) -> None:
    """Another device was faster; any other refusal is told."""
    bench.sign_in(a_room("Board", membership="none"))
    bench.client.rooms.join("board")
    bench.server.error(bench.server.take("join"), "already_member")
    changes = bench.poll()
    assert bench.state.rooms["board"].joined
    assert not [change for change in changes if isinstance(change, RequestFailed)]


def test_draft_that_is_forgotten_does_not_come_back(bench: Bench) -> None:
    """On the disk, too: another room of that name begins with an empty composer."""
    bench.sign_in(a_room("Board"), a_room("Lobby"))
    for room in ("board", "lobby"):
        bench.client.rooms.set_draft(room, "half a sentence")
    bench.client.rooms.forget_draft(bench.state.rooms["board"])
    bench.pass_s(3)
    assert bench.state.rooms["board"].draft == ""
    bench.restart()
    bench.client.session.resume(bench.client.accounts.all()[0].id)
    bench.let_in(a_room("Board"), a_room("Lobby"))
    assert bench.state.rooms["lobby"].draft == "half a sentence"
    assert bench.state.rooms["board"].draft == ""
