"""The window goes on answering, whatever arrives; wide limits keep the order of magnitude."""

import gc
import time

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import MessageState

#: The CPU time that the window may take without answering (a clock would measure the neighbours too).
TICK_LIMIT_S = 0.05


@pytest.fixture
def crowd(hand, client, at):
    """A room with 100,000 messages, open."""
    room = client.state.rooms["general"]
    room.messages = [
        MessageState(n, f"user{n % 7}", f"message {n}", at(n / 100 - 2000)) for n in range(1, 100_001)
    ]
    room.covered.add(1, 100_000)
    room.last_seq = room.read_seq = 100_000
    hand.open("blabla")
    # What earlier tests have left behind would be walked through in the middle of a measurement.
    gc.collect()
    gc.freeze()
    yield room
    gc.unfreeze()


def timed(act):
    before = time.process_time()
    act()
    return time.process_time() - before


def test_large_room_opens_at_once(hand, crowd):
    """Opening a room of 100,000 messages writes a few of them."""

    def open_it():
        hand.main.open_room("general")
        hand.app.root.update()

    assert timed(open_it) < TICK_LIMIT_S * 3
    assert "message 100000\n" in hand.timeline()


def test_two_hundred_messages_a_second(hand, client, crowd, at):
    """With ten messages in each of twenty ticks, no tick takes long."""
    hand.open("general")
    hand.settle()
    slowest = 0.0
    for tick in range(20):
        for number in range(10):
            client.write(crowd, f"user{tick % 5}", f"news {tick} {number}", at(tick / 20))
            client.tell(ch.MessagesAppended("general", 1), ch.RoomChanged("general"))

        def one_tick():
            hand.app.tick()
            hand.app.root.update()

        slowest = max(slowest, timed(one_tick))
    assert "news 19 9" in hand.timeline()
    assert slowest < TICK_LIMIT_S


def test_two_hundred_at_once(hand, client, at):
    """200 messages in one go are one insertion, in order."""
    room = client.state.rooms["general"]
    for number in range(200):
        client.write(room, "jules", f"message {number}", at(number / 100))
        client.tell(ch.MessagesAppended("general", 1))
    hand.settle()
    numbers = [e.message.seq for e in hand.paper.entries if e.kind == "message"]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 200
