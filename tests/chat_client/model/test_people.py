"""Who is there: presence, typing, members and private conversations."""

from chat_client.model.changes import (
    MembersChanged,
    PeopleChanged,
    RoomsChanged,
    TypingChanged,
)
from tests.chat_client.fakes import Bench, a_room, live


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
    assert bench.client.rooms.direct("ZOE") == "@zoe"
    assert bench.state.people["zoe"].status == "away"
    assert bench.client.rooms.direct("@ada") == "@ada"
    assert [room.key for room in bench.state.conversations()] == ["@ada", "@zoe"]


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
        bench.client.rooms.typing("lobby")
        bench.pass_s(0.5)
    assert len(bench.server.take_all("typing")) == 2


def test_presence_updates_people_and_order(bench: Bench) -> None:
    """Who comes online moves up in the list."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open("lobby")
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


def test_conversation_is_watched_from_its_first_message_on(bench: Bench) -> None:
    """Before it there is nothing on the server to watch."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open(bench.client.rooms.direct("jules"))
    bench.poll()
    assert bench.server.take("watch")["room"] is None
    live(bench, "@jules", 1)
    bench.poll()
    assert bench.server.take("watch")["room"] == "@jules"
    assert bench.server.take("members")["room"] == "@jules"


def test_members_are_asked_for_when_somebody_joins_but_not_for_each(bench: Bench) -> None:
    """The event has a name and no presence; a crowd that comes in costs a request every few seconds."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open("lobby")
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


def test_presence_of_a_room_is_told_as_a_change_of_its_members(bench: Bench) -> None:
    """With the counts; of a room that is not known only the people change."""
    bench.sign_in(a_room("Lobby"))
    for room, changes in (("Lobby", [MembersChanged("lobby")]), ("Cellar", [])):
        bench.server.say(
            {"type": "presence", "room": room, "changes": {"bob": "busy"}, "online": 4, "total": 7}
        )
        told = bench.poll()
        assert PeopleChanged(("bob",)) in told
        assert [change for change in told if isinstance(change, MembersChanged)] == changes
    lobby = bench.state.rooms["lobby"]
    assert (lobby.online, lobby.total) == (4, 7)


def _presence(bench: Bench, changes: dict[str, str], **fields: object) -> None:
    frame = {"type": "presence", "room": "Lobby", "changes": changes, "online": 1, "total": 3}
    bench.server.say({**frame, **fields})
    bench.poll()


def test_text_of_a_status_stays_until_another_comes_or_the_person_goes(bench: Bench) -> None:
    """A change that tells of none leaves it; who is offline has none."""
    bench.sign_in(a_room("Lobby"))
    texts = []
    for status, told in (
        ("busy", {"texts": {"ada": "writing"}}),
        ("away", {}),
        ("online", {"texts": {"ada": ""}}),
        ("busy", {"texts": {"ada": "again"}}),
        ("offline", {}),
    ):
        _presence(bench, {"ada": status}, **told)
        texts.append(bench.state.people["ada"].text)
    assert texts == ["writing", "writing", "", "again", ""]


def _member(bench: Bench, name: str, change: str, **fields: object) -> bool:
    """Tell of a member; return whether that is told to the views."""
    bench.server.say({"type": "member", "room": "Lobby", "username": name, "change": change, **fields})
    return MembersChanged("lobby") in bench.poll()


def test_member_counts_once_and_stands_in_its_place(bench: Bench) -> None:
    """However often the event comes; somebody else's going takes nobody else away."""
    bench.sign_in(a_room("Lobby"))
    room = bench.state.rooms["lobby"]
    _presence(bench, {"cleo": "online"}, total=0)
    for name, change, members, total in (
        ("bob", "joined", ["bob"], 1),
        ("ada", "joined", ["ada", "bob"], 2),
        ("bob", "joined", ["ada", "bob"], 2),
        ("cleo", "joined", ["cleo", "ada", "bob"], 3),
        ("ada", "left", ["cleo", "bob"], 2),
        ("cleo", "renamed", ["cleo", "bob"], 2),
        ("bob", "left", ["cleo"], 1),
        ("cleo", "left", [], 0),
        ("cleo", "left", [], 0),
    ):
        assert _member(bench, name, change)
        assert (room.members, room.total) == (members, total)
    _member(bench, "dora", "joined", display_name="Dora D.")
    assert bench.state.people["dora"].display_name == "Dora D."


def test_members_stand_by_presence_and_then_by_name(bench: Bench) -> None:
    """Online, busy, away, and all others; the owners are known, and that the list is whole."""
    bench.sign_in(a_room("Lobby"))
    room = bench.state.rooms["lobby"]
    told = [
        ("Zoe", "offline"),
        ("ann", "other"),
        ("Bob", "away"),
        ("cleo", "busy"),
        ("dora", "online"),
        ("Abe", "busy"),
    ]
    members = [
        {"username": name, "display_name": name, "status": status, "owner": name in ("ann", "Bob")}
        for name, status in told
    ]
    bench.client.people.refresh_members("lobby")
    bench.server.ok(bench.server.take("members"), room="Lobby", members=members, online=4, total=6)
    assert {MembersChanged("lobby"), PeopleChanged()} <= set(bench.poll())
    assert room.members == ["dora", "Abe", "cleo", "Bob", "ann", "Zoe"]
    assert (room.owners, room.members_known) == ({"ann", "Bob"}, True)


def test_lost_connection_knows_nobody_s_presence(bench: Bench) -> None:
    """Nor who types, nor whether the list of members is whole."""
    bench.sign_in(a_room("Lobby"))
    room = bench.state.rooms["lobby"]
    _presence(bench, {"ada": "busy"})
    bench.server.say({"type": "typing", "room": "Lobby", "username": "ada"})
    bench.poll()
    room.members_known = True
    assert PeopleChanged() in bench.drop()
    assert (bench.state.people["ada"].status, dict(room.typing), room.members_known) == ("offline", {}, False)


def test_program_stays_one_where_that_is_not_told(bench: Bench) -> None:
    """A private conversation does not tell it."""
    bench.sign_in()
    told = []
    for bot in (False, True, False):
        bench.client.people.find("ro")
        user = {"username": "rota", "status": "online", **({"bot": True} if bot else {})}
        bench.server.ok(bench.server.take("users"), users=[user])
        bench.poll()
        told.append(bench.state.people["rota"].bot)
    assert told == [False, True, True]


def test_typing_ends_by_itself_with_a_word_of_it(bench: Bench) -> None:
    """Six seconds after the last word, each person's own; the user's own is not shown."""
    bench.sign_in(a_room("Lobby"))
    room = bench.state.rooms["lobby"]
    for name in ("ada", "bob", "Zoe"):
        bench.server.say({"type": "typing", "room": "Lobby", "username": name})
    assert bench.poll().count(TypingChanged("lobby")) == 2
    bench.pass_s(3)
    bench.server.say({"type": "typing", "room": "Lobby", "username": "bob"})
    assert TypingChanged("lobby") not in bench.poll()
    assert TypingChanged("lobby") not in bench.pass_s(2)
    assert bench.pass_s(1).count(TypingChanged("lobby")) == 1
    assert list(room.typing) == ["bob"]
    live(bench, "Lobby", 1, "bob")
    assert TypingChanged("lobby") in bench.poll()
    assert not room.typing
