"""What a program says through a webhook, brought the way of every message; it must not know HTTP.

Runs on the thread of the one who posts, which waits until the message is stored.
"""

import json
import threading
from collections.abc import Mapping
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.limits import RETRY_AFTER_S
from chat_server.live.directory import Conversation
from chat_server.live.rates import Buckets, Rates
from chat_server.live.session import Account
from chat_server.pipeline.batches import BatchQueue
from chat_server.services.messages.messages import Submission
from chat_server.services.webhooks.incoming import IncomingWebhooks
from chat_server.storage.core.records import IncomingHookRecord

SUBMIT_WAIT_S: Final = 4.0  # for a place in the commit's queue
STORE_WAIT_S: Final = 10.0  # twice what the commit promises


class Program:
    """Who posts, once: it takes the reply to its one message, and no other frame."""

    quiet = True
    rooms: Mapping[int, Conversation] = {}

    def __init__(self, account: Account, buckets: Buckets, address: str) -> None:
        self.account = account
        self.buckets = buckets
        self.address = address
        self._frames = b""
        self._answered = threading.Event()

    @property
    def user_id(self) -> int:
        """The number of its bot's account."""
        return self.account.user_id

    @property
    def connection(self) -> "Program":
        """What its reply is written to: itself."""
        return self

    def write(self, data: bytes) -> None:
        """Take the reply, on the delivery thread."""
        self._frames += data

    def answered(self, count: int) -> None:
        """Hear, on the delivery thread, that the reply was written."""
        del count  # it has one message
        self._answered.set()

    def wait(self) -> int:
        """Wait for the reply; return the message's seq.

        :raises ChatError: why it was not stored, or `unavailable` when nobody knows yet.
        """
        if not self._answered.wait(STORE_WAIT_S) or not self._frames:
            raise _unavailable("It is not known yet whether the message was stored; send it again.")
        frame = json.loads(self._frames)
        if frame["type"] == "error":
            raise ChatError.from_frame(frame)
        return int(frame["seq"])


class Posting:
    """Let programs speak.

    :param submissions: the commit thread's queue.
    """

    def __init__(self, incoming: IncomingWebhooks, rates: Rates, submissions: BatchQueue[Submission]) -> None:
        self._incoming = incoming
        self._rates = rates
        self._submissions = submissions

    def post(self, hook: IncomingHookRecord, address: str, text: str, key: str = "") -> tuple[str, int]:
        """Say a text in a webhook's room; return the room's name and the message's seq once it is stored.

        :param address: from where, as an IP address.
        :param key: what the program calls the message, so that a repeat is stored once.
        :raises ChatError: as :meth:`IncomingWebhooks.prepare`; `rate_limited`; `unavailable` when it could
            not be stored; `bad_request` when the key was another message's.
        """
        bot = hook.user
        account = Account(bot.id, bot.username, bot.username_key, bot.display_name, bot.role, bot=True)
        program = Program(account, self._rates.buckets_of(bot.id), address)
        self._rates.check(program, "message")
        submission = self._incoming.prepare(hook, program, text, key)
        if not self._submissions.put([submission], SUBMIT_WAIT_S):
            raise _unavailable("The server is too busy to store messages just now; send it again.")
        return submission.conversation.record.name, program.wait()


def _unavailable(message: str) -> ChatError:
    return ChatError(ErrorCode.UNAVAILABLE, message, retry_after=RETRY_AFTER_S)
