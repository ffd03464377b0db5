"""The one way to tell people something and to end their connections; it must not know why it is told.

Any thread. Its interface is in values (ids of users and rooms, events): the sessions behind them are this
server's. In a cluster each call is passed on, and the other servers make it, too, with `here`.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from chat_protocol.event import Event
from chat_protocol.server_events import EndEvent
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Account
from chat_server.services.vocabulary.actors import rank
from chat_server.services.vocabulary.addresses import Network, contains, network_text

Changeable = Literal["user", "room", "member", "sanction", "setting"]
PassOn = Callable[[str, int, int, str], None]  # what is done, to whom (one number or two), and its detail
_NONE: Final[Mapping[int, Event]] = {}


class TokenUse(NamedTuple):
    """When a connection was last active, and from where it comes."""

    at: int
    address: str


class Audience:
    """Tell and end those who are connected, and let caches know what they have to forget.

    :param registry: knows who is connected.
    """

    def __init__(self, registry: ConnectionRegistry) -> None:
        self._registry = registry
        self._callbacks: dict[Changeable, list[Callable[[int], None]]] = {}
        self._pass_on: PassOn | None = None
        self._is_elsewhere: Callable[[int], bool] = lambda _user_id: False

    def pass_on_to(self, pass_on: PassOn, is_elsewhere: Callable[[int], bool]) -> None:
        """Have each call, but those with `here`, made by the other servers, too; at assembly only.

        :param is_elsewhere: whether a user is connected to another server.
        """
        self._pass_on = pass_on
        self._is_elsewhere = is_elsewhere

    # -- telling ----------------------------------------------------------------------------------

    def to_user(self, user_id: int, event: Event, *, besides: int = 0, here: bool = False) -> int:
        """Tell all sessions of a user.

        :param besides: the number of the session that knows already.
        :param here: only those of this server.
        :return: how many were told on this server.
        """
        self._pass("to_user", event, user_id, here=here)
        sessions = [each for each in self._registry.sessions_of(user_id) if each.id != besides]
        for session in sessions:
            session.send(event)
        return len(sessions)

    def to_room(
        self, room_id: int, by_user: Mapping[int, Event], event: Event | None = None, *, here: bool = False
    ) -> None:
        """Tell each connected member of a room something of the member's own.

        :param event: for all who are not in `by_user`; None tells them nothing.
        """
        self._pass("to_room", event, room_id, instead=by_user, here=here)
        for session in self._registry.in_room(room_id):
            told = by_user.get(session.user_id, event)
            if told is not None:
                session.send(told)

    def to_outsiders(self, room_id: int, event: Event, *, here: bool = False) -> None:
        """Tell all who have signed in and are in a room no more, or never were."""
        self._pass("to_outsiders", event, room_id, here=here)
        for session in self._registry.sessions():
            if room_id not in session.rooms:
                session.send(event)

    def users_in(self, room_id: int) -> set[int]:
        """Return the users who are connected here and belong to a room."""
        return {session.user_id for session in self._registry.in_room(room_id)}

    def to_moderators(self, event: Callable[[], Event], *, here: bool = False) -> None:
        """Tell those who moderate.

        :param event: makes what is to be told; not called where no moderator can hear it.
        """
        passes = self._pass_on is not None and not here
        deciders = [each for each in self._registry.sessions() if rank(each.role) >= rank("moderator")]
        if deciders or passes:
            told = event()
            self._pass("to_moderators", told, here=here)
            for session in deciders:
                session.send(told)

    def to_everyone(self, event: Event, instead: Mapping[int, Event] = _NONE, *, here: bool = False) -> int:
        """Tell all who have signed in.

        :param instead: by user, for those who are told something else.
        :param here: only those on this server.
        :return: how many sessions were told on this server.
        """
        self._pass("to_everyone", event, instead=instead, here=here)
        sessions = self._registry.sessions()
        for session in sessions:
            session.send(instead.get(session.user_id, event))
        return len(sessions)

    # -- ending -----------------------------------------------------------------------------------

    def end_user(
        self,
        user_id: int,
        event: EndEvent,
        *,
        besides: int = 0,
        token_hash: str = "",
        valid: Collection[str] | None = None,
        here: bool = False,
    ) -> int:
        """End the sessions of a user, but the one with the number `besides`; return how many were here.

        :param token_hash: end only those that were signed in with this token.
        :param valid: the user was signed out everywhere, and now has tokens with these hashes. Whoever signed
            in with one stays: that was after it, though perhaps before this server heard of it.
        """
        self._pass("end_user", event, user_id, about=token_hash, signed_out=valid is not None, here=here)
        sessions = [
            each
            for each in self._registry.sessions_of(user_id)
            if each.id != besides
            and token_hash in ("", each.token_hash)
            and each.token_hash not in (valid or ())
        ]
        for session in sessions:
            session.end(event)
        return len(sessions)

    def end_network(self, network: Network, event: EndEvent, *, here: bool = False) -> int:
        """End all connections from a network; return how many of them here had signed in."""
        self._pass("end_network", event, about=network_text(network), here=here)
        sessions = [each for each in self._registry.sessions() if contains(network, each.address)]
        for session in sessions:
            session.end(event)
        for session in self._registry.open_sessions():
            if not session.signed_in and contains(network, session.address):
                session.end(event)
        return len(sessions)

    # -- who is reached ---------------------------------------------------------------------

    def account_of(self, user_id: int) -> Account | None:
        """Return the account that a connected user's sessions share; None for one who is not connected."""
        sessions = self._registry.sessions_of(user_id)
        return sessions[0].account if sessions else None

    def is_elsewhere(self, user_id: int) -> bool:
        """Return whether a user is connected to another server, which tells and ends what this one does."""
        return self._is_elsewhere(user_id)

    def accounts_on(self, network: Network) -> Sequence[Account]:
        """Return the accounts that are signed in from a network."""
        return [each.account for each in self._registry.sessions() if contains(network, each.address)]

    def tokens_in_use(self, user_id: int | None = None) -> dict[str, TokenUse]:
        """Return where each token that serves a connection is used, by the token's hash.

        :param user_id: only those of this user.
        """
        registry = self._registry
        found: dict[str, TokenUse] = {}
        for session in registry.sessions() if user_id is None else registry.sessions_of(user_id):
            use = TokenUse(session.last_active_at, session.address)
            found[session.token_hash] = max(use, found.get(session.token_hash, use))
        return found

    # -- what caches keep -------------------------------------------------------------------------

    def on_change(self, what: Changeable, callback: Callable[[int], None]) -> None:
        """Call back with the id of each thing of this kind that has changed in storage; at assembly only.

        Settings have none: whoever keeps one in memory reads it again.
        """
        self._callbacks.setdefault(what, []).append(callback)

    def changed(self, what: Changeable, key: int, *, here: bool = False) -> None:
        """Tell the caches that something has changed; call it when storage has the new state."""
        for callback in self._callbacks.get(what, ()):
            callback(key)
        if not here:
            self.elsewhere(what, key)

    def elsewhere(self, what: Changeable, key: int, other: int = 0) -> None:
        """Have the other servers read again what this one has changed in storage, and knows itself.

        :param key: its number; of a membership the room's, where `other` is the user's.
        """
        if self._pass_on is not None:
            self._pass_on(what, key, other, "")

    def _pass(
        self,
        act: str,
        event: Event | None,
        number: int = 0,
        *,
        instead: Mapping[int, Event] = _NONE,
        about: str = "",
        signed_out: bool = False,
        here: bool,
    ) -> None:
        if self._pass_on is not None and not here:
            told = {user_id: each.to_frame() for user_id, each in instead.items()}
            detail: dict[str, Any] = {
                "frame": event.to_frame() if event else None,
                "instead": told,
                "about": about,
            }
            if signed_out:
                detail["signed_out"] = True
            self._pass_on(act, number, 0, json.dumps(detail))
