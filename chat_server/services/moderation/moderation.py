"""Kick, ban, mute, lift and kill, for the console and the wire alike; it must not know who typed or sent
them.

Runs on the thread of whoever acts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.own_events import MuteEvent
from chat_protocol.server_events import EndEvent
from chat_server.live.directory import RoomDirectory
from chat_server.live.session import Account
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.moderation.sanction_order import (
    AffectedUsers,
    SanctionOrder,
    Target,
    clean_reason,
    order_detail,
    target_name,
)
from chat_server.services.moderation.sanctions import EXCLUDING, SanctionBook
from chat_server.services.people.roles import find_user
from chat_server.services.vocabulary.actors import Actor, Role, rank, require
from chat_server.services.vocabulary.addresses import contains, network_text, parse_network, show_network
from chat_server.storage import Storage
from chat_server.storage.core.records import RoomRecord, SanctionRecord, UserRecord

END_KINDS: Final = {"kick": "kicked", "ban": "banned"}
WORDS: Final = {"kick": "kicked", "ban": "banned", "mute": "muted"}
ON_USERS: Final[dict[str, Role]] = {"kick": "moderator", "mute": "moderator", "ban": "admin"}


@dataclass(frozen=True, slots=True)
class ShownSanction:
    """A sanction as those who moderate are shown it.

    :param user: on whom it is; None for an address, and for somebody whose account is gone.
    :param room: where alone a mute holds; None for everywhere.
    :param liftable: whether the one who asks may lift it.
    """

    record: SanctionRecord
    user: UserRecord | None
    room: RoomRecord | None
    liftable: bool


class Moderation:
    """Impose and lift sanctions, and end connections.

    :param storage: keeps the sanctions.
    :param audience: ends those who are connected.
    :param directory: knows the rooms.
    :param book: the sanctions in force, in memory.
    :param audit: records every act and every refused attempt.
    :param clock: returns milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        directory: RoomDirectory,
        book: SanctionBook,
        audit: Audit,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._directory = directory
        self._book = book
        self._audit = audit
        self._clock = clock

    def user(self, name: str) -> UserRecord:
        """Return the user of this name, in any of its spellings.

        :raises ChatError: `no_such_user`.
        """
        return find_user(self._storage, name)

    def admit(self, actor: Actor, role: Role, action: str, target: str = "") -> None:
        """Let an actor pass who may try this; a refused attempt is in the audit.

        For what a request has to look up before it comes to the act itself: who may not act learns nothing.

        :raises ChatError: `forbidden`.
        """
        if not actor.may_act_as(role):
            with self._audit.act(actor, action, target):
                require(actor, role)

    def hits(self, actor: Actor, target: Target) -> AffectedUsers:
        """Return who is connected and would be hit by a sanction on this target."""
        accounts = self._accounts_on(target)
        own = any(account.user_id == actor.user_id for account in accounts if actor.user_id is not None)
        if isinstance(target, UserRecord):
            own = own or target.id == actor.user_id
        else:
            own = own or any(contains(target, address) for address in actor.addresses)
        return AffectedUsers(tuple(sorted({account.username for account in accounts})), own)

    def sanction(self, actor: Actor, order: SanctionOrder) -> tuple[SanctionRecord, int]:
        """Impose a sanction: stored, then in force, then the connections it hits are ended.

        :return: the sanction, and the number of connections it ended.
        :raises ChatError: `forbidden`, or `bad_request` for a reason that is too long.
        """
        name = target_name(order.target)
        with self._audit.act(actor, order.kind, name, order_detail(order)) as act:
            self._require_order(actor, order)
            reason = clean_reason(order.reason)
            room_id = order.room.id if order.room else None
            former = [held for held in self._found(order.kind, order.target) if held.room_id == room_id]
            record = self._store(actor, order, reason)
            self._lift_all(actor, former)
            ended = self._end_sessions(order, record) if order.kind in EXCLUDING else 0
            if order.kind == "mute":
                self._tell_muted(record, active=True)
            if ended:
                act.note(f"ended {ended} connections")
        return record, ended

    def lift(
        self,
        actor: Actor,
        kind: str,
        target: Target,
        room: RoomRecord | None = None,
        number: int | None = None,
    ) -> Sequence[SanctionRecord]:
        """Take a sanction back at once.

        :param room: the room of a mute; None lifts a user's mutes everywhere.
        :param number: lifts the one of this number alone.
        :raises ChatError: `forbidden` for whoever could not have imposed it, or `bad_request` when there is
            nothing to lift.
        """
        name = target_name(target)
        with self._audit.act(actor, f"un{kind}", name, f"in {room.name}" if room else ""):
            _require_reach(actor, kind, target)
            found = [record for record in self._found(kind, target) if self._within_reach(actor, record)]
            if room is not None:
                found = [record for record in found if record.room_id == room.id]
            if number is not None:
                found = [record for record in found if record.id == number]
            if not found:
                raise self._nothing_to_lift(kind, target)
            self._lift_all(actor, found)
            for record in found:
                if record.kind == "mute":
                    self._tell_muted(record, active=False)
        return found

    def kill(self, actor: Actor, user: UserRecord, reason: str = "") -> int:
        """End a user's connections without a sanction.

        :return: how many there were.
        """
        with self._audit.act(actor, "kill", user.username, reason) as act:
            require(actor, "admin")
            event = EndEvent("killed", clean_reason(reason))
            ended = self._audience.end_user(user.id, event)
            act.note(f"ended {ended} connections")
        return ended

    def standing_mutes(self, user_id: int, address: str) -> list[MuteEvent]:
        """Return what tells somebody who signs in of the mutes in force."""
        mutes = self._book.mutes_of(user_id, address)
        events = (self._mute_event(record, active=True) for record in mutes)
        return [event for event in events if event is not None]

    def active(self) -> list[SanctionRecord]:
        """Return the sanctions in force, oldest first."""
        return self._book.active()

    def in_force(self, actor: Actor, before: int | None, limit: int) -> list[ShownSanction]:
        """Return sanctions in force for one who moderates, the newest first.

        Addresses are told to administrators alone, and mutes in a private room to its members.

        :param before: only those with a lower number.
        :param limit: at most so many.
        :raises ChatError: `forbidden`.
        """
        self.admit(actor, "moderator", "sanctions")
        behind = (record for record in self._book.active() if before is None or record.id < before)
        shown: list[tuple[SanctionRecord, RoomRecord | None]] = []
        for record in sorted(behind, key=lambda record: -record.id):
            room = self._directory.by_id(record.room_id) if record.room_id is not None else None
            if self._may_see(actor, record, room):
                shown.append((record, room))
            if len(shown) == limit:
                break
        ids = sorted({record.user_id for record, _room in shown if record.user_id is not None})
        users = self._storage.users.by_ids(ids) if ids else {}
        return [_shown(actor, record, users.get(record.user_id or 0), room) for record, room in shown]

    def _may_see(self, actor: Actor, record: SanctionRecord, room: RoomRecord | None) -> bool:
        if record.network is not None and not actor.may_act_as("admin"):
            return False
        gone = record.room_id is not None and room is None
        return not gone and self._may_know(room, actor.user_id)

    def _require_order(self, actor: Actor, order: SanctionOrder) -> None:
        if order.kind == "mute" and not isinstance(order.target, UserRecord):
            raise bad_request("username", "Only a user can be muted.")
        if order.kind != "mute" and order.room is not None:
            text = f"A {order.kind} applies to the whole server; only a mute can name a room."
            raise bad_request("room", text)
        _require_reach(actor, order.kind, order.target)

    def _store(self, actor: Actor, order: SanctionOrder, reason: str) -> SanctionRecord:
        now = self._clock()
        user_id = order.target.id if isinstance(order.target, UserRecord) else None
        network = None if isinstance(order.target, UserRecord) else network_text(order.target)
        room_id = order.room.id if order.room else None
        until = None if order.duration_ms is None else now + order.duration_ms
        record = self._storage.sanctions.add(
            order.kind, user_id, network, room_id, reason, actor.name, now, until
        )
        self._book.add(record)
        self._audience.elsewhere("sanction", record.id)
        return record

    def _end_sessions(self, order: SanctionOrder, record: SanctionRecord) -> int:
        event = EndEvent(END_KINDS[order.kind], record.reason, record.until)
        if isinstance(order.target, UserRecord):
            return self._audience.end_user(order.target.id, event)
        return self._audience.end_network(order.target, event)

    def _tell_muted(self, record: SanctionRecord, *, active: bool) -> None:
        """Tell a user of the beginning or the end of a mute."""
        event = self._mute_event(record, active=active)
        if record.user_id is not None and event is not None:
            self._audience.to_user(record.user_id, event)

    def _mute_event(self, record: SanctionRecord, *, active: bool) -> MuteEvent | None:
        """Return what tells of a mute; None where its room is gone, or not for the user to know of."""
        room = self._directory.by_id(record.room_id) if record.room_id is not None else None
        if record.room_id is not None and (room is None or not self._may_know(room, record.user_id)):
            return None
        until = record.until if active else None
        name, public_id = (room.name, room.public_id) if room is not None else (None, None)
        return MuteEvent(active, record.reason if active else "", until, name, public_id)

    def _may_know(self, room: RoomRecord | None, user_id: int | None) -> bool:
        """Return whether a user may know of a room: of a private or archived one a member alone."""
        if room is None or not room.members_only or user_id is None:
            return True
        membership = self._storage.members.get(room.id, user_id)
        return membership is not None and membership.state == "joined"

    def _within_reach(self, actor: Actor, record: SanctionRecord) -> bool:
        """Return whether a sanction is one that the actor may know of: a moderator has to be in its room."""
        room = self._directory.by_id(record.room_id) if record.room_id is not None else None
        return actor.may_act_as("admin") or self._may_know(room, actor.user_id)

    def _accounts_on(self, target: Target) -> Sequence[Account]:
        if isinstance(target, UserRecord):
            account = self._audience.account_of(target.id)
            return () if account is None else (account,)
        return self._audience.accounts_on(target)

    def _found(self, kind: str, target: Target) -> list[SanctionRecord]:
        """Return the sanctions in force of one kind on exactly this target."""
        of_kind = [record for record in self._book.active() if record.kind == kind]
        if isinstance(target, UserRecord):
            return [record for record in of_kind if record.user_id == target.id]
        return [record for record in of_kind if record.network == network_text(target)]

    def _lift_all(self, actor: Actor, records: Sequence[SanctionRecord]) -> None:
        for record in records:
            self._storage.sanctions.lift(record.id, actor.name, self._clock())
            self._book.remove(record)
            self._audience.elsewhere("sanction", record.id)

    def _nothing_to_lift(self, kind: str, target: Target) -> ChatError:
        if isinstance(target, UserRecord):
            others = [record for record in self._book.active() if record.user_id == target.id]
            field = "username"
        else:
            address = str(target.network_address)
            wider = self._book.check_address(address)
            others = [wider] if wider else []
            field = "address"
        hint = "".join(f" It is {WORDS[other.kind]}{_where(other)}." for other in others[:1])
        return bad_request(field, f"{target_name(target)} is not {WORDS[kind]}.{hint}")


def _where(record: SanctionRecord) -> str:
    return f" by the network {show_network(record.network)}" if record.network else ""


def _shown(
    actor: Actor, record: SanctionRecord, user: UserRecord | None, room: RoomRecord | None
) -> ShownSanction:
    target: Target | None = user if record.network is None else parse_network(record.network)
    if user is not None and user.erased:
        user = target = None
    return ShownSanction(record, user, room, target is not None and _reaches(actor, record.kind, target))


def _reaches(actor: Actor, kind: str, target: Target) -> bool:
    try:
        _require_reach(actor, kind, target)
    except ChatError:
        return False
    return True


def _require_reach(actor: Actor, kind: str, target: Target) -> None:
    """Refuse a sanction, or its end, of somebody who is as high as the actor: a moderator's own mute, too."""
    if not isinstance(target, UserRecord):
        require(actor, "admin")
        return
    require(actor, ON_USERS[kind])
    if not actor.may_act_as("admin") and rank(target.role) >= rank(actor.role):
        raise ChatError(ErrorCode.FORBIDDEN, f"{target.username} is {target.role}, as you are or above.")
