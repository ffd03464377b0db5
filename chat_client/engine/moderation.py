"""What moderators and admins ask for: join requests, sanctions and their end; it decides on no right."""

from collections.abc import Sequence
from typing import Final

from chat_client.engine.core import Core
from chat_client.model.changes import ListChanged, ModerationChanged, RequestDone
from chat_protocol.limits import PEOPLE_ADDED_MAX
from chat_protocol.moderation_replies import Accepted, SanctionPage
from chat_protocol.moderation_requests import (
    ModerationAccept,
    ModerationDecide,
    ModerationInForce,
    ModerationLift,
    ModerationPending,
    ModerationSanction,
)
from chat_protocol.reply import Done
from chat_protocol.request import Request
from chat_protocol.room_replies import JoinRequests

CAPABILITY: Final = "moderation"


class Moderation:
    """Ask the server to moderate."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def known(self) -> bool:
        """Whether the server tells the sanctions in force, and takes what else came with that."""
        return CAPABILITY in self._core.state.connection.capabilities

    def begin(self) -> None:
        """Ask after a sign-in for the join requests, where the user may decide on them."""
        if self._core.state.moderator:
            self._core.tell(ModerationPending(), self._pending)

    def pending(self) -> None:
        """Ask for the join requests; the answer comes in `state.join_requests`."""
        self._core.ask(ModerationPending(), self._pending)

    def decide(self, username: str, room: str, accept: bool, reason: str = "") -> None:
        """Let a user into a moderated room, or refuse; afterwards the list is asked for again."""
        request = ModerationDecide(username, self._address(room), accept, reason or None)
        self._carry_out(request, room)

    def accept(self, usernames: Sequence[str], room: str) -> None:
        """Let several users who have asked into a room; afterwards the list is asked for again."""

        def accepted(_reply: Accepted) -> None:
            self.begin()
            self._core.emit(RequestDone(ModerationAccept.TYPE, room))

        address = self._address(room)
        for start in range(0, len(usernames), PEOPLE_ADDED_MAX):
            part = tuple(usernames[start : start + PEOPLE_ADDED_MAX])
            self._core.ask(ModerationAccept(address, part), accepted, room=room)

    def sanctions(self, *, more: bool = False) -> None:
        """Ask for the sanctions in force, or with `more` for those behind the ones that are known."""
        sanctions = self._core.state.lists.sanctions

        def listed(page: SanctionPage) -> None:
            sanctions.take(page.sanctions, page.next, more=more)
            self._core.emit(ListChanged("sanctions"))

        before = sanctions.next if more and isinstance(sanctions.next, int) else None
        self._core.ask(ModerationInForce(before), listed)

    def sanction(
        self,
        kind: str,
        *,
        username: str | None = None,
        address: str | None = None,
        duration_s: int | None = None,
        room: str | None = None,
        reason: str = "",
    ) -> None:
        """Kick, ban or mute a user or an address, for `duration_s` seconds (None: for good)."""
        place = self._place(room)
        self._carry_out(ModerationSanction(kind, username, address, duration_s, place, reason or None))

    def lift(
        self,
        kind: str,
        *,
        username: str | None = None,
        address: str | None = None,
        room: str | None = None,
        number: int | None = None,
    ) -> None:
        """End a sanction early; with a `number` that one alone."""
        self._carry_out(ModerationLift(kind, username, address, self._place(room), number))

    def _address(self, key: str) -> str:
        """Return how the server knows a room; one that is not known here keeps its name."""
        room = self._core.room(key)
        return room.address if room is not None else key

    def _place(self, key: str | None) -> str | None:
        """Return where a sanction holds: in a room, or (None) everywhere."""
        return None if key is None else self._address(key)

    def _carry_out(self, request: Request, room: str = "") -> None:
        def answered(_reply: Done) -> None:
            self.begin()
            self._core.emit(RequestDone(request.TYPE, room))

        self._core.ask(request, answered, room=room)

    def _pending(self, reply: JoinRequests) -> None:
        state = self._core.state
        state.join_requests = list(reply.requests)
        state.join_request_count = len(state.join_requests)
        self._core.emit(ModerationChanged())
