"""Which answer belongs to which request: refs, callbacks and time-outs; it knows no room and no socket."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.replies import reply_of
from chat_protocol.request import Request

_log = logging.getLogger("chat.client.requests")

# What each request is answered with stands in `chat_protocol.replies.REPLIES`.
Answered = Callable[[Any], None]
Refused = Callable[[ChatError], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: Request
    answered: Answered
    refused: Refused


class PendingReplies:
    """Number requests and call back when their answers come.

    `transmit` hands a frame to the present connection; until it is set, frames are lost.
    """

    def __init__(self) -> None:
        self.transmit: Callable[[dict[str, Any]], None] = lambda _frame: None
        self._waiting: dict[int, _Waiting] = {}
        self._last_ref = 0

    def ask(self, request: Request, answered: Answered, refused: Refused) -> None:
        """Send a request; exactly one of the two is called."""
        self._last_ref += 1
        self._waiting[self._last_ref] = _Waiting(request, answered, refused)
        self.transmit(request.to_frame(self._last_ref))

    def take(self, frame: dict[str, Any]) -> None:
        """Apply an `ok` or an `error`; one that answers nothing, or that cannot be read, is logged."""
        ref = frame.get("ref")
        waiting = self._waiting.pop(ref, None) if isinstance(ref, int) else None
        if waiting is None:
            _log.warning("an answer to no request: %s %s", frame.get("type"), frame.get("code", ""))
            return
        if frame["type"] == "error":
            waiting.refused(ChatError.from_frame(frame))
            return
        try:
            reply = reply_of(waiting.request, frame)
        except ValueError as error:
            _log.warning("%s", error)
            waiting.refused(ChatError(ErrorCode.INTERNAL, "The server's answer cannot be read."))
            return
        waiting.answered(reply)

    def fail_all(self, code: str) -> None:
        """Mark all requests of a connection that has ended as refused with this code."""
        waiting, self._waiting = self._waiting, {}
        error = ChatError(code, "The connection has ended.")
        for item in waiting.values():
            item.refused(error)
