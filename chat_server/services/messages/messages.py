"""Messages: checking what is said, and reading what was said; storing and delivering is the pipeline's.

Runs on client threads.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chat_protocol.emoji import is_emoji
from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import EDIT_WINDOW_MS, REACTIONS_MAX
from chat_protocol.message_replies import ReadMarked
from chat_protocol.names import DIRECT_PREFIX
from chat_protocol.objects import File, Message
from chat_protocol.own_events import ReadEvent
from chat_protocol.paging import fitting_reactions
from chat_protocol.request import Ref, Request
from chat_protocol.requests import Delete, Edit, History, React, Send
from chat_protocol.times import to_rfc3339
from chat_server.live.directory import Conversation
from chat_server.live.session import Sender, Session
from chat_server.services.audience import Audience
from chat_server.services.messages.calling_all import refuse_all
from chat_server.services.messages.unread import ASKED_MAX, count_unread
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.rooms.directs import FORMER_MEMBER, Directs
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import rank
from chat_server.storage import Storage
from chat_server.storage.core.records import FileRecord, MessageRecord, NewMessage, SanctionRecord


@dataclass(slots=True)
class Submission:
    """A message on its way from a client to the database and on to its readers."""

    session: Sender
    ref: Ref
    conversation: Conversation
    message: NewMessage


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A page of a room as one of its members reads it.

    :param messages: in ascending order.
    :param more: whether there are further ones in the direction of reading.
    :param forward: whether it is read towards the newest; a page too long for a frame is cut at its far end.
    """

    conversation: Conversation
    reader_id: int
    messages: Sequence[MessageRecord]
    more: bool
    forward: bool


class Said(Protocol):
    """What `send`, `edit`, `delete` and `react` have in common."""

    @property
    def room(self) -> str:
        """The room by its name or its id."""
        ...

    @property
    def nonce(self) -> str | None:
        """What makes a repeat known as one."""
        ...


