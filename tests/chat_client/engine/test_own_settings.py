"""The settings that the server keeps: sent, taken from other devices, and the same on all of them."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from chat_client.model.changes import RequestFailed, RoomChanged, RoomsChanged
from chat_client.model.state import NotifyLevel
from chat_protocol.own_settings import SETTINGS
from tests.chat_client.fakes import Bench, a_room

ROOM = a_room("Général", id="db,1")
KEY = "general"


class FakeServer:
    """Keeps the settings of one user as the server does, and answers what clients have asked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str | None], tuple[Any, int]] = {}
        self.benches: list[Bench] = []

    def answer(self, bench: Bench) -> None:
        """Answer the settings requests of a client, and tell the other ones."""
        bench.poll()
        for request in bench.server.take_all("settings"):
            bench.server.say(self.event(*self.kept))
            bench.server.ok(request, count=len(self.kept))
        bench.poll()
        bench.poll()
        for request in bench.server.take_all("set"):
            key = (request["setting"], request.get("room"))
            self.kept[key] = (request.get("value"), self.kept.get(key, (None, 0))[1] + 1)
            for other in self.benches:
                if other is not bench and other.state.connection.phase == "online":
                    other.server.say(self.event(key))
            bench.server.ok(request, version=self.kept[key][1])
        for each in self.benches:
            each.poll()

    def event(self, *keys: tuple[str, str | None]) -> dict[str, Any]:
        settings = [
            {
                "setting": name,
                "room": room,
                "value": self.kept[name, room][0],
                "version": self.kept[name, room][1],
            }
            for name, room in keys
        ]
        return {"type": "settings", "settings": settings}


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def devices(server: FakeServer, tmp_path: Path) -> list[Bench]:
    """Two devices of one user, signed in."""
    for name in ("desk", "phone"):
        bench = Bench(tmp_path / name)
        bench.capabilities = ["settings"]
        bench.sign_in(ROOM)
        server.benches.append(bench)
        server.answer(bench)
    return server.benches


def choose(bench: Bench, level: NotifyLevel) -> None:
    bench.client.rooms.set_notify(KEY, level)


def levels(devices: list[Bench]) -> list[NotifyLevel]:
    return [bench.state.rooms[KEY].notify for bench in devices]


def close(devices: list[Bench]) -> None:
    for bench in devices:
        bench.client.close()


def test_a_choice_is_the_same_on_all_devices(server: FakeServer, devices: list[Bench]) -> None:
    """What one device chooses holds on the other one at once, and stays after a restart without a server."""
    desk, phone = devices
    choose(desk, NotifyLevel.NONE)
    server.answer(desk)
    assert levels(devices) == [NotifyLevel.NONE] * 2
    phone.client.close()
    phone.restart()
    phone.sign_in(ROOM)
    assert levels([phone]) == [NotifyLevel.NONE]
    close(devices)


@pytest.mark.parametrize("order", sorted(set(itertools.permutations([0, 0, 1, 1]))))
def test_every_order_of_two_that_were_offline(
    server: FakeServer, devices: list[Bench], order: tuple[int, ...]
) -> None:
    """Both choose without a connection; whoever comes back first, both end with the choice stored last."""
    for bench in devices:
        bench.drop()
    choices = iter([NotifyLevel.ALL, NotifyLevel.NONE, NotifyLevel.MENTIONS, NotifyLevel.ALL])
    last: dict[int, NotifyLevel] = {}
    for place in order:
        last[place] = next(choices)
        choose(devices[place], last[place])
    back = list(dict.fromkeys(order))
    for place in back:
        devices[place].come_back(ROOM)
        server.answer(devices[place])
    assert levels(devices) == [last[back[-1]]] * 2
    assert server.kept["notify", "db,1"][0] == last[back[-1]]
    close(devices)


@pytest.mark.parametrize("event_first", [True, False])
def test_a_later_choice_of_another_device_crosses_the_answer(
    server: FakeServer, devices: list[Bench], event_first: bool
) -> None:
    """The greater version holds, whether the event or the answer comes first."""
    desk = devices[0]
    choose(desk, NotifyLevel.NONE)
    desk.poll()
    request = desk.server.take("set")
    later = {"setting": "notify", "room": "db,1", "value": "all", "version": 2}
    if event_first:
        desk.server.say({"type": "settings", "settings": [later]})
    desk.server.ok(request, version=1)
    if not event_first:
        desk.server.say({"type": "settings", "settings": [later]})
    desk.poll()
    assert levels([desk]) == [NotifyLevel.ALL]
    close(devices)


