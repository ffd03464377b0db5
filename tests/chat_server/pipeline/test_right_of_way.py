"""When messages have the right of way: from the queue before the commit to the end of their delivery."""

import pytest

from chat_server.live.rates import RightOfWay
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch, make_queues
from chat_server.pipeline.delivery import Delivery
from chat_server.storage.core.records import Stored
from tests.chat_server.fakes import make_room, make_submission
from tests.chat_server.pipeline.delivering import Office


@pytest.mark.logged_errors
@pytest.mark.parametrize("fails", [False, True])
def test_messages_have_the_right_of_way_until_they_are_delivered(
    monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """From the moment in which they wait for the commit; those of another server while they are written."""
    office, room, right = Office(), make_room(1), RightOfWay()
    alice = office.enter(1, "Alice", room)
    waiting, batches = make_queues(10, right)
    delivery = Delivery(office.registry, batches, office.missing, right_of_way=right)
    seen: list[int] = []

    def deliver(_item: Batch | Elsewhere) -> None:
        seen.append(right._messages)
        if fails:
            raise ZeroDivisionError

    monkeypatch.setattr(delivery, "deliver", deliver)
    monkeypatch.setattr(delivery, "deliver_elsewhere", deliver)
    waiting.put([make_submission(alice, room, ref) for ref in (1, 2, 3)])
    assert right._messages == 3
    for seq in (1, 2):
        batches.put([Batch(waiting.take(seq), [Stored(1, seq, 0, False)] * seq)])
    batches.put([Elsewhere(room, 0, 4)])
    batches.close()
    delivery.start()
    assert delivery.stop(5)
    assert seen == [3, 1]  # both batches as one
    assert right._messages == 0
