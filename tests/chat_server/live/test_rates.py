"""Token buckets: a burst passes, a flood waits, and nobody overtakes."""

from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.limits import Limits
from chat_server.live.rates import (
    GUESSES,
    MESSAGES,
    REQUESTS,
    SIGN_INS,
    AddressLimiter,
    Buckets,
    Rate,
    Rates,
    TokenBucket,
    round_up_wait,
    too_fast,
)

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
    assert bucket.take(RATE, 0.51) == pytest.approx(0.08)
    assert bucket.take(RATE, 0.49 + told) == 0.0


def test_bucket_is_shut_for_longer_to_whoever_insists() -> None:
    """A burst of refusals was on its way; who goes on gets nothing, and is let in soon after."""
    bucket, now = TokenBucket(), 0.0
    for _ in range(3):
        bucket.take(RATE, now, 10.0)
    waits = [bucket.take(RATE, now, 10.0) for _ in range(6)]
    assert waits == [0.5, 0.5, 0.5, 0.5, 1.0, 1.5]
    for _ in range(2_000):
        now += 0.01
        assert 0.0 < bucket.take(RATE, now, 10.0) < 10.001
    assert bucket.take(RATE, now + 9.9, 10.0) > 0.0
    now += 9.9 + 0.1 + 0.5  # that last one has cost half a second more
    assert [bucket.take(RATE, now, 10.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 0.5]


def test_bucket_that_is_not_told_to_stays_shut_no_longer() -> None:
    """Of an address that many share, one who insists must not shut out the others."""
    bucket = TokenBucket()
    for _ in range(103):
        bucket.take(RATE, 0.0)
    assert bucket.take(RATE, 0.5) == 0.0


def test_messages_of_a_flood_do_not_get_through() -> None:
    """Of what comes ten times as fast as it may, the burst, a little more, and then nothing."""
    now = [5.0]
    rates, session = Rates(lambda: now[0]), Asking()
    passed = []
    for number in range(4_000):
        now[0] += 0.1 / MESSAGES.per_second
        with suppress(ChatError):
            rates.check(session, "message")
            passed.append(number)
    assert MESSAGES.burst < len(passed) < 1.5 * MESSAGES.burst
    assert passed[-1] < 3 * MESSAGES.burst


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
    assert limiter.take("c", 0.0) == 10.0
    limiter.take("b", 0.0)
    assert [limiter.take(name, 0.0) for name in ("c", "a")] == [10.0, 0.0]


@dataclass
class Asking:
    """A session as the rates see it."""

    address: str = "192.0.2.1"
    buckets: Buckets = field(default_factory=Buckets)


@pytest.mark.parametrize(
    ("rate_limit", "rate"), [("message", MESSAGES), ("request", REQUESTS), ("sign_in", SIGN_INS)]
)
def test_rates_refuse_what_is_over_the_burst(rate_limit: str, rate: Rate) -> None:
    """Each kind of request has its own rate: what is above it is refused with the time to wait."""
    rates, session = Rates(lambda: 5.0), Asking()
    for _ in range(int(rate.burst)):
        rates.check(session, rate_limit)
    with pytest.raises(ChatError) as caught:
        rates.check(session, rate_limit)
    assert caught.value.code == ErrorCode.RATE_LIMITED
    assert caught.value.extra["retry_after"] == round_up_wait(1 / rate.per_second)
    others = {"message", "request", "sign_in", "free"} - {rate_limit}
    for other in others:
        rates.check(session, other)


def test_rates_count_messages_by_user_and_sign_ins_by_address() -> None:
    """Another user has a rate of messages of his own, but at the same address not of attempts to sign in."""
    rates = Rates(lambda: 5.0)
    first, second = Asking(buckets=rates.buckets_of(1)), Asking(buckets=rates.buckets_of(2))
    for _ in range(int(MESSAGES.burst)):
        rates.check(first, "message")
    rates.check(second, "message")
    for _ in range(int(SIGN_INS.burst)):
        rates.check(first, "sign_in")
    with pytest.raises(ChatError):
        rates.check(second, "sign_in")
    rates.check(Asking("192.0.2.2"), "sign_in")


def test_connections_of_one_user_share_one_rate() -> None:
    """A user who comes back, or is connected three times, may not send three times as much."""
    rates = Rates(lambda: 5.0)
    for _ in range(int(MESSAGES.burst)):
        rates.check(Asking(buckets=rates.buckets_of(1)), "message")
    with pytest.raises(ChatError):
        rates.check(Asking(buckets=rates.buckets_of(1)), "message")


def test_rates_remember_a_bounded_number_of_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more users than are remembered, the least recent one starts again."""
    monkeypatch.setattr("chat_server.live.rates.USERS_REMEMBERED", 2)
    rates = Rates(lambda: 5.0)
    first = rates.buckets_of(1)
    rates.buckets_of(2)
    assert rates.buckets_of(1) is first
    second = rates.buckets_of(2)
    rates.buckets_of(3)
    assert rates.buckets_of(2) is second
    assert rates.buckets_of(1) is not first


def test_returns_with_a_token_are_counted_by_user_beside_other_requests() -> None:
    """Two hundred come back at once, as after a restart with many files on their way; then five a second."""
    now = [5.0]
    rates = Rates(lambda: now[0])
    for _ in range(200):
        rates.check_return(1)
    with pytest.raises(ChatError) as caught:
        rates.check_return(1)
    assert (caught.value.code, caught.value.extra["retry_after"]) == (ErrorCode.RATE_LIMITED, 0.2)
    rates.check_return(2)
    now[0] += 0.2
    rates.check_return(1)


def test_returns_are_counted_among_the_requests() -> None:
    """Who has used up what he may ask for does not get more by coming back."""
    rates = Rates(lambda: 5.0)
    session = Asking(buckets=rates.buckets_of(1))
    for _ in range(int(REQUESTS.burst)):
        rates.check(session, "request")
    with pytest.raises(ChatError):
        rates.check_return(1)


def test_refusals_are_counted_until_there_are_too_many() -> None:
    """A thousand refused requests are answered; after them the connection is to be closed."""
    rates, session = Rates(lambda: 5.0), Asking()
    for _ in range(1_000):
        rates.check_refusal(session)
    with pytest.raises(ChatError):
        rates.check_refusal(session)


def test_wrong_passwords_are_counted_by_name_and_address() -> None:
    """Guessing one name's password stops; others at the same address may still sign in."""
    rates = Rates(lambda: 5.0)
    for _ in range(int(GUESSES.burst)):
        rates.check_guess("192.0.2.1", "alice")
    with pytest.raises(ChatError):
        rates.check_guess("192.0.2.1", "alice")
    rates.check_guess("192.0.2.1", "bob")
    rates.check_guess("192.0.2.2", "alice")


def test_rates_that_are_switched_off_refuse_nothing() -> None:
    """`--no-limits` lets everything pass."""
    rates, session = Rates(lambda: 5.0, enforced=False), Asking()
    for _ in range(1_000):
        rates.check(session, "message")
        rates.check_guess("192.0.2.1", "alice")


def test_connections_of_a_user_are_counted_where_rates_are() -> None:
    """A benchmark has as many as it likes."""
    limits = Limits(connections_per_user=7)
    rates = {enforced: Rates(lambda: 0.0, enforced=enforced, limits=limits) for enforced in (True, False)}
    assert rates[True].connections_per_user == 7
    assert rates[False].connections_per_user > 10**6


def test_codes_of_one_address_have_their_rate() -> None:
    """As wrong passwords for one name have; other addresses and names are not concerned."""
    rates = Rates(lambda: 0.0, limits=Limits(guesses_burst=2))
    for _ in range(2):
        rates.check_code("192.0.2.1")
    with pytest.raises(ChatError) as caught:
        rates.check_code("192.0.2.1")
    assert caught.value.code == ErrorCode.RATE_LIMITED
    rates.check_code("192.0.2.2")
    rates.check_guess("192.0.2.1", "alice")
