"""The sanctions in force, in memory, ready before TLS for each accepted connection; it must not know who
imposes them.

Reads run on the listener and on client threads and take no lock; changes run on any thread.
"""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from chat_server.services.vocabulary.addresses import packed, parse_network
from chat_server.storage import Storage
from chat_server.storage.core.records import SanctionRecord

EXCLUDING: Final = frozenset({"kick", "ban"})
ADDRESS_BITS: Final = {4: 32, 6: 128}
_NEVER: Final = float("inf")

K = TypeVar("K")

Held = tuple[SanctionRecord, ...]


class SanctionBook:
    """Answer at once whether a user or an address is excluded or muted.

    :param storage: read once, at the start.
    :param clock: returns milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, clock: Callable[[], int]) -> None:
        self._clock = clock
        # Serialises changes. Readers take none: each value below is an immutable tuple that is replaced
        # whole, so a reader sees the state before or after a change, never half of one.
        self._lock = threading.Lock()
        self._by_id: dict[int, SanctionRecord] = {}
        self._users: dict[int, Held] = {}
        self._networks: dict[tuple[int, int, int], Held] = {}  # version, prefix length, network bits
        self._lengths: dict[int, tuple[tuple[int, int], ...]] = {4: (), 6: ()}  # prefix length, mask
        for record in storage.sanctions.active(clock()):
            self.add(record)

    def add(self, record: SanctionRecord) -> None:
        """Put a sanction in force."""
        with self._lock:
            self._by_id[record.id] = record
            self._index_locked(record)

    def remove(self, record: SanctionRecord) -> None:
        """End a sanction."""
        with self._lock:
            self._forget_locked(record)

    def check_user(self, user_id: int) -> SanctionRecord | None:
        """Return the kick or ban on a user that lasts longest."""
        return self._longest(self._users.get(user_id, ()))

    def check_address(self, address: str) -> SanctionRecord | None:
        """Return the kick or ban on an address, itself or by its network, that lasts longest."""
        return self._longest(self._on_address(address))

    def mute_of(self, user_id: int, room_id: int, address: str | None = None) -> SanctionRecord | None:
        """Return the mute that keeps a user from writing in a room."""
        mutes = self.mutes_of(user_id, address)
        return next((record for record in mutes if record.room_id in (None, room_id)), None)

    def mutes_of(self, user_id: int, address: str | None = None) -> list[SanctionRecord]:
        """Return the mutes in force on a user, or on the address that the user comes from."""
        held = self._users.get(user_id, ())
        if address is not None:
            held += self._on_address(address)
        now = self._clock()
        return [record for record in held if record.kind == "mute" and _in_force(record, now)]

    def active(self) -> list[SanctionRecord]:
        """Return what is in force, oldest first."""
        now = self._clock()
        with self._lock:
            return [record for record in self._by_id.values() if _in_force(record, now)]

    def expire(self) -> list[SanctionRecord]:
        """Forget what has ended by itself; for the timer thread."""
        now = self._clock()
        with self._lock:
            over = [record for record in self._by_id.values() if not _in_force(record, now)]
            for record in over:
                self._forget_locked(record)
        return over

    def _longest(self, held: Held) -> SanctionRecord | None:
        if not held:
            return None
        now = self._clock()
        excluding = [record for record in held if record.kind in EXCLUDING and _in_force(record, now)]
        return max(excluding, key=_end, default=None)

    def _on_address(self, address: str) -> Held:
        if not self._networks:
            return ()
        try:
            version, value = packed(address)
        except ValueError:
            return ()
        found: Held = ()
        for length, mask in self._lengths[version]:
            found += self._networks.get((version, length, value & mask), ())
        return found

    def _index_locked(self, record: SanctionRecord) -> None:
        if record.user_id is not None:
            self._users[record.user_id] = (*self._users.get(record.user_id, ()), record)
        if record.network is not None:
            key = _network_key(record.network)
            self._networks[key] = (*self._networks.get(key, ()), record)
            self._index_lengths_locked()

    def _forget_locked(self, record: SanctionRecord) -> None:
        if self._by_id.pop(record.id, None) is None:
            return
        if record.user_id is not None:
            _drop(self._users, record.user_id, record)
        if record.network is not None:
            _drop(self._networks, _network_key(record.network), record)
            self._index_lengths_locked()

    def _index_lengths_locked(self) -> None:
        for version, bits in ADDRESS_BITS.items():
            lengths = sorted(
                {length for known, length, _ in self._networks if known == version}, reverse=True
            )
            self._lengths[version] = tuple((length, _mask(bits, length)) for length in lengths)


def _in_force(record: SanctionRecord, now: int) -> bool:
    return record.until is None or record.until > now


def _end(record: SanctionRecord) -> tuple[float, bool]:
    return (_NEVER if record.until is None else record.until), record.kind == "ban"


def _mask(bits: int, length: int) -> int:
    return ((1 << length) - 1) << (bits - length)


def _network_key(text: str) -> tuple[int, int, int]:
    network = parse_network(text)
    return network.version, network.prefixlen, int(network.network_address)


def _drop(held: dict[K, Held], key: K, record: SanctionRecord) -> None:
    left = tuple(other for other in held.get(key, ()) if other.id != record.id)
    if left:
        held[key] = left
    else:
        held.pop(key, None)
