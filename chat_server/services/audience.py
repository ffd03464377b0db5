"""The one way to tell people something and to end their connections; it must not know why it is told.

Any thread. Its interface is in values (ids of users and rooms, events): the sessions behind them are this
server's, and a further server would be told by the same calls.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from chat_protocol.events import EndEvent, Event
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Account
from chat_server.services.vocabulary.actors import rank
from chat_server.services.vocabulary.addresses import Network, contains

Changeable = Literal["user"]
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

    # -- telling ----------------------------------------------------------------------------------

    def to_user(self, user_id: int, event: Event, *, besides: int = 0) -> int:
        """Tell all sessions of a user.

        :param besides: the number of the session that knows already.
        :return: how many were told.
        """
        sessions = [each for each in self._registry.sessions_of(user_id) if each.id != besides]
        for session in sessions:
            session.send(event)
        return len(sessions)

    def to_room(self, room_id: int, by_user: Mapping[int, Event]) -> None:
        """Tell each connected member of a room something of the member's own; others are told nothing."""
        for session in self._registry.in_room(room_id):
            if session.user_id in by_user:
                session.send(by_user[session.user_id])

    def to_outsiders(self, room_id: int, event: Event) -> None:
        """Tell all who have signed in and are in a room no more, or never were."""
        for session in self._registry.sessions():
            if room_id not in session.rooms:
                session.send(event)

    def users_in(self, room_id: int) -> set[int]:
        """Return the users who are connected and belong to a room."""
        return {session.user_id for session in self._registry.in_room(room_id)}

    def to_moderators(self, event: Callable[[], Event]) -> None:
        """Tell those who moderate.

        :param event: makes what is to be told; not called when no moderator is connected.
        """
        deciders = [each for each in self._registry.sessions() if rank(each.role) >= rank("moderator")]
        if deciders:
            told = event()
            for session in deciders:
                session.send(told)

    def to_everyone(self, event: Event, instead: Mapping[int, Event] = _NONE) -> int:
        """Tell all who have signed in.

        :param instead: by user, for those who are told something else.
        :return: how many sessions were told.
        """
        sessions = self._registry.sessions()
        for session in sessions:
            session.send(instead.get(session.user_id, event))
        return len(sessions)

    # -- ending -----------------------------------------------------------------------------------

    def end_user(self, user_id: int, event: EndEvent, *, besides: int = 0, token_hash: str = "") -> int:
        """End the sessions of a user, but the one with the number `besides`; return how many there were.

        :param token_hash: end only those that were signed in with this token.
        """
        sessions = [
            each
            for each in self._registry.sessions_of(user_id)
            if each.id != besides and token_hash in ("", each.token_hash)
        ]
        for session in sessions:
            session.end(event)
        return len(sessions)

    def end_network(self, network: Network, event: EndEvent) -> int:
        """End all connections from a network; return how many of them had signed in."""
        sessions = [each for each in self._registry.sessions() if contains(network, each.address)]
        for session in sessions:
            session.end(event)
        for session in self._registry.open_sessions():
            if not session.signed_in and contains(network, session.address):
                session.end(event)
        return len(sessions)

    # -- who would be reached ---------------------------------------------------------------------

    def account_of(self, user_id: int) -> Account | None:
        """Return the account that a connected user's sessions share; None for one who is not connected."""
        sessions = self._registry.sessions_of(user_id)
        return sessions[0].account if sessions else None

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
        """Call back with the id of each thing of this kind that has changed in storage; at assembly only."""
        self._callbacks.setdefault(what, []).append(callback)

    def changed(self, what: Changeable, key: int) -> None:
        """Tell the caches that something was renamed or erased; call it when storage has the new state."""
        for callback in self._callbacks.get(what, ()):
            callback(key)
