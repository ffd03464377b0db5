"""Bells through a broker: what is said, what is dropped, and that nobody waits; the broker here is a fake."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from chat_server.cluster import doorbell as module
from chat_server.cluster.doorbell import Bells, BrokerUnavailable, Doorbell, Seal, bells_of
from tests.support.waiting import until

PATIENCE_S = 10.0


class FakeBroker:
    """Whoever listens is told what is said, unless the broker is away or a gate holds the speakers."""

    def __init__(self) -> None:
        self.away = False
        self.said: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self._listeners: list[queue.Queue[bytes]] = []

    def __str__(self) -> str:
        return "fake://broker"

    def speaker(self) -> "FakeBroker":
        self._look()
        return self

    def listener(self, _channel: str) -> "Ear":
        self._look()
        ear = Ear(self)
        self._listeners.append(ear.heard)
        return ear

    def say(self, _channel: str, text: str) -> None:
        self.gate.wait(PATIENCE_S)
        self._look()
        self.said.append(text)
        for each in self._listeners:
            each.put(text.encode())

    def close(self) -> None:
        pass

    def _look(self) -> None:
        if self.away:
            raise BrokerUnavailable("no route")


class Ear:
    """A connection that hears."""

    def __init__(self, broker: FakeBroker) -> None:
        self.heard: queue.Queue[bytes] = queue.Queue()
        self._broker = broker

    def hear(self, timeout_s: float) -> bytes | None:
        try:
            return self.heard.get(timeout=timeout_s)
        except queue.Empty:
            self._broker._look()
            return None

    def close(self) -> None:
        pass


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> FakeBroker:
    monkeypatch.setattr(module, "HEAR_S", 0.01)
    monkeypatch.setattr(module, "PAUSE_MIN_S", 0.01)
    monkeypatch.setattr(module, "PAUSE_MAX_S", 0.01)
    return FakeBroker()


@pytest.fixture
def bells(broker: FakeBroker) -> Iterator[Callable[[str], "Ringing"]]:
    """A function that starts a doorbell for a server, and waits until it hears itself."""
    started: list[Ringing] = []

    def start(server: str) -> Ringing:
        started.append(Ringing(broker, server))
        return started[-1]

    yield start
    broker.gate.set()
    for each in started:
        each.doorbell.stop()


class Ringing:
    """A doorbell, what it heard, and how often bells may have been missed."""

    def __init__(self, broker: FakeBroker, server: str) -> None:
        self.heard: queue.Queue[Bells] = queue.Queue()
        self.gaps = 0
        self.doorbell = Doorbell(broker, server, "secret")
        self.doorbell.on_heard = self.heard.put
        self.doorbell.on_gap = self._gap
        self.doorbell.start()
        self.until_up()

    def _gap(self) -> None:
        self.gaps += 1

    def until_up(self) -> None:
        until(lambda: self.doorbell.is_up)


def test_other_server_hears_and_the_own_word_is_dropped(bells: Callable[[str], Ringing]) -> None:
    """A bell has numbers alone: rooms and their last seq, that a change was written, who is writing."""
    one, two = bells("one"), bells("two")
    one.doorbell.ring({7: 3})
    assert two.heard.get(timeout=PATIENCE_S).rooms == {7: 3}
    one.doorbell.changed()
    assert two.heard.get(timeout=PATIENCE_S).changed
    one.doorbell.typing(7, 5)
    assert two.heard.get(timeout=PATIENCE_S).typing == {(7, 5)}
    assert one.heard.empty()


def test_what_waits_is_one_message(broker: FakeBroker, bells: Callable[[str], Ringing]) -> None:
    """While the broker takes its time, a thousand bells become one with the highest seq of each room."""
    one, two = bells("one"), bells("two")
    broker.gate.clear()
    one.doorbell.ring({1: 1})  # the speaker takes it, or not yet, and waits
    for seq in range(1, 1_001):
        one.doorbell.ring({1: seq, 2: 2 * seq})
    one.doorbell.ring({1: 4})
    broker.gate.set()
    heard: dict[int, int] = {}
    messages = 0
    while heard != {1: 1_000, 2: 2_000}:
        heard |= two.heard.get(timeout=PATIENCE_S).rooms
        messages += 1
    assert messages <= 2


def test_queue_is_bounded(broker: FakeBroker, bells: Callable[[str], Ringing]) -> None:
    """Rooms past the bound are left to the looks; nobody waits."""
    one = bells("one")
    broker.gate.clear()
    one.doorbell.ring(dict.fromkeys(range(2 * module.ROOMS_MAX), 1))
    for number in range(2 * module.TYPING_MAX):
        one.doorbell.typing(number, 1)
    waiting = one.doorbell._waiting
    assert len(waiting.rooms) <= module.ROOMS_MAX
    assert len(waiting.typing) <= module.TYPING_MAX


def test_broker_that_is_away_is_told_once(
    broker: FakeBroker, bells: Callable[[str], Ringing], caplog: pytest.LogCaptureFixture
) -> None:
    """One line when it goes and one when it is back; ringing raises nothing; then bells are looked up."""
    caplog.set_level(logging.INFO, "chat.cluster")
    one, two = bells("one"), bells("two")
    two.doorbell.ring({1: 1})
    one.heard.get(timeout=PATIENCE_S)
    assert one.doorbell.hears(["one", "two"])
    broker.away = True
    while any(each.doorbell.is_up or each.doorbell.failures < 5 for each in (one, two)):
        one.doorbell.ring({1: 1})
        one.doorbell.typing(1, 1)
    assert not one.doorbell.hears(["two"])
    assert one.gaps == 2  # it began to hear, and ended
    assert caplog.text.count("fake://broker is away (no route)") == 2
    broker.away = False
    for each in (one, two):
        each.until_up()
    while caplog.text.count("fake://broker is back") < 2:
        one.doorbell.ring({1: 2})
        two.doorbell.ring({1: 2})
    assert caplog.text.count("is away") == 2


def test_server_without_a_broker_is_not_heard(bells: Callable[[str], Ringing]) -> None:
    """Whoever lives and says nothing here is looked at as often as without a broker."""
    one = bells("one")
    assert one.doorbell.hears(["one"])
    assert not one.doorbell.hears(["one", "silent"])


def sealed(words: bytes) -> bytes:
    return Seal("secret").close(words.decode("latin-1")).encode("latin-1")


def test_silence_is_noticed() -> None:
    """A frozen broker keeps its connections: that nothing comes back tells."""
    now = 100.0
    doorbell = Doorbell(FakeBroker(), "one", "secret", clock=lambda: now)
    doorbell._take(sealed(b'{"from":"one"}'))
    assert doorbell.is_up
    now += module.DEAF_AFTER_S + 0.1
    assert not doorbell.is_up


@pytest.mark.parametrize(
    "said",
    [
        b"", b"[]", b"{}", b'{"from":1}', b'{"from":"x","rooms":{}}', b'{"from":"x","rooms":[[1]]}',
        b'{"from":"x","rooms":[[1,"a"]]}', b'{"from":"x","typing":[[true,1]]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_strange_words_are_left_alone(said: bytes) -> None:
    """What another version may say rings nowhere and ends nothing."""
    doorbell = Doorbell(FakeBroker(), "one", "secret")
    heard: list[Bells] = []
    doorbell.on_heard = heard.append
    doorbell._take(sealed(said))
    assert not heard
    with pytest.raises((ValueError, RecursionError)):
        bells_of(said)


def test_stranger_on_the_broker_cannot_ring() -> None:
    """A bell without the seal of this chat's servers is none: its seqs would be believed."""
    doorbell = Doorbell(FakeBroker(), "one", "secret")
    heard: list[Bells] = []
    doorbell.on_heard = heard.append
    bell = '{"from":"two","rooms":[[1,9]]}'
    for forged in (bell, "0" * module.SEAL_CHARS + bell, Seal("another").close(bell), ""):
        doorbell._take(forged.encode())
    assert not heard
    assert not doorbell.hears(["two"])
    doorbell._take(Seal("secret").close(bell).encode())
    assert heard == [Bells({1: 9})]
    assert Seal("secret").channel != Seal("another").channel
    assert "secret" not in Seal("secret").channel
