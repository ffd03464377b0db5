"""The record of administrative acts, refused attempts included; it must not know what the acts do.

Runs on the thread of whoever acts.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from chat_protocol.errors import ChatError
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError, StorageUnavailable
from chat_server.storage.core.records import AuditRecord

_log = logging.getLogger("chat.audit")

LISTING_MAX: Final = 500
WAITING_MAX: Final = 1_000  # entries kept while the database is away; the log has every one of them
DETAIL_MAX_CHARS: Final = 1_000
TARGET_MAX_CHARS: Final = 200

Entry = tuple[int, str, str, str, str, str, bool]  # at, actor, origin, action, target, detail, allowed


class Act:
    """Collect what is said about one act while it is carried out."""

    def __init__(self, target: str, detail: str) -> None:
        self.target = target
        self.detail = detail

    def note(self, text: str) -> None:
        """Add to the detail, such as how many connections the act ended."""
        self.detail = f"{self.detail}; {text}" if self.detail else text


class Audit:
    """Keep who did what, when, from where, on whom and why. Nothing changes or removes an entry.

    :param storage: where entries are kept.
    :param clock: returns milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._clock = clock
        #: Names this server among several; empty for one that is alone.
        self.server: Callable[[], str] = lambda: ""
        self._lock = threading.Lock()  # guards _waiting
        self._waiting: deque[Entry] = deque(maxlen=WAITING_MAX)

    @contextmanager
    def act(self, actor: Actor, action: str, target: str = "", detail: str = "") -> Iterator[Act]:
        """Record what the block does, with how it ended: done, refused (:class:`ChatError`) or failed."""
        act = Act(target, detail)
        try:
            yield act
        except ChatError as refusal:
            act.note(f"refused: {refusal.message}")
            self.record(actor, action, act.target, act.detail, allowed=False)
            raise
        except Exception as failure:
            act.note(f"failed: {type(failure).__name__}")
            self.record(actor, action, act.target, act.detail, allowed=False)
            raise
        self.record(actor, action, act.target, act.detail)

    def record(
        self, actor: Actor, action: str, target: str = "", detail: str = "", *, allowed: bool = True
    ) -> None:
        """Store one entry; while the database is away it waits in memory, and the log has it in any case."""
        detail, target = detail[:DETAIL_MAX_CHARS], target[:TARGET_MAX_CHARS]
        server = self.server()
        origin = f"{actor.origin} on {server}" if server else actor.origin
        entry = (self._clock(), actor.name, origin, action, target, detail, allowed)
        _log.info(
            "%s by %s (%s) on %s: %s%s",
            action,
            *entry[1:3],
            target or "-",
            detail,
            "" if allowed else " (not done)",
        )
        with self._lock:
            self._waiting.append(entry)
        self._store_waiting()

    def entries(
        self, since: int | None = None, by: str | None = None, on: str | None = None
    ) -> Sequence[AuditRecord]:
        """Return the newest entries, oldest first, by whom and on whom they were where asked."""
        self._store_waiting()
        return self._storage.audit.listing(since=since, by=by, on=on, limit=LISTING_MAX)

    def page(
        self, asker: Actor, before: int | None, limit: int, by: str | None = None, on: str | None = None
    ) -> Sequence[AuditRecord]:
        """Return entries for an administrator, the newest first.

        :param before: only those with a lower id.
        :raises ChatError: `forbidden`, which is in the audit itself.
        """
        if not asker.may_act_as("admin"):
            with self.act(asker, "audit"):
                require(asker, "admin")
        self._store_waiting()
        return self._storage.audit.listing(by=by, on=on, limit=limit, before=before)[::-1]

    def _store_waiting(self) -> None:
        """Store what waits, oldest first. An entry is taken out before it is stored, so two threads never
        both do.
        """
        while True:
            with self._lock:
                if not self._waiting:
                    return
                entry = self._waiting.popleft()
            try:
                self._storage.audit.add(*entry)
            except StorageUnavailable:
                with self._lock:
                    self._waiting.appendleft(entry)
                return
            except StorageError as error:
                _log.error("an entry of the audit stands only here, in the log: %s", error)