def test_the_user_s_next_choice_is_not_undone_by_the_answer(server: FakeServer, devices: list[Bench]) -> None:
    """Two choices in quick succession: the second one is sent, and holds meanwhile."""
    desk = devices[0]
    choose(desk, NotifyLevel.NONE)
    desk.poll()
    choose(desk, NotifyLevel.ALL)
    desk.server.ok(desk.server.take("set"), version=1)
    desk.poll()
    assert levels([desk]) == [NotifyLevel.ALL]
    desk.poll()
    assert desk.server.take("set")["value"] == "all"
    close(devices)


def test_levels_kept_on_this_computer_move_up_once(server: FakeServer, tmp_path: Path) -> None:
    """What an earlier version of the client kept goes to the server, unless something is chosen there."""
    bench = Bench(tmp_path / "desk")
    server.benches.append(bench)
    bench.sign_in(a_room("Général"))
    choose(bench, NotifyLevel.NONE)
    bench.client.rooms.set_favourite(KEY, True)
    bench.capabilities = ["settings"]
    bench.drop()
    bench.come_back(ROOM)
    server.answer(bench)
    assert server.kept == {("notify", "db,1"): ("none", 1), ("favourite", "db,1"): (True, 1)}
    assert bench.client.rooms.favourites() >= {"db,1"}
    server.kept["notify", "db,1"] = ("all", 2)
    bench.drop()
    bench.come_back(ROOM)
    server.answer(bench)
    assert levels([bench]) == [NotifyLevel.ALL]
    assert server.kept == {("notify", "db,1"): ("all", 2), ("favourite", "db,1"): (True, 1)}
    close([bench])


def test_a_restored_database_counts_from_an_earlier_choice(server: FakeServer, devices: list[Bench]) -> None:
    """After a restore the server's values hold, though their versions are smaller, and no others."""
    desk = devices[0]
    for words in (("a",), ("b",), ("c",)):
        desk.client.own_settings.choose("words", words)
        server.answer(desk)
    choose(desk, NotifyLevel.NONE)
    server.answer(desk)
    server.kept = {("words", None): (["a"], 1)}
    desk.drop()
    desk.come_back(ROOM)
    server.answer(desk)
    assert desk.client.own_settings.get("words") == ("a",)
    assert desk.state.attention.words == ("a",)
    assert desk.client.own_settings.get("notify", desk.state.rooms[KEY]) is None
    close(devices)


def test_a_refused_choice_is_taken_back_and_told(devices: list[Bench]) -> None:
    """What the server refuses for good does not hold; what it refuses for a moment is sent again."""
    desk = devices[0]
    choose(desk, NotifyLevel.NONE)
    desk.poll()
    desk.server.error(desk.server.take("set"), "rate_limited", retry_after=2)
    assert not any(isinstance(change, RequestFailed) for change in desk.poll())
    assert levels([desk]) == [NotifyLevel.NONE]
    desk.pass_s(1)
    assert desk.server.take_all("set") == []
    desk.pass_s(1)
    desk.server.error(desk.server.take("set"), "quota")
    assert any(isinstance(change, RequestFailed) for change in desk.poll())
    assert levels([desk]) == [NotifyLevel.MENTIONS]
    close(devices)


def test_favourites(server: FakeServer, devices: list[Bench]) -> None:
    """Favourites are known by what the rooms are kept under, on every device."""
    desk, phone = devices
    desk.client.rooms.set_favourite(KEY, True)
    assert RoomsChanged() in desk.poll()
    server.answer(desk)
    assert phone.client.rooms.favourites() == {"db,1"}
    phone.client.rooms.set_favourite(KEY, False)
    server.answer(phone)
    assert desk.client.rooms.favourites() == frozenset()
    close(devices)


