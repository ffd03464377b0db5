"""How much one client, or one address, may ask for; it knows no request and reads no clock of its own."""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass

from chat_protocol.errors import ChatError, ErrorCode


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_second` for ever after."""

    burst: float
    per_second: float


class TokenBucket:
    """A token bucket that starts full; for one thread at a time.

    After a refusal it stays shut for as long as the refusal says: of several messages on their way, a later
    one must not slip in before the one that was refused.
    """

    __slots__ = ("_at", "_shut_until", "_used")

    def __init__(self) -> None:
        self._used = 0.0
        self._at = 0.0
        self._shut_until = 0.0

    def take(self, rate: Rate, now: float) -> float:
        """Take one token; return 0, or the seconds until there will be one (then nothing was taken).

        :param now: seconds of a clock that never goes back.
        """
        self._used = max(0.0, self._used - (now - self._at) * rate.per_second)
        self._at = now
        if now < self._shut_until:
            return self._shut_until - now
        if self._used + 1 > rate.burst:
            wait_s = told_s((self._used + 1 - rate.burst) / rate.per_second)
            self._shut_until = now + wait_s
            return wait_s
        self._used += 1
        return 0.0


class AddressLimiter:
    """A token bucket for each address, the least recently used forgotten first.

    :param rate: how often an address may try.
    :param remember: how many addresses are kept; bounded, because there are 2^128.
    """

    def __init__(self, rate: Rate, remember: int = 10_000) -> None:
        self._rate = rate
        self._remember = remember
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._lock = threading.Lock()  # guards the buckets

    def take(self, address: str, now: float) -> float:
        """Take one token of the address; return 0, or the seconds to wait."""
        with self._lock:
            bucket = self._buckets.setdefault(address, TokenBucket())
            self._buckets.move_to_end(address)
            if len(self._buckets) > self._remember:
                self._buckets.popitem(last=False)
            return bucket.take(self._rate, now)


def told_s(wait_s: float) -> float:
    """Return a wait as clients are told it, in seconds: never less than it is, to the tenth."""
    return math.ceil(wait_s * 10) / 10


def too_fast(wait_s: float) -> ChatError:
    """Return the error that says when to come back."""
    seconds = told_s(wait_s)
    message = f"Too many requests; try again in {seconds:g} s."
    return ChatError(ErrorCode.RATE_LIMITED, message, retry_after=seconds)