class Messages:
    """Check what members say, and read the rooms' histories.

    :param clock: milliseconds since 1970 UTC.
    :param read_on: is told that a user (by number) has read a room up to a seq.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        rooms: Rooms,
        directs: Directs,
        sanctions: SanctionBook,
        clock: Callable[[], int],
        read_on: Callable[[Conversation, int, int], object] = lambda _room, _user_id, _seq: None,
    ) -> None:
        self._storage = storage
        self._read_on = read_on
        self._audience = audience
        self._rooms = rooms
        self._directs = directs
        self._sanctions = sanctions
        self._clock = clock

        self._preparers: dict[type[Request], Callable[[Session, Ref, Any], Submission]] = {
            Send: self.prepare_send,
            Edit: self.prepare_edit,
            Delete: self.prepare_delete,
            React: self.prepare_react,
        }

    def stores(self, kind: type[Request]) -> bool:
        """Return whether requests of a kind are stored as messages."""
        return kind in self._preparers

    def prepare(self, session: Session, ref: Ref, request: Any) -> Submission:
        """Check what is to be said. What was stored before is past all checks: its sender is owed the answer.

        :raises ChatError: as the check for the kind of request says.
        """
        try:
            return self._preparers[type(request)](session, ref, request)
        except ChatError:
            repeat = self._repeat(session, ref, request)
            if repeat is None:
                raise
            return repeat

    def _repeat(self, session: Session, ref: Ref, request: Send | Edit | Delete | React) -> Submission | None:
        """Return a message that was stored before, for its first place; None when nothing was.

        Asked only before a refusal. Whether it is the same message again is for the commit to find.
        """
        nonce = request.nonce
        if nonce is None or not self._storage.messages.has_nonce(session.user_id, nonce):
            return None
        conversation = self._rooms.known(session, request.room)
        if conversation is None:
            return None
        kind = "text" if isinstance(request, Send) else request.TYPE
        target = None if isinstance(request, Send) else request.seq
        message = NewMessage(conversation.id, session.user_id, "", nonce, kind, target, repeat=True)
        return Submission(session, ref, conversation, message)

    # -- saying -----------------------------------------------------------------------------------

    def prepare_send(self, session: Session, ref: Ref, request: Send) -> Submission:
        """Check something said and return it ready to be stored.

        :raises ChatError: `no_such_room`, `no_such_user`, `not_a_member`, `muted`, `forbidden` or
            `all_forbidden`.
        """
        conversation = self.place_to_write(session, request)
        refuse_all(self._storage, session, conversation, request.body)
        nonce = request.nonce or new_nonce()
        message = NewMessage(
            conversation.id,
            session.user_id,
            request.body,
            nonce,
            "text",
            None,
            request.reply_to,
            files=self._files(session, conversation, request) if request.files else (),
        )
        return Submission(session, ref, conversation, message)

    def prepare_text(self, sender: Sender, conversation: Conversation, body: str, nonce: str) -> Submission:
        """Return what a program says, ready to be stored, where nothing keeps its bot from it.

        :raises ChatError: `muted` or `all_forbidden`.
        """
        self._refuse_silenced(sender, conversation)
        refuse_all(self._storage, sender, conversation, body)
        message = NewMessage(conversation.id, sender.user_id, body, nonce)
        return Submission(sender, None, conversation, message)

    def place_to_write(self, session: Session, request: Said) -> Conversation:
        """Return the conversation that a request names, where its user may say something.

        :raises ChatError: `no_such_room`, `no_such_user`, `not_a_member`, `muted` or `forbidden`.
        """
        if request.room.startswith(DIRECT_PREFIX):
            conversation = self._directs.open(session, request.room)
        else:
            conversation = self._rooms.conversation(session, request.room)
            self._directs.require_partner(session, conversation)
        self._refuse_silenced(session, conversation)
        return conversation

    def is_direct_of(self, session: Session, room_id: int) -> bool:
        """Return whether a number is that of a private conversation of the user."""
        room = self._storage.rooms.by_id(room_id)
        return room is not None and room.kind == "direct" and session.user_id in (room.user_a, room.user_b)

    def prepare_edit(self, session: Session, ref: Ref, request: Edit) -> Submission:
        """Check a new text for the user's own message, within a day of its sending.

        :raises ChatError: `no_such_message`, or `forbidden` for another's message or one that is too old;
            `all_forbidden`.
        """
        conversation, target = self._target(session, request, request.seq)
        if target.author_id != session.user_id:
            raise ChatError(ErrorCode.FORBIDDEN, "Only the author may edit a message.")
        if self._clock() - target.sent_at > EDIT_WINDOW_MS:
            raise ChatError(ErrorCode.FORBIDDEN, "A message may be edited for 24 hours.")
        refuse_all(self._storage, session, conversation, request.body)
        return self._change(session, ref, conversation, request, "edit", request.seq, request.body)

    def prepare_delete(self, session: Session, ref: Ref, request: Delete) -> Submission:
        """Check a deletion: of the user's own message; a moderator's may be of any outside private rooms.

        :raises ChatError: `no_such_message` or `forbidden`.
        """
        conversation, target = self._target(session, request, request.seq)
        moderates = rank(session.role) >= rank("moderator") and not conversation.is_direct
        if target.author_id != session.user_id and not moderates:
            raise ChatError(ErrorCode.FORBIDDEN, "Only the author or a moderator may delete a message.")
        return self._change(session, ref, conversation, request, "delete", request.seq, "")

    def prepare_react(self, session: Session, ref: Ref, request: React) -> Submission:
        """Check an emoji under a message.

        :raises ChatError: `no_such_message`; `bad_request` for letters instead of an emoji; `forbidden` when
            the message has too many different ones.
        """
        if request.on and not is_emoji(request.emoji):
            raise _no_emoji()
        conversation, target = self._target(session, request, request.seq)
        if not is_emoji(request.emoji) and request.emoji not in target.reactions:
            raise _no_emoji()  # what an earlier version took for one can be taken away
        full = len(target.reactions) >= REACTIONS_MAX and request.emoji not in target.reactions
        if request.on and full:
            raise ChatError(
                ErrorCode.FORBIDDEN, f"A message has at most {REACTIONS_MAX} different reactions."
            )
        return self._change(
            session, ref, conversation, request, "react", request.seq, request.emoji, on=request.on
        )

    def _files(self, session: Session, conversation: Conversation, request: Send) -> tuple[FileRecord, ...]:
        """Return the files that a message names: the user's own, of this room, in no other message."""
        found = self._storage.files.by_ids(request.files)
        found = [file for file in found if (file.user_id, file.room_id) == (session.user_id, conversation.id)]
        free = [file for file in found if file.seq is None]
        if len(free) < len(request.files):
            raise ChatError(
                ErrorCode.NO_SUCH_FILE, "One of the files is gone, or was sent already.", field="files"
            )
        return tuple(found)

    def _target(self, session: Session, request: Said, seq: int) -> tuple[Conversation, MessageRecord]:
        conversation = self._rooms.conversation(session, request.room)
        self._refuse_silenced(session, conversation)
        target = self._storage.messages.get(conversation.id, seq)
        if target is None or target.kind != "text" or target.deleted:
            raise ChatError(ErrorCode.NO_SUCH_MESSAGE, "There is no such message any more.", field="seq")
        return conversation, target

    def _change(
        self,
        session: Session,
        ref: Ref,
        conversation: Conversation,
        request: Said,
        kind: str,
        seq: int,
        body: str,
        *,
        on: bool = True,
    ) -> Submission:
        nonce = request.nonce or new_nonce()
        message = NewMessage(conversation.id, session.user_id, body, nonce, kind, seq, on=on)
        return Submission(session, ref, conversation, message)

    def _refuse_silenced(self, sender: Sender, conversation: Conversation) -> None:
        if conversation.record.read_only:
            text = f"{conversation.record.name} is archived: it can be read, and nothing is said in it."
            raise ChatError(ErrorCode.FORBIDDEN, text)
        record = self._sanctions.mute_of(sender.user_id, conversation.id, sender.address)
        if record is not None:
            raise muted(record)

    # -- reading ----------------------------------------------------------------------------------

    def history(self, session: Session, request: History) -> RoomPage:
        """Return a page of a room, in ascending order, and whether there is more in that direction.

        :raises ChatError: `no_such_room`, `not_a_member`.
        """
        conversation = self._rooms.conversation(session, request.room)
        forward = request.after is not None
        messages = self._storage.messages
        if request.after is not None:
            found = messages.after(conversation.id, request.after, request.limit + 1)
        else:
            found = messages.before(conversation.id, request.before, request.limit + 1)
        more = len(found) > request.limit
        if more:
            found = found[: request.limit] if forward else found[-request.limit :]
        return RoomPage(conversation, session.user_id, found, more, forward)

    def read(self, session: Session, name: str, seq: int, *, counts: bool = False) -> ReadMarked:
        """Remember up to where the user has read; when that moves, tell the user's other sessions.

        :param counts: return also how much is unread.
        """
        conversation = self._rooms.conversation(session, name)
        read_seq, moved = self._storage.members.set_read(conversation.id, session.user_id, seq)
        label = conversation.label(session.user_id)
        if moved:
            event = ReadEvent(label, read_seq, conversation.public_id)
            self._audience.to_user(session.user_id, event, besides=session.id)
            self._read_on(conversation, session.user_id, read_seq)
        return self._counted(session, conversation, read_seq) if counts else ReadMarked(label, read_seq)

    def _counted(self, session: Session, conversation: Conversation, read_seq: int) -> ReadMarked:
        room_id, label = conversation.id, conversation.label(session.user_id)
        last_seq = self._storage.messages.last_seqs([room_id]).get(room_id, 0)
        if last_seq - read_seq > ASKED_MAX:
            return ReadMarked(label, read_seq)
        marks = {room_id: (read_seq, last_seq)}
        unread, mentions = count_unread(self._storage, session.user_id, session.username, marks)[room_id]
        return ReadMarked(label, read_seq, last_seq, unread, mentions)


