"""How much one client, or one address, may ask for, and how much at a time; not what the requests do."""

import math
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.limits import Limits
from chat_server.live.address_groups import address_groups
from chat_server.live.guesses import Guesses


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_second` for ever after."""

    burst: float
    per_second: float


INSISTING_MAX_S: Final = 10.0  # for so long is shut out who goes on and on while he is refused
TURN_WAIT_MAX_S: Final = 1.0  # then without a turn: whom a database keeps waiting does not keep others
RIGHT_OF_WAY_MAX_S: Final = 0.05  # ten times what a message takes in calm
USERS_REMEMBERED: Final = 50_000  # of whom the least recent one starts with full buckets again

_USUAL: Final = Limits()
MESSAGES: Final = Rate(_USUAL.messages_burst, _USUAL.messages_per_second)
REQUESTS: Final = Rate(_USUAL.requests_burst, _USUAL.requests_per_second)
SIGN_INS: Final = Rate(_USUAL.sign_ins_burst, _USUAL.sign_ins_per_second)
GUESSES: Final = Rate(_USUAL.guesses_burst, _USUAL.guesses_per_second)


class TokenBucket:
    """A token bucket that starts full; any thread takes from it, for all connections of a user share one.

    After a refusal it stays shut for as long as the refusal says: of several messages on their way, a later
    one must not slip in before the one that was refused.
    """

    __slots__ = ("_at", "_lock", "_refused", "_shut_until", "_used")

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below
        self._used = 0.0
        self._at = 0.0
        self._shut_until = 0.0
        self._refused = 0.0  # while it was shut; forgiven as fast as tokens come

    def take(self, rate: Rate, now: float, insisting_max_s: float = 0.0) -> float:
        """Take one token; return 0, or the seconds until there will be one (then nothing was taken).

        :param now: seconds of a clock that never goes back.
        :param insisting_max_s: for how long at most it stays shut to whoever goes on while it is. As many as
            a burst holds were on their way; each further one costs as long as a token takes to come.
        """
        with self._lock:
            forgiven = max(0.0, now - self._at) * rate.per_second
            self._used = max(0.0, self._used - forgiven)
            self._refused = max(0.0, self._refused - forgiven)
            self._at = now
            if now < self._shut_until:
                if self._refused < rate.burst:
                    self._refused += 1
                else:
                    later = min(self._shut_until + 1 / rate.per_second, now + insisting_max_s)
                    self._shut_until = max(self._shut_until, later)
                return self._shut_until - now
            if self._used + 1 > rate.burst:
                wait_s = round_up_wait((self._used + 1 - rate.burst) / rate.per_second)
                self._shut_until = now + wait_s
                return wait_s
            self._used += 1
            return 0.0


class Turn:
    """What a few threads may be at, while others wait. A context manager that many threads share, each once.

    One thread at a time runs Python, and each that wants to waits for all others that do: in a delivery to a
    hundred readers, two hundred times. So the threads of one user, of one address, and of all strangers
    together are at work a few at a time, and whoever has fifty connections is not fifty against one.

    :param places: how many may be at it.
    :param give_way: called by each before it begins, with its place.
    """

    __slots__ = ("_give_way", "_holders", "_places")

    def __init__(self, places: int = 1, give_way: Callable[[], object] = bool) -> None:
        self._places = threading.Lock() if places == 1 else threading.BoundedSemaphore(places)
        self._holders: set[int] = set()  # threads; each adds and removes itself alone
        self._give_way = give_way

    def __enter__(self) -> None:
        if self._places.acquire(timeout=TURN_WAIT_MAX_S):
            self._holders.add(threading.get_ident())
        self._give_way()

    def __exit__(self, *_error: object) -> None:
        me = threading.get_ident()
        if me in self._holders:
            self._holders.remove(me)
            self._places.release()


class RightOfWay:
    """Messages on their way, and who lets them pass first; any thread.

    A delivery gives the interpreter away at each `send`, a hundred times a message, and whoever has taken it
    meanwhile keeps it for up to a switch interval. So who has anything else to do waits until the messages
    are delivered: some milliseconds. It never lasts: a flood, or a database that does not answer, has
    messages on their way all the time, and after :data:`RIGHT_OF_WAY_MAX_S` of it nobody waits any more.

    :param clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # guards the two below
        self._messages = 0
        self._until = 0.0
        self._passed = threading.Event()

    def begin(self, messages: int = 1) -> None:
        """Let so many messages have the right of way."""
        with self._lock:
            if not self._messages:
                self._until = self._clock() + RIGHT_OF_WAY_MAX_S
                self._passed.clear()
            self._messages += messages

    def end(self, messages: int = 1) -> None:
        """Tell that so many of them are delivered."""
        with self._lock:
            self._messages -= messages
            if not self._messages:
                self._passed.set()

    def give(self) -> None:
        """Wait while messages have the right of way; called before a piece of other work."""
        if self._messages and (left_s := self._until - self._clock()) > 0:
            self._passed.wait(left_s)


class Buckets:
    """What the requests of one user are counted in, over all connections; or those of one guest.

    `turn` is the user's at the work of his requests.
    """

    __slots__ = ("messages", "refusals", "requests", "returns", "turn")

    def __init__(self) -> None:
        self.messages = TokenBucket()
        self.requests = TokenBucket()
        self.refusals = TokenBucket()
        self.returns = TokenBucket()
        self.turn = Turn()


class AddressLimiter:
    """A token bucket for each address, the least recently used forgotten first.

    :param rate: how often an address may try.
    :param remember: how many addresses are kept; bounded, because there are 2^128.
    """

    def __init__(self, rate: Rate, remember: int = 10_000) -> None:
        self.rate = rate  # replaced as a whole, by any thread
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
            return bucket.take(self.rate, now)


class Limited(Protocol):
    """What a session counts its requests in."""

    buckets: Buckets

    @property
    def address(self) -> str:
        """Where its client connects from."""
        ...


class Rates:
    """Refuse what comes too fast.

    :param clock: seconds that never go back.
    :param enforced: False lets everything pass (`--no-limits`, for benchmarks).
    :param limits: how fast is too fast.
    """

    def __init__(self, clock: Callable[[], float], *, enforced: bool = True, limits: Limits = _USUAL) -> None:
        self._clock = clock
        self._enforced = enforced
        self._sign_ins = AddressLimiter(SIGN_INS)
        self._guesses = AddressLimiter(GUESSES)
        self.guesses = Guesses(clock, enforced=enforced)
        self._lock = threading.Lock()  # guards the users
        self._users: OrderedDict[int, Buckets] = OrderedDict()
        self.apply(limits)

    def apply(self, limits: Limits) -> None:
        """Use these limits from the next request on."""
        self._messages = Rate(limits.messages_burst, limits.messages_per_second)
        self._requests = Rate(limits.requests_burst, limits.requests_per_second)
        self.connections_per_user = limits.connections_per_user if self._enforced else sys.maxsize
        self._refusals = Rate(limits.refusals_burst, limits.refusals_per_second)
        self._returns = Rate(limits.returns_burst, limits.returns_per_second)
        self._sign_ins.rate = Rate(limits.sign_ins_burst, limits.sign_ins_per_second)
        self._guesses.rate = Rate(limits.guesses_burst, limits.guesses_per_second)

    def check(self, session: Limited, rate_limit: str) -> None:
        """Count a request of a session.

        :param rate_limit: `free`, `request`, `message` or `sign_in`.
        :raises ChatError: `rate_limited`.
        """
        if not self._enforced or rate_limit == "free":
            return
        if rate_limit == "message":
            wait = session.buckets.messages.take(self._messages, self._clock(), INSISTING_MAX_S)
        elif rate_limit == "sign_in":
            wait = self._sign_ins.take(address_groups(session.address)[0], self._clock())
        else:
            wait = session.buckets.requests.take(self._requests, self._clock())
        if wait:
            raise too_fast(wait)

    def buckets_of(self, user_id: int) -> Buckets:
        """Return the buckets of a user: the same for all connections, also for those that come later."""
        with self._lock:
            found = self._users.pop(user_id, None) or Buckets()
            self._users[user_id] = found
            if len(self._users) > USERS_REMEMBERED:
                self._users.popitem(last=False)
            return found

    def check_return(self, user_id: int) -> None:
        """Count a sign-in of a user with a token: among the requests, and on its own, as it costs more.

        :raises ChatError: `rate_limited`.
        """
        if not self._enforced:
            return
        buckets, now = self.buckets_of(user_id), self._clock()
        if wait := buckets.returns.take(self._returns, now) or buckets.requests.take(self._requests, now):
            raise too_fast(wait)

    def check_refusal(self, session: Limited) -> None:
        """Count a refused request.

        :raises ChatError: `rate_limited` when there were too many: the connection is to be closed.
        """
        if self._enforced and (wait := session.buckets.refusals.take(self._refusals, self._clock())):
            raise too_fast(wait)

    def check_guess(self, address: str, user_key: str) -> None:
        """Count a wrong password for a name.

        :raises ChatError: `rate_limited`.
        """
        group = address_groups(address)[0]
        if self._enforced and (wait := self._guesses.take(f"{group} {user_key}", self._clock())):
            raise too_fast(wait)

    def check_guesses_of_others(self, address: str, user_key: str) -> None:
        """Let a guess wait for what was guessed before, for that name anywhere or at that address.

        :raises ChatError: `rate_limited`.
        """
        if wait := self.guesses.wait_s(user_key, address):
            raise too_fast(wait)

    def check_code(self, address: str) -> None:
        """Count the code of an invitation, and let it wait for what was guessed at that address before.

        :raises ChatError: `rate_limited`.
        """
        self.check_guess(address, "")
        if wait := self.guesses.wait_for_code_s(address):
            raise too_fast(wait)


def round_up_wait(wait_s: float) -> float:
    """Return a wait as clients are told it, in seconds: never less than it is, to the tenth."""
    return math.ceil(wait_s * 10) / 10


def too_fast(wait_s: float) -> ChatError:
    """Return the error that says when to come back."""
    seconds = round_up_wait(wait_s)
    message = f"Too many requests; try again in {seconds:g} s."
    return ChatError(ErrorCode.RATE_LIMITED, message, retry_after=seconds)
