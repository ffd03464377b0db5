"""The thread that sends rooms' messages on to webhooks, behind the commit; nothing ever waits for it.

What is to be sent are the room's messages behind the last one that was sent: there is no other queue, so that
nothing is lost by a restart, and nothing grows while a receiver is away.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from chat_server.live.directory import RoomDirectory
from chat_server.measurements import Measurements
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import MessageRecord, OutgoingHookRecord
from chat_server.webhooks.posts import Undelivered, post_signed

_log = logging.getLogger("chat.webhooks")

PAGE: Final = 50
TURN_MAX_S: Final = 5.0  # of one webhook, before the others' turn
RETRY_FIRST_MS: Final = 5_000
RETRY_MAX_MS: Final = 15 * 60_000
GIVE_UP_MS: Final = 86_400_000
STORAGE_RETRY_S: Final = 5.0
SHARED_LOOK_S: Final = 5.0  # another server may have changed the webhooks, or have ended
STOP_S: Final = 0.5  # of the five seconds in which the server stops

Post = Callable[[OutgoingHookRecord, MessageRecord, str, int], None]


class WebhookSender:
    """Send on what is said in rooms that have a webhook.

    :param clock: milliseconds since 1970 UTC.
    :param post: sends one message, in the room of a name; raises :class:`Undelivered`.
    """

    def __init__(
        self,
        storage: Storage,
        directory: RoomDirectory,
        clock: Callable[[], int],
        measurements: Measurements,
        post: Post = post_signed,
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._clock = clock
        self._results = measurements.webhook_sends
        self._post = post
        self._is_ours: Callable[[], bool] | None = None
        self._rooms: frozenset[int] = frozenset()  # that have a webhook; replaced as a whole by the thread
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="webhook-sender", daemon=True)

    def start(self) -> None:
        """Start the thread, with whatever was not sent before the last end."""
        self._wanted.set()
        self._thread.start()

    def share(self, is_ours: Callable[[], bool]) -> None:
        """Send only while this server is the one, of those that share the database, that does so."""
        self._is_ours = is_ours

    def stop(self) -> None:
        """End the thread after the message that it sends; one that takes longer is sent again."""
        self._stopping = True
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def stored(self, room_ids: Iterable[int]) -> None:
        """Hear, on the commit thread, in which rooms something was said."""
        if not self._rooms.isdisjoint(room_ids):
            self._wanted.set()

    def changed(self) -> None:
        """Hear that there are other webhooks than before."""
        self._wanted.set()

    def _run(self) -> None:
        wait_s: float | None = None
        while True:
            self._wanted.wait(wait_s)
            self._wanted.clear()
            if self._stopping:
                return
            try:
                wait_s = self.turn()
            except StorageError as error:  # the storage has logged an outage
                _log.debug("webhooks wait for the database: %s", error)
                wait_s = STORAGE_RETRY_S
            except Exception:  # the thread survives anything: without it nothing would be sent again
                _log.exception("sending to webhooks failed")
                wait_s = STORAGE_RETRY_S

    def turn(self) -> float | None:
        """Send what is due; return in how many seconds more is due, or None."""
        if self._is_ours is not None and not self._is_ours():
            return SHARED_LOOK_S
        hooks = self._storage.webhooks.outgoing()
        self._rooms = frozenset(hook.room_id for hook in hooks)
        due = [self._send(hook) for hook in hooks]
        waits = [when for when in due if when is not None]
        wait_s = max(0, min(waits) - self._clock()) / 1000 if waits else None
        if self._is_ours is None:
            return wait_s
        return SHARED_LOOK_S if wait_s is None else min(wait_s, SHARED_LOOK_S)

    def _send(self, hook: OutgoingHookRecord) -> int | None:
        """Send a webhook's next messages; return when the next ones are due (milliseconds), if any are."""
        room, now = self._directory.by_id(hook.room_id), self._clock()
        if room is None:
            return None
        if hook.retry_at > now:
            return hook.retry_at
        until = time.monotonic() + TURN_MAX_S
        messages = self._storage.messages.after(hook.room_id, hook.sent_seq, PAGE)
        bots = self._bots(messages)
        known_given_up = hook.given_up
        for message in messages:
            try:
                if message.author_id not in bots and message.kind == "text" and not message.deleted:
                    hook = self._send_one(hook, message, room.name)
            except Undelivered as failure:
                hook = self._failed(hook, str(failure))
                break
            hook = replace(hook, sent_seq=message.seq)
            if self._stopping or time.monotonic() >= until:
                break
        if messages:
            self._storage.webhooks.sent(hook)
        if hook.given_up > known_given_up:
            count = hook.given_up - known_given_up
            _log.warning("%d messages were given up, and not sent to the webhook %s", count, hook.name)
        if hook.tries:
            return hook.retry_at
        return now if messages and (len(messages) == PAGE or hook.sent_seq < messages[-1].seq) else None

    def _send_one(self, hook: OutgoingHookRecord, message: MessageRecord, room: str) -> OutgoingHookRecord:
        """Send a message, or give it up: for its age, or because the receiver will never take it.

        :raises Undelivered: when it is to be tried again.
        """
        if message.sent_at < self._clock() - GIVE_UP_MS:
            self._results.add("given_up")
            return replace(hook, given_up=hook.given_up + 1)
        try:
            self._post(hook, message, room, self._clock())
        except Undelivered as failure:
            if not failure.is_final:
                raise
            self._results.add("given_up")
            return replace(hook, given_up=hook.given_up + 1, tries=0, retry_at=0, trouble=str(failure))
        self._results.add("ok")
        return replace(hook, tries=0, retry_at=0, trouble="")

    def _failed(self, hook: OutgoingHookRecord, trouble: str) -> OutgoingHookRecord:
        self._results.add("failed")
        pause_ms = min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** min(hook.tries, 10))
        if not hook.tries:
            _log.warning("the webhook %s does not take messages: %s; they are sent later", hook.name, trouble)
        return replace(hook, tries=hook.tries + 1, retry_at=self._clock() + pause_ms, trouble=trouble)

    def _bots(self, messages: Sequence[MessageRecord]) -> set[int]:
        """Return which authors are bots, whose messages go nowhere: two could answer each other for ever."""
        authors = self._storage.users.by_ids(message.author_id for message in messages)
        return {user_id for user_id, author in authors.items() if author.is_bot}
