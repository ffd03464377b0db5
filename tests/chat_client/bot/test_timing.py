"""What a bot does again and again."""

from chat_client.bot.timing import LOOK_EVERY_S, Timing
from tests.chat_client.fakes import FakeClock


def test_jobs_run_when_they_are_due() -> None:
    """Nothing runs before the start; then each at once, and again after its seconds, late or not."""
    clock, done = FakeClock(), list[str]()
    timing = Timing(clock)
    timing.add(10, lambda: done.append("ten"))
    timing.add(25, lambda: done.append("more"))
    timing.run_due(lambda act: act())
    assert (done, timing.wait_s()) == ([], LOOK_EVERY_S)
    timing.start()
    for passed in (0, 9, 1, 40):
        clock.now += passed
        timing.run_due(lambda act: act())
    assert done == ["ten", "more", "ten", "ten", "more"]
    assert timing.wait_s() == 10
