"""Token buckets: a burst passes, a flood waits, and nobody overtakes."""

from __future__ import annotations

from chat_protocol.errors import ErrorCode
from chat_server.live.rates import AddressLimiter, Rate, TokenBucket, too_fast

RATE = Rate(burst=3, per_second=2)


def test_bucket_lets_a_burst_pass_and_then_its_rate() -> None:
    """Three at once, then one every half second."""
    bucket = TokenBucket()
    assert [bucket.take(RATE, 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.take(RATE, 0.5) == 0.0
    assert bucket.take(RATE, 0.6) == 0.4
    assert bucket.take(RATE, 100.0) == 0.0


def test_bucket_stays_shut_for_as_long_as_it_said() -> None:
    """A token that comes meanwhile is kept for the one that was refused: nothing behind it slips in."""
    bucket = TokenBucket()
    for _ in range(3):
        bucket.take(RATE, 0.0)
    told = bucket.take(RATE, 0.49)
    assert told == 0.1
    assert bucket.take(RATE, 0.51) > 0
    assert bucket.take(RATE, 0.49 + told) == 0.0


def test_too_fast_never_names_less_than_the_wait() -> None:
    """Who comes back when told is let in."""
    error = too_fast(0.41)
    assert (error.code, error.extra["retry_after"]) == (ErrorCode.RATE_LIMITED, 0.5)


def test_address_limiter_counts_each_address_and_forgets_the_oldest() -> None:
    """One address does not use up another's rate, and the table stays bounded."""
    limiter = AddressLimiter(Rate(burst=1, per_second=0.1), remember=2)
    assert [limiter.take(name, 0.0) for name in ("a", "a", "b")] == [0.0, 10.0, 0.0]
    limiter.take("c", 0.0)
    assert limiter.take("a", 0.0) == 0.0
