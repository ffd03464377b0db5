"""A client's own thread: greet, read, decode, dispatch, answer; it must not know what the requests do.

Blocking is allowed here: in the database, and while too many of this client's messages are on their way.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.frames import (
    FrameDecoder,
    FrameTooLarge,
    decode_object,
    encode_frame,
    may_hold_half_a_pair,
)
from chat_protocol.request import Ref, Request
from chat_protocol.request_reading import parse_request, ref_of, require_whole_characters, type_of
from chat_protocol.requests import (
    History,
    Login,
    Logout,
    Members,
    Password,
    Register,
    Resume,
    Search,
    Send,
    Sync,
    Users,
)
from chat_protocol.server_events import Hello
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import Answer, check_access, dispatch, handler_of
from chat_server.conversation.transfers import Pace, run_download, run_upload
from chat_server.limits import RETRY_AFTER_S, STRANGER_PAUSE_S
from chat_server.live.rates import too_fast
from chat_server.live.session import Session
from chat_server.live.strangers import CONNECTION_COST
from chat_server.live.timer import ScheduledJob, Timer
from chat_server.measurements import Measurements
from chat_server.net.connection import NO_TURNS, Connection
from chat_server.pipeline.batches import BatchQueue
from chat_server.services.files.downloads import Outgoing
from chat_server.services.files.uploads import Incoming
from chat_server.services.messages.messages import Submission
from chat_server.storage.core.errors import StorageError, StorageUnavailable

_log = logging.getLogger("chat.client")
_SUBMIT_WAIT_S: Final = 4.0  # for a place in the commit's queue; `unavailable` is promised within 5 s
_FULL_RETRY_AFTER_S: Final = 60
_SIGN_INS: Final = (Register, Login, Resume)
_HASHING: Final = (Register, Login, Password)  # wait for turns of their own, and work beside the interpreter
_ASKING: Final = (History, Members, Search, Sync, Users)  # change nothing
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ClientContext:
    """What every client thread needs.

    :param submissions: the commit thread's queue.
    :param greeting: makes the current `hello`.
    :param clock: milliseconds since 1970 UTC.
    :param measurements: where sign-ins and refusals are counted.
    :param is_crowded: whether the last places are being taken, which only a token opens.
    :param pause: sleeps for some seconds.
    """

    services: Services
    submissions: BatchQueue[Submission]
    timer: Timer
    greeting: Callable[[], Hello]
    clock: Callable[[], int]
    handshake_s: float
    sign_in_s: float
    measurements: Measurements = field(default_factory=Measurements)
    is_crowded: Callable[[], bool] = bool
    pause: Callable[[float], object] = time.sleep


class ClientThread:
    """One client from its first byte to its last."""

    def __init__(self, connection: Connection, address: str, common: ClientContext) -> None:
        self._connection = connection
        self._common = common
        self._session = Session(next(_numbers), connection, address, common.clock())
        self._decoder = FrameDecoder()
        self._ready: list[Submission] = []  # checked, to be submitted in one piece

    def run(self) -> None:
        """Serve the client until it ends, then clean up."""
        threading.current_thread().name = f"client-{self._session.id}"
        services = self._common.services
        services.registry.opened(self._session)
        try:
            if self._handshake():
                self._converse()
        except Exception:  # a bug must cost this client's connection, not the server's log of what happened
            _log.exception("client %d failed", self._session.id)
        finally:
            self._leave()
            self._connection.close()

    def _leave(self) -> None:
        services, session = self._common.services, self._session
        with NO_TURNS if session.signed_in else self._turn():
            services.registry.closed(session)
            if session.signed_in:
                services.presence.left(session)
            else:
                services.strangers.charge(session.address, CONNECTION_COST)

    def _handshake(self) -> bool:
        deadline = self._common.timer.after(self._common.handshake_s, self._connection.abandon)
        try:
            return self._connection.handshake(self._turn())
        finally:
            deadline.cancel()

    def _converse(self) -> None:
        self._connection.write(encode_frame(self._common.greeting().to_frame()))
        deadline: ScheduledJob | None = self._common.timer.after(self._common.sign_in_s, self._end_guest)
        while (data := self._receive()) is not None:
            if not data:
                continue
            self._session.last_active_at = self._common.clock()
            self._lines(data)
            if self._connection.ending:
                self._drain()
                return
            if deadline is not None and self._session.signed_in:
                deadline.cancel()
                deadline = None

    def _receive(self) -> bytes | None:
        session, now = self._session, time.monotonic()
        session.line_since_s = min(session.line_since_s, now) if self._decoder.in_line else inf
        session.waiting_since_s = now
        data = self._connection.receive()
        session.waiting_since_s = inf
        return data

    def _lines(self, data: bytes) -> None:
        lines = self._decoder.feed(data)
        if lines:
            self._session.line_since_s = inf  # what is left is another one
        for line in lines:
            self._line(line)
            if self._connection.ending:  # behind a `logout` nothing is carried out
                return
        self._submit()
        if self._decoder.too_large:
            self._session.wait_until_answered()
            self._connection.end(encode_frame(FrameTooLarge().to_frame()))

    def _drain(self) -> None:
        """Read on without answering: a close with bytes unread would be a reset, and lose the last frame."""
        while self._connection.receive() is not None:
            pass  # the flusher ends who lingers

    def _end_guest(self) -> None:
        if not self._session.signed_in:
            self._connection.end(
                encode_frame(ChatError(ErrorCode.NOT_SIGNED_IN, "You did not sign in in time.").to_frame())
            )

    def _line(self, line: bytes) -> None:
        ref: Ref = None
        request: Request | None = None
        was_guest = not self._session.signed_in
        wait_s = self._keep_stranger_waiting() if was_guest else 0.0  # a bad line, too
        try:
            with self._turn():
                frame = decode_object(line)
                ref = ref_of(frame)
                if wait_s:
                    raise too_fast(wait_s)
                request = self._request(line, frame)
                if type(request) is Send:  # in the same turn: there are as many of them as of all others
                    self._prepare(ref, request)
            if was_guest:
                self._check_place(request)
            if type(request) is not Send:
                self._carry_out(ref, request)
        except Exception as error:
            self._submit()
            self._session.wait_until_answered()
            with self._turn():
                self._common.services.right_of_way.give()
                self._refuse(ref, request, error)
        if was_guest and not self._session.signed_in:
            self._common.services.strangers.charge(self._session.address)

    def _carry_out(self, ref: Ref, request: Request) -> None:
        """Carry out what may ask for what was said before: it has to be stored."""
        self._submit()
        self._session.wait_until_answered()
        if self._common.services.messages.stores(type(request)):
            with self._turn():
                self._prepare(ref, request)
            return
        if not self._connection.wait_until_read() and isinstance(request, _ASKING):
            return  # nobody is there to read the pages
        with NO_TURNS if isinstance(request, _HASHING) else self._turn():
            self._common.services.right_of_way.give()
            answer = dispatch(self._common.services, self._session, request)
        self._answer(ref, answer)
        if isinstance(request, _SIGN_INS):
            self._note_sign_in()
        if type(request) is Logout:
            self._session.end()

    def _refuse(self, ref: Ref, request: Request | None, error: Exception) -> None:
        refusal = to_chat_error(error)
        self._note_refusal(refusal, request, error)
        self._session.refuse(ref, refusal)
        self._count_refusal()

    def _turn(self) -> AbstractContextManager[None]:
        """Return the turn at this client's work: its user's, or that of strangers at its address."""
        if self._session.signed_in:
            return self._session.buckets.turn
        return self._common.services.strangers.turn(self._session.address)

    def _answer(self, ref: Ref, answer: Answer) -> None:
        if isinstance(answer, Incoming):
            self._upload(ref, answer)
        elif isinstance(answer, Outgoing):
            run_download(self._connection, ref, answer, self._pace())
        else:
            self._session.answer(ref, answer)

    def _upload(self, ref: Ref, incoming: Incoming) -> None:
        try:
            run_upload(self._connection, self._session, ref, incoming, self._pace())
        except Exception as error:
            refusal = to_chat_error(error)
            self._note_refusal(refusal, None, error)
            # Nothing tells the rest of the bytes from lines.
            self._connection.end(encode_frame(refusal.to_frame(ref)))

    def _pace(self) -> Pace:
        return Pace(self._common.services.files.limits.transfer_min_rate)

    def _keep_stranger_waiting(self) -> float:
        """Return for how long a stranger has to wait, after a pause if he has to: a flood is then no work."""
        if wait_s := self._common.services.strangers.wait_s(self._session.address):
            self._common.pause(min(wait_s, STRANGER_PAUSE_S))
        return wait_s

    def _check_place(self, request: Request) -> None:
        """Leave the last places to those who come back with a token."""
        if isinstance(request, Login | Register) and self._common.is_crowded():
            raise ChatError(
                ErrorCode.UNAVAILABLE, "The server is full; try again later.", retry_after=_FULL_RETRY_AFTER_S
            )

    def _count_refusal(self) -> None:
        """Close the connection of a client that goes on and on past refusals; a bad line is one, too."""
        try:
            self._common.services.rates.check_refusal(self._session)
        except ChatError as error:
            self._connection.end(encode_frame(error.to_frame()))

    def _note_sign_in(self) -> None:
        self._common.measurements.sign_ins.add("ok")
        self._common.services.strangers.know(self._session.address)
        _log.info("%s signed in from %s", self._session.username, self._session.address)

    def _note_refusal(self, refusal: ChatError, request: Request | None, error: Exception) -> None:
        measurements = self._common.measurements
        measurements.refusals.add(refusal.code)
        if isinstance(error, StorageError):
            measurements.database_errors.add("request")
        if isinstance(request, _SIGN_INS):
            measurements.sign_ins.add(refusal.code)
            name = getattr(request, "username", "")  # a token's owner is not known
            whose = f" of {name!r}" if name else ""
            _log.info("a sign-in%s from %s was refused: %s", whose, self._session.address, refusal.code)

    def _request(self, line: bytes, frame: dict[str, Any]) -> Request:
        """Read a request; to a user who may not make it at all, its form is not what is said to be wrong."""
        try:
            if may_hold_half_a_pair(line):
                require_whole_characters(frame)
            return parse_request(frame)
        except ChatError:
            kind = type_of(frame)
            if kind is not None:
                stored = self._common.services.messages.stores(kind)
                check_access(self._session, kind, "member" if stored else handler_of(kind).access)
            raise

    def _prepare(self, ref: Ref, request: Request) -> None:
        check_access(self._session, type(request), "member")
        self._common.services.rates.check(self._session, "message")
        self._ready.append(self._common.services.messages.prepare(self._session, ref, request))

    def _submit(self) -> None:
        if not self._ready:
            return
        self._session.wait_for_room()
        ready, self._ready = self._ready, []
        self._session.submitted(len(ready))
        if not self._common.submissions.put(ready, _SUBMIT_WAIT_S):
            self._session.submitted(-len(ready))
            self._session.wait_until_answered()
            for submission in ready:
                self._session.refuse(submission.ref, _FULL)


_FULL = ChatError(ErrorCode.UNAVAILABLE, "The server is too busy to store messages just now; send it again.")


def to_chat_error(error: Exception) -> ChatError:
    """Map what a handler raised to what the client is told: the one place where errors meet the wire."""
    if isinstance(error, ChatError):
        return error
    if isinstance(error, StorageUnavailable):
        message = "The database does not answer; try again in a moment."
        return ChatError(ErrorCode.UNAVAILABLE, message, retry_after=RETRY_AFTER_S)
    if isinstance(error, StorageError):
        _log.error("the database refused a request: %s", error)
        return ChatError(ErrorCode.UNAVAILABLE, "The database could not carry this out.")
    _log.error("a request failed", exc_info=error)
    return ChatError(
        ErrorCode.INTERNAL, "Something went wrong in the server; its administrator can see what."
    )