def to_message(record: MessageRecord, label: str, room_id: str = "") -> Message:
    """Return a stored message as it goes over the wire, under the room's name for its reader.

    :param room_id: the room's id, where the frame around the message does not have it.
    """
    return Message(
        room=label,
        seq=record.seq,
        author=record.author or FORMER_MEMBER,
        body=record.body,
        sent_at=record.sent_at,
        kind=record.kind,
        target=record.target,
        on=record.on if record.kind == "react" else None,
        reply_to=record.reply_to,
        edited_at=record.edited_at,
        deleted=record.deleted,
        reactions=fitting_reactions(record.reactions),
        former=record.author is None,
        bot=record.bot,
        room_id=room_id,
        files=tuple(map(to_file, record.files)),
    )


def to_file(record: FileRecord) -> File:
    """Return a file as it goes over the wire."""
    return File(
        record.public_id,
        record.name,
        record.size,
        record.type,
        record.width,
        record.height,
        record.preview_size > 0,
    )


def new_nonce() -> str:
    """Return a nonce for a message whose client gave none: a lost commit is looked up by it.

    65 characters, one more than a client may choose, so that the two never meet. The time comes first: nonces
    that sort by time are inserted into their index side by side, which is three times as fast.
    """
    return f"0{time.time_ns():016x}{secrets.token_hex(24)}"


def _no_emoji() -> ChatError:
    return bad_request("emoji", "emoji must be one emoji, not text.")


def muted(record: SanctionRecord) -> ChatError:
    """Return the refusal of what a mute forbids."""
    until = None if record.until is None else to_rfc3339(record.until)
    message = f"You may not write here before {until}." if until else "You may not write here."
    return ChatError(ErrorCode.MUTED, message, reason=record.reason, until=until)
