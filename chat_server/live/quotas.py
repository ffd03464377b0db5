"""The rates at which clients may ask; it must not know what the requests do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chat_server.ratelimit import AddressLimiter, Rate, too_fast

if TYPE_CHECKING:
    from chat_server.session import Session

MESSAGES: Final = Rate(burst=250, per_second=20)  # a pasted page of 200 lines passes, a flood does not
REQUESTS: Final = Rate(burst=200, per_second=50)
SIGN_INS: Final = Rate(burst=60, per_second=2)  # of one address: a whole office may stand behind it
GUESSES: Final = Rate(burst=10, per_second=0.1)  # of one name from one address


class Quotas:
    """Refuse what comes too fast.

    :param clock: seconds that never go back.
    :param enforced: False lets everything pass (`--no-limits`, for benchmarks).
    """

    def __init__(self, clock: Callable[[], float], *, enforced: bool = True) -> None:
        self._clock = clock
        self._enforced = enforced
        self._sign_ins = AddressLimiter(SIGN_INS)
        self._guesses = AddressLimiter(GUESSES)

    def check(self, session: "Session", price: str) -> None:
        """Count a request of a session.

        :param price: `free`, `request`, `message` or `sign_in`.
        :raises ChatError: `rate_limited`.
        """
        if not self._enforced or price == "free":
            return
        if price == "message":
            wait = session.messages.take(MESSAGES, self._clock())
        elif price == "sign_in":
            wait = self._sign_ins.take(session.address, self._clock())
        else:
            wait = session.requests.take(REQUESTS, self._clock())
        if wait:
            raise too_fast(wait)

    def check_guess(self, address: str, user_key: str) -> None:
        """Count a wrong password for a name.

        :raises ChatError: `rate_limited`.
        """
        if self._enforced and (wait := self._guesses.take(f"{address} {user_key}", self._clock())):
            raise too_fast(wait)
