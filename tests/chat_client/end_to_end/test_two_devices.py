"""Two devices of one account on a real server agree on what their user keeps there."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from chat_client.model.state import NotifyLevel, Phase
from tests.chat_client.live import PASSWORD, LiveClient, all_until, hurry
from tests.support.cutting_proxy import CuttingProxy
from tests.support.rights import named
from tests.support.server import ServerProcess
from tests.support.wire import WireClient, connected

AGREE_S: Final = 1.0
ROOM: Final = "general"
MESSAGES: Final = 100
#: By device, what its first and its second choice is of each thing.
LEVELS: Final = ((NotifyLevel.ALL, NotifyLevel.NONE), (NotifyLevel.NONE, NotifyLevel.ALL))
FAVOURITE: Final = ((True, False), (True, True))
SAVED: Final = ((True, False), (False, True))

#: Level, favourite, end of the pause, seqs of the saved messages, and how far it was read.
Shown = tuple[object, ...]


class Device:
    """One of the two, behind a connection of its own that can be cut.

    :param place: 0 or 1.
    """

    def __init__(self, server: ServerProcess, home: Path, place: int) -> None:
        self.place = place
        self.gate = CuttingProxy(server.port, 1, gentle=True)
        self.live = LiveClient(home, "zoe", insecure=True)
        self.server = server

    def sign_in(self, *, new: bool = False) -> None:
        """Sign in through the gate, and ask for what is saved."""
        session = self.live.client.session
        (session.sign_up if new else session.sign_in)(self.server.host, self.gate.port, "zoe", PASSWORD)
        self.live.until_online()
        self.live.client.saved.refresh()
        self.live.until(lambda: self.live.state.saved is not None)

    def go_offline(self) -> None:
        """Lose the connection, and get none."""
        self.gate.shut()
        self.live.until(lambda: self.live.state.connection.phase == Phase.WAITING)

    def come_back(self, is_stored: Callable[[], object]) -> None:
        """Get one again, at once, and wait until the server has what was chosen here."""
        self.gate.open()

        def told() -> bool:
            hurry([self.live])
            return self.live.state.connection.phase == Phase.ONLINE and bool(is_stored())

        self.live.until(told)

    def choose(self, which: int, pause: str, seq: int) -> None:
        """Choose all five things, for the first (0) or the second (1) time in a round."""
        client, here = self.live.client, self.place
        client.rooms.set_notify(ROOM, LEVELS[here][which])
        client.rooms.set_favourite(ROOM, FAVOURITE[here][which])
        client.own_settings.choose("pause_until", pause)
        client.saved.save(ROOM, 1, on=SAVED[here][which])
        client.history.mark_read(ROOM, seq)

    def begin_again(self) -> None:
        """Take back what was chosen, on all devices."""
        client = self.live.client
        client.rooms.set_notify(ROOM, NotifyLevel.MENTIONS)
        client.rooms.set_favourite(ROOM, False)
        client.own_settings.choose("pause_until", None)
        client.saved.save(ROOM, 1, on=False)

    @property
    def shown(self) -> Shown:
        """What this device has of the five."""
        client, room = self.live.client, self.live.room(ROOM)
        saved = tuple(message.seq or 0 for message in self.live.state.saved or ())
        favourite, pause = bool(client.rooms.favourites()), client.own_settings.get("pause_until")
        return room.notify, favourite, pause, saved, room.read_seq

    def close(self) -> None:
        """End."""
        self.live.client.close()
        self.gate.close()


class Witness:
    """A third connection of the same user, which asks the server what it has."""

    def __init__(self, client: WireClient) -> None:
        self._client = client

    def stored(self) -> tuple[object, ...]:
        """Return what is stored of all but the reading."""
        client = self._client
        client.events.clear()
        client.ok("settings")
        told = [one for event in client.events if event["type"] == "settings" for one in event["settings"]]
        kept = {one["setting"]: one["value"] for one in told}
        saved = tuple(message["seq"] for message in client.ok("saved")["messages"])
        return kept.get("notify"), bool(kept.get("favourite")), kept.get("pause_until"), saved


@pytest.fixture
def devices(server_process: Callable[..., ServerProcess], tmp_path: Path) -> Iterator[list[Device]]:
    """Two devices of Zoé's, in a room where somebody has said much."""
    server = server_process("--no-limits", tls=False)
    desk, phone = Device(server, tmp_path / "desk", 0), Device(server, tmp_path / "phone", 1)
    with closing(desk), closing(phone), connected(server.port, tls=False) as somebody:
        desk.sign_in(new=True)
        room = somebody.register("ann")["rooms"][0]["room"]
        for number in range(MESSAGES):
            somebody.ok("send", room=room, body=f"line {number}")
        desk.live.until(lambda: desk.live.room(ROOM).last_seq == MESSAGES)
        phone.sign_in()
        yield [desk, phone]


@pytest.fixture
def witness(devices: list[Device]) -> Iterator[Witness]:
    """What the server has."""
    with connected(devices[0].server.port, tls=False) as client:
        client.login("zoe", PASSWORD)
        yield Witness(client)


def agree(devices: list[Device], expected: Shown) -> None:
    """Fail unless both show this within a second."""
    begun, lives = time.monotonic(), [device.live for device in devices]
    try:
        all_until(lives, lambda: all(device.shown == expected for device in devices))
    except AssertionError as error:
        error.add_note("\n".join(f"{device.shown}" for device in devices) + f"\nexpected {expected}")
        raise
    assert time.monotonic() - begun < AGREE_S


@pytest.mark.long
def test_choices_of_one_hold_on_the_other_within_a_second(devices: list[Device]) -> None:
    """A level, a favourite, a pause, a saved message and how far was read: in turn, on either device."""
    desk, phone = devices
    first, second = "2030-01-01T00:01:00.000Z", "2030-01-01T00:02:00.000Z"
    desk.choose(0, first, 3)
    agree(devices, (LEVELS[0][0], FAVOURITE[0][0], first, (1,), 3))
    phone.choose(0, second, 5)
    agree(devices, (LEVELS[1][0], FAVOURITE[1][0], second, (), 5))


@pytest.mark.long
def test_every_order_of_two_that_were_offline(devices: list[Device], witness: Witness) -> None:
    """Whoever chooses first and whoever comes back first: the choice that is stored last holds on both.

    How far a room was read goes forward only: of that, the greater one.
    """
    numbers = itertools.count(1)
    for order in sorted(set(itertools.permutations([0, 0, 1, 1]))):
        for back in ((0, 1), (1, 0)):
            with named(order, back):
                devices[0].begin_again()
                read = devices[0].shown[-1]
                agree(devices, (NotifyLevel.MENTIONS, False, None, (), read))
                for device in devices:
                    device.go_offline()
                made, pauses = [0, 0], ["", ""]
                for place in order:
                    number = next(numbers)
                    pauses[place] = f"2030-01-01T00:{number:02}:00.000Z"
                    devices[place].choose(made[place], pauses[place], number)
                    made[place] += 1
                chosen: list[tuple[object, ...]] = [
                    (LEVELS[place][1], FAVOURITE[place][1], pauses[place], (1,) if SAVED[place][1] else ())
                    for place in (0, 1)
                ]
                for place in back:
                    devices[place].come_back(partial(_has, witness, chosen[place]))
                agree(devices, (*chosen[back[-1]], number))


def _has(witness: Witness, choices: tuple[object, ...]) -> bool:
    return witness.stored() == choices
