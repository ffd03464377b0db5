"""A clock that was set is told once, one that is corrected a little is not."""

import pytest

from chat_server.live.clock_watch import ClockWatch


def test_a_jump_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Each jump is told once, with its direction; time that passes, and small corrections, are no jump."""
    wall_ms, steady_s = [1_000_000], [50.0]
    watch = ClockWatch(lambda: wall_ms[0], lambda: steady_s[0])
    steps = ((5_000, 5), (3_605_000, 5), (5_000, 5), (-7_195_000, 5), (64_999, 5), (-55_000, 5), (65_000, 5))
    for wall_step_ms, steady_step_s in steps:
        wall_ms[0] += wall_step_ms
        steady_s[0] += steady_step_s
        watch.look()
    told = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert told == [
        "the system's clock was set forward by 3600 s",
        "the system's clock was set back by 7200 s",
        "the system's clock was set back by 60 s",
        "the system's clock was set forward by 60 s",
    ]