def test_offset_is_told_unless_the_user_does_not_want_it(server: FakeServer, bench: Bench) -> None:
    """The computer's offset is chosen after a sign-in, at a server that tells it; never against a `false`."""
    server.benches.append(bench)
    bench.capabilities = ["settings"]
    bench.sign_in(ROOM)
    server.answer(bench)
    assert server.kept == {}
    bench.capabilities = ["settings", "person"]
    bench.come_back(ROOM)
    server.answer(bench)
    offset = server.kept["utc_offset", None][0]
    SETTINGS["utc_offset"].check("value", offset)
    bench.client.own_settings.tell_offset(False)
    server.answer(bench)
    bench.come_back(ROOM)
    server.answer(bench)
    assert server.kept["utc_offset", None][0] is False
    bench.client.own_settings.tell_offset(True)
    server.answer(bench)
    assert server.kept["utc_offset", None][0] == offset


def test_choice_before_a_sign_in_keeps_the_earlier_ones(server: FakeServer, devices: list[Bench]) -> None:
    """What the disk has of the account is read first, however soon the user chooses."""
    desk, _ = devices
    desk.client.own_settings.choose("words", ("lunch",))
    server.answer(desk)
    desk.client.close()
    desk.restart()
    desk.client.session.resume(desk.client.accounts.all()[0].id)
    desk.client.own_settings.choose("receipts", False)
    assert desk.client.own_settings.get("words") == ("lunch",)
    assert desk.client.own_settings.get("receipts") is False
    desk.restart()
    desk.client.session.resume(desk.client.accounts.all()[0].id)
    assert desk.client.own_settings.get("words") == ("lunch",)
    close(devices)


def test_choice_of_another_device_is_told_to_the_views(devices: list[Bench]) -> None:
    """Once: a room that calls otherwise, and other favourites."""
    desk = devices[0]
    level = {"setting": "notify", "room": "db,1", "value": "none", "version": 7}
    favourite = {"setting": "favourite", "room": "db,1", "value": True, "version": 7}
    for expected in (1, 0):
        desk.server.say({"type": "settings", "settings": [level, favourite]})
        changes = desk.poll()
        assert (changes.count(RoomChanged(KEY)), changes.count(RoomsChanged())) == (expected, expected)
    close(devices)


def test_what_the_server_has_not_is_forgotten_here(server: FakeServer, devices: list[Bench]) -> None:
    """In what is shown, and on the disk."""
    desk = devices[0]
    desk.client.own_settings.choose("words", ("lunch",))
    server.answer(desk)
    server.kept.clear()
    desk.drop()
    desk.come_back(ROOM)
    assert desk.state.attention.words == ("lunch",)
    server.answer(desk)
    assert desk.state.attention.words == ()
    desk.client.close()
    desk.restart()
    desk.sign_in(ROOM)
    assert desk.client.own_settings.get("words") is None
    close(devices)


def test_many_choices_are_sent_in_parts(server: FakeServer, bench: Bench) -> None:
    """Twenty at a time, each once."""
    rooms = [a_room(f"R{number}", id=f"db,{number}") for number in range(45)]
    bench.capabilities = ["settings"]
    server.benches.append(bench)
    bench.sign_in(*rooms)
    server.answer(bench)
    bench.drop()
    for number in range(45):
        bench.client.rooms.set_favourite(f"r{number}", True)
    bench.come_back(*rooms)
    bench.poll()
    request = bench.server.take("settings")
    bench.server.ok(request, count=0)
    counts = []
    for _part in range(4):
        bench.poll()
        bench.poll()
        sent = bench.server.take_all("set")
        counts.append(len(sent))
        for request in sent:
            bench.server.ok(request, version=1)
    assert counts == [20, 20, 5, 0]


def test_only_rooms_that_the_user_is_in_move_up(server: FakeServer, bench: Bench) -> None:
    """And those that have an id; of a room without one the level and the star stay here."""
    server.benches.append(bench)
    bench.sign_in(a_room("Out"), a_room("Without"), a_room("Within"))
    for key in ("out", "without", "within"):
        bench.client.rooms.set_notify(key, NotifyLevel.NONE)
        bench.client.rooms.set_favourite(key, True)
        assert RoomsChanged() in bench.poll()
    assert bench.client.rooms.favourites() == {"out", "without", "within"}
    bench.capabilities = ["settings"]
    bench.drop()
    bench.come_back(
        a_room("Out", id="db,1", membership="none"), a_room("Without"), a_room("Within", id="db,3")
    )
    server.answer(bench)
    assert sorted(server.kept) == [("favourite", "db,3"), ("notify", "db,3")]
