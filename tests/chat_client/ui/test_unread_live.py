"""What is read and what is not, in real windows on a real server: the line, the badges, the start."""

from collections.abc import Iterator

import pytest

from tests.chat_client.ui.people import Person, trust, until
from tests.support.server import ServerProcess
from tests.support.wire import WireClient, connected

UNREAD = 400


@pytest.fixture
def server(server_process, database) -> ServerProcess:
    return server_process("--no-limits", database=database)


@pytest.fixture
def writer(server: ServerProcess) -> Iterator[WireClient]:
    """Jules, who writes as fast as he likes."""
    with connected(server.port) as jules:
        jules.register("jules")
        yield jules


def say_many(writer: WireClient, count: int, room: str = "Général") -> None:
    """Write `count` messages and wait until all are stored."""
    refs = [writer.send("send", room=room, body=f"message {number}") for number in range(count)]
    for ref in refs:
        assert writer.reply(ref)["type"] == "ok"


def come(person: Person, server: ServerProcess) -> None:
    """Sign up, look at Général, and close the window."""
    person.sign_up(server)
    trust([person], server)
    until([person], lambda: person.main.room is not None)
    person.main.open_room("general")
    until([person], lambda: person.main.room.members_known)
    person.close()


def come_back(person: Person) -> None:
    """Open the window again and look at it until the first messages are there."""
    person.open()
    until([person], lambda: person.main is not None and person.main.room is not None)
    person.look()
    until([person], lambda: person.main.view.timeline.paper.tag_ranges("n"))


def stay_behind(person: Person) -> None:
    """Put the window behind others, whatever the display thinks of it."""
    person.look(False)
    object.__setattr__(person.app.attention, "focus", lambda _focused: None)


def test_long_absence_opens_at_the_first_unread(window, server, writer):
    """After hundreds of messages the "new" line stands at the first; what was not in view stays unread."""
    zoe = window("zoe")
    come(zoe, server)
    say_many(writer, UNREAD)
    come_back(zoe)
    timeline = zoe.main.view.timeline
    line = timeline.paper.place_of("n")
    assert timeline.paper.entries[line + 1].message.body == "message 0"
    assert timeline.new_line.in_view()
    until([zoe], lambda: 0 < zoe.main.room.read_seq < 60)
    read_seq = zoe.main.room.read_seq
    assert zoe.main.room.unread == UNREAD - read_seq
    zoe.close()

    zoe.open()
    until([zoe], lambda: zoe.main is not None and zoe.main.room is not None)
    room = zoe.main.room
    assert read_seq <= room.read_seq < 120  # it goes on where the last look ended
    assert room.unread == UNREAD - room.read_seq


def test_button_leads_to_the_first_of_many_new(window, server, writer):
    """What came behind the user's back is offered by its number; the button shows the first of it."""
    zoe = window("zoe")
    come(zoe, server)
    zoe.open()
    stay_behind(zoe)
    until([zoe], lambda: zoe.main is not None and zoe.main.room is not None)
    say_many(writer, UNREAD)
    until([zoe], lambda: zoe.main.room.unread == UNREAD)
    timeline = zoe.main.view.timeline
    timeline.jump_to_newest()
    zoe.app.root.update()
    assert f"{UNREAD} new: go to the first" in timeline.new_line.button.cget("text")
    assert timeline.new_line.button.winfo_ismapped()
    timeline.new_line.button.invoke()
    zoe.app.root.update()
    assert timeline.new_line.in_view()
    assert not timeline.new_line.button.winfo_ismapped()


def test_start_returns_to_the_room_open_last(window, server, writer):
    """A start shows the room that was open last, and reads nothing in another that has something new."""
    zoe = window("zoe")
    zoe.sign_up(server)
    trust([zoe], server)
    until([zoe], lambda: zoe.main.room is not None)
    zoe.app.client.rooms.join("blabla")
    until([zoe], lambda: zoe.app.client.state.rooms["blabla"].joined)
    zoe.main.open_room("general")
    zoe.close()
    writer.ok("join", room="Blabla")
    say_many(writer, 3, "Blabla")
    zoe.open()
    until([zoe], lambda: zoe.main is not None and zoe.main.room is not None)
    zoe.look()
    until([zoe], lambda: zoe.rooms().get("Blabla") == 3)
    assert zoe.main.room.key == "general"


def numbers(person: Person, room: str) -> tuple[int, int]:
    """Return what the list at the left shows of a room: unread, meant for the reader."""
    found = {row.title: (row.badge, row.calls) for row in person.main.rooms.list.rows}
    return found.get(room, (-1, -1))


def test_badges_are_exact_after_a_long_absence(window, server, writer):
    """Reactions, edits, deleted and own messages do not count, mentions count wherever they are."""
    zoe = window("zoe")
    come(zoe, server)
    with connected(server.port) as desk:
        desk.login("zoe")
        writer.ok("send", room="Général", body="first of all, @zoe")
        say_many(writer, 250)
        mine = desk.ok("send", room="Général", body="my own, @jules")["seq"]
        for emoji in "👍🎉":
            writer.ok("react", room="Général", seq=mine, emoji=emoji)
        writer.ok("delete", room="Général", seq=5)
        writer.ok("edit", room="Général", seq=6, body="changed for @zoe")
    zoe.open()
    stay_behind(zoe)
    until([zoe], lambda: zoe.main is not None and zoe.main.room is not None)
    zoe.main.open_room("general")
    until([zoe], lambda: numbers(zoe, "Général") == (250, 2))
    assert zoe.app.root.title().startswith("(250)")
    until([zoe], lambda: zoe.main.room.messages)
    assert numbers(zoe, "Général") == (250, 2)


def test_badges_follow_the_other_device(window, server, writer):
    """What is read, deleted or edited elsewhere changes the numbers, also where nothing is loaded."""
    zoe = window("zoe")
    come(zoe, server)
    say_many(writer, 1)
    writer.ok("join", room="Blabla")
    with connected(server.port) as desk:
        desk.login("zoe")
        desk.ok("join", room="Blabla")
        say_many(writer, 300, "Blabla")
        zoe.open()
        until([zoe], lambda: zoe.main is not None and numbers(zoe, "Blabla") == (300, 0))
        desk.ok("read", room="Blabla", seq=200)
        until([zoe], lambda: numbers(zoe, "Blabla") == (100, 0))
        writer.ok("delete", room="Blabla", seq=250)
        writer.ok("edit", room="Blabla", seq=260, body="for @zoe")
        until([zoe], lambda: numbers(zoe, "Blabla") == (99, 1))
        desk.ok("read", room="Blabla", seq=400)
        until([zoe], lambda: numbers(zoe, "Blabla") == (0, 0))
