"""The model: applies the server's events and answers to the state; it emits what to redraw.

No tkinter, no socket, no thread: the client calls it from one thread.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from chat_client.model import changes as ch
from chat_client.model.changes import Emit
from chat_client.model.people import People
from chat_client.model.rooms import NotifyOf, Rooms
from chat_client.model.state import ClientState, MessageState, Mute, NotifyLevel, RoomState, Status
from chat_protocol import own_events, room_events, server_events
from chat_protocol.event import Event
from chat_protocol.limits import HISTORY_MAX
from chat_protocol.message_replies import HistoryPage, ReadMarked
from chat_protocol.objects import Member, Message, Room, User
from chat_protocol.requests import History, Sync

HISTORY_IN_FLIGHT_MAX = 4
SYNC_ROOMS_MAX = 1_500  # their ids and seqs fit in a frame; in more rooms than that, page by page


class Model:
    """Apply frames to one account's state.

    :param emit: takes what views have to redraw.
    :param notify_of: returns the notify level that the user chose for a room's key, or None.
    :param monotonic: seconds that never go back.
    """

    def __init__(
        self,
        state: ClientState,
        emit: Emit,
        *,
        notify_of: NotifyOf = lambda _key: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self._emit = emit
        self.people = People(state, emit, monotonic)
        self.rooms = Rooms(state, self.people, emit, notify_of)
        self._appliers: dict[type[Event], Callable[[Any], None]] = {
            room_events.MessageEvent: self._message,
            room_events.MembershipEvent: self.rooms.membership_event,
            room_events.RoomEvent: self.rooms.room_event,
            room_events.MemberEvent: self.people.member,
            room_events.PresenceEvent: self.people.presence,
            room_events.AvatarEvent: self.people.avatar,
            room_events.TypingEvent: self.people.typing,
            own_events.ReadEvent: self._read,
            own_events.ReceiptEvent: self._receipt,
            server_events.NoticeEvent: self._notice,
            own_events.DeviceEvent: lambda event: emit(ch.DeviceSignedIn(event.name or "", event.address)),
            room_events.ModerationEvent: self._moderation,
            own_events.MuteEvent: self._mute,
            server_events.ShutdownScheduledEvent: self._shutdown_scheduled,
            own_events.ProfileEvent: self._profile,
            room_events.SyncEvent: self._sync,
        }

    def apply(self, event: Event) -> None:
        """Apply one event; those that are the connection's business change nothing here."""
        applier = self._appliers.get(type(event))
        if applier is not None:
            applier(event)

    # Sign-in and connection

    def signed_in(self, user: User, rooms: Sequence[Room]) -> None:
        """Apply the answer to a sign-in: what was loaded before stays, what was missed will be asked for."""
        fresh = not self.state.username
        self.state.username, self.state.display_name = user.username, user.display_name
        self.state.role = user.role
        self.state.mutes.clear()  # what was lifted meanwhile is not told
        self._learn_oneself(user)
        self.rooms.signed_in(rooms)
        self._emit(ch.SignedIn(fresh), ch.ProfileChanged(), ch.RoomsChanged(), ch.PeopleChanged())

    def _learn_oneself(self, user: User) -> None:
        status, text = self.state.status, self.state.status_text
        self.people.learn(Member(user.username, user.display_name, status, text, avatar=user.avatar))

    def disconnected(self) -> None:
        """Forget what only a live connection knows, and the requests under way."""
        for plan in self.rooms.plans():
            plan.disconnected()
            plan.room.loading = False
        self.people.disconnected()

    # History

    def take_requests(self) -> list[History]:
        """Return the history requests that are due now; each is to be answered or failed."""
        plans = list(self.rooms.plans())
        free = HISTORY_IN_FLIGHT_MAX - sum(plan.asked is not None for plan in plans)
        found: list[History] = []
        for plan in sorted(plans, key=lambda plan: plan.room.key != self.state.open_room):
            if len(found) < free and plan.room.joined and (request := plan.next_request()) is not None:
                found.append(request)
        return found

    def sync_request(self, *, always: bool = False) -> Sync | None:
        """Return what asks at once for all that was missed; None where no more than one room has missed any.

        :param always: ask also where nothing is known to be missed.

        Rooms of which nothing is loaded are left as they are: their numbers come with the sign-in.
        """
        held: dict[str, int] = {}
        behind = 0
        for room in self.state.rooms.values():
            if room.joined and room.id:
                loaded_to = room.covered.highest()
                held[room.id] = room.last_seq if loaded_to is None else loaded_to
                behind += held[room.id] < room.last_seq
                self.rooms.plan(room).asked_at_seq = room.last_seq
        wanted = (always or behind > 1) and len(held) <= SYNC_ROOMS_MAX
        return Sync(held, HISTORY_MAX) if wanted else None

    def _sync(self, event: room_events.SyncEvent) -> None:
        room = self.rooms.find(event.room.name, event.room.id)
        if room is None or not room.joined:
            return
        self.rooms.update(event.room)
        messages = event.messages
        if messages:
            first, has = messages[0].seq, room.covered.highest() or 0
            low = first if event.more else min(first, has + 1)
            as_of = self.rooms.plan(room).asked_at_seq
            added = self.rooms.timeline(room).add_page(messages, low, messages[-1].seq, as_of)
            self._emit(*added.changes(room.key))
        self._emit(ch.RoomChanged(room.key))

    def history_answered(self, request: History, page: HistoryPage) -> None:
        """Add the page that answers a request."""
        room = self.rooms.find(request.room)
        plan = self.rooms.plan(room) if room is not None else None
        if room is None or plan is None or plan.asked is not request:
            return  # left, or renamed, while the answer was on its way
        messages = page.messages
        first, last = (messages[0].seq, messages[-1].seq) if messages else (None, None)
        low, high = plan.answered(first, last, page.more)
        if self.rooms.joined_now(room):  # what was said since is not read
            said_since = room.covered.ranges()[0][0] if room.covered else high + 1
            room.read_seq = max(room.read_seq, min(said_since - 1, last or 0))
        added = self.rooms.timeline(room).add_page(messages, low, high, plan.asked_at_seq)
        self._emit(*added.changes(room.key), ch.RoomChanged(room.key))
        self._jump(room)

    def history_failed(self, request: History, *, for_good: bool) -> None:
        """Mark a request as refused; `for_good` when asking again would not help."""
        room = self.rooms.find(request.room)
        if room is None:
            return
        self.rooms.plan(room).failed(for_good=for_good)
        self._emit(ch.RoomChanged(room.key))

    def follows(self, request: History) -> bool:
        """Whether somebody reads all of the room of a request, so that it is asked until it is answered."""
        room = self.rooms.find(request.room)
        return room is not None and room.joined and self.rooms.plan(room).follows

    def jump_to(self, room: RoomState, seq: int) -> None:
        """Show a message now where it is loaded; otherwise ask for the history around it first."""
        if room.covered.holds(seq):
            self._emit(ch.JumpReady(room.key, seq))
        else:
            self.rooms.plan(room).want_around(seq)

    def _jump(self, room: RoomState) -> None:
        plan = self.rooms.plan(room)
        if plan.jump_to is None or not room.covered.holds(plan.jump_to):
            return
        seq, plan.jump_to = plan.jump_to, None
        self._emit(ch.JumpReady(room.key, seq))

    # Messages

    def _message(self, event: room_events.MessageEvent) -> None:
        message = event.message
        if self.rooms.find(message.room, message.room_id) is None:
            self._emit(ch.RoomsChanged())
        room = self.rooms.ensure(message.room, last_seq=message.seq - 1, room_id=message.room_id)
        if not room.joined:
            self.rooms.heard(room, message.seq)
        news = not room.covered.holds(message.seq) and message.seq > room.read_seq
        self._add_live(room, message)
        self.people.stopped_typing(room, message.author)
        shown = room.message(message.seq) if news and message.kind == "text" else None
        if shown is not None and self._calls_for_attention(room, shown):
            self._emit(ch.Attention(room.key, shown))

    def _add_live(self, room: RoomState, message: Message) -> None:
        self.rooms.plan(room)  # before last_seq moves: it remembers from where nothing may be missing
        added = self.rooms.timeline(room).add_live(message)
        changes = added.changes(room.key)
        if changes:
            self._emit(*changes, ch.RoomChanged(room.key))

    def _calls_for_attention(self, room: RoomState, message: MessageState) -> bool:
        if message.mine or room.notify == NotifyLevel.NONE:
            return False
        called = message.mentions_me or self.state.attention.calls(message.body)
        return room.notify == NotifyLevel.ALL or called

    def add_pending(self, room: RoomState, message: MessageState) -> None:
        """Show a message that waits in the outbox, unless it is shown already."""
        if any(other.nonce == message.nonce for other in room.pending):
            return
        room.pending.append(message)
        self._emit(ch.PendingChanged(room.key))

    def pending(self, room: RoomState, nonce: str) -> MessageState | None:
        """Return a waiting or refused message by its nonce."""
        return next((message for message in room.pending if message.nonce == nonce), None)

    def stored(self, room: RoomState, message: Message, nonce: str | None) -> None:
        """Mark the user's own message or change as stored, under the seq that the server gave it."""
        self.discard_pending(room, nonce)
        self._add_live(room, message)

    def refused(self, room: RoomState, nonce: str, code: str) -> None:
        """Mark a waiting message as refused."""
        message = self.pending(room, nonce)
        if message is None:
            return
        message.status, message.error = Status.REFUSED, code
        self._emit(ch.PendingChanged(room.key))

    def discard_pending(self, room: RoomState, nonce: str | None) -> None:
        """Remove a message from those that wait."""
        kept = [message for message in room.pending if message.nonce != nonce]
        if len(kept) == len(room.pending):
            return
        room.pending = kept
        self._emit(ch.PendingChanged(room.key))

    # Reading marks and the rest

    def mark_read(self, room: RoomState, seq: int) -> None:
        """Move the user's own reading mark forward; nothing when it stands there already."""
        seq = min(seq, room.last_seq)
        if seq <= room.read_seq:
            return
        self.rooms.joined_now(room)  # nobody has to tell how far it is read any more
        self.rooms.timeline(room).read_to(seq)
        self._emit(ch.RoomChanged(room.key))

    def counted(self, room: RoomState, reply: ReadMarked) -> None:
        """Apply how much is unread, as far as the server has counted it."""
        if reply.unread is not None and reply.last_seq is not None:
            timeline = self.rooms.timeline(room)
            timeline.told(reply.read_seq, reply.last_seq, reply.unread, reply.mentions or 0)
            timeline.recount()
            self._emit(ch.RoomChanged(room.key))

    def _read(self, event: own_events.ReadEvent) -> None:
        room = self.rooms.find(event.room, event.room_id)
        if room is not None:
            self.mark_read(room, event.read_seq)

    def _receipt(self, event: own_events.ReceiptEvent) -> None:
        room = self.rooms.find(event.room, event.room_id)
        if room is not None:
            self.partner_read(room, max(room.receipt_seq, event.read_seq))

    def partner_read(self, room: RoomState, seq: int) -> None:
        """Note how far the other one has read a private conversation; 0 where that is not told."""
        if seq != room.receipt_seq:
            room.receipt_seq = seq
            self._emit(ch.RoomChanged(room.key))

    def _notice(self, event: server_events.NoticeEvent) -> None:
        self.state.notices.append(event.text)
        self._emit(ch.NoticeArrived(event.text))

    def _moderation(self, event: room_events.ModerationEvent) -> None:
        self.state.join_request_count = event.pending
        self._emit(ch.ModerationChanged())

    def _profile(self, event: own_events.ProfileEvent) -> None:
        user, state = event.user, self.state
        state.display_name, state.role = user.display_name, user.role
        self._learn_oneself(user)
        self._emit(ch.ProfileChanged(), ch.PeopleChanged((user.username,)))

    def muted(self, room: str, mute: Mute) -> None:
        """Keep why the user may not write in a room (by its key; empty: everywhere)."""
        self.state.mutes[room] = mute
        self._emit(ch.ProfileChanged())

    def _mute(self, event: own_events.MuteEvent) -> None:
        room = self.rooms.find(event.room, event.room_id) if event.room is not None else None
        if event.room is not None and room is None:
            return
        if event.active:
            self.muted(room.key if room is not None else "", Mute(event.reason, event.until))
            return
        if room is None:
            self.state.mutes.clear()  # lifting what holds everywhere lifts what holds in a room, too
        else:
            self.state.mutes.pop(room.key, None)
        self._emit(ch.ProfileChanged())

    def _shutdown_scheduled(self, event: server_events.ShutdownScheduledEvent) -> None:
        connection = self.state.connection
        connection.shutdown_at, connection.shutdown_reason = event.at, event.reason
        self._emit(ch.ConnectionChanged())
