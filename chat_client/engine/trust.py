"""Which certificate of a server is trusted: the user's answer, invitations; it opens no socket."""

from chat_client.engine.core import Core
from chat_client.model.changes import ConnectionChanged
from chat_client.model.state import ConnectionState
from chat_client.net.link import Link
from chat_client.store.known_servers import KnownServers
from chat_protocol.invitations import Invitation


class Trust:
    """Decide on fingerprints."""

    def __init__(self, core: Core, link: Link, known: KnownServers) -> None:
        self._core, self._link, self._known = core, link, known

    def answer(self, accept: bool) -> None:
        """Answer phase FINGERPRINT: pin `state.connection.fingerprint` and go on, or give up."""
        self._link.trust(accept)
        self._core.emit(ConnectionChanged())

    def accept_invitation(self, invitation: Invitation) -> None:
        """Pin the fingerprint that an invitation carries, unless another one is pinned already.

        Its further addresses are kept with it, in any order: people who got one link spread over the servers.

        :raises ChatError: `fingerprint_changed` when it is another one than the pinned.
        """
        if invitation.fingerprint:
            home = (invitation.host, invitation.port)
            self._known.trust(*home, invitation.fingerprint)
            if invitation.also:
                self._link.learn_places(home, [home, *invitation.also])

    def invitation(self) -> Invitation:
        """Return the invitation that takes others to the server that is connected."""
        return invitation_of(self._core.state.connection, self._known)

    def forget(self, host: str, port: int) -> None:
        """Remove a pinned fingerprint, after the user has said so: the server was reinstalled."""
        self._known.forget(host, port)


def invitation_of(connection: ConnectionState, known: KnownServers) -> Invitation:
    """Return the invitation that takes others to the server of a connection, as far as it is known."""
    place = (connection.host, connection.port)
    fingerprint = known.fingerprint(*place) if connection.encrypted else ""
    also = tuple(each for each in known.places(*place) if each != place) if fingerprint else ()
    return Invitation(*place, fingerprint, connection.server, also=also)
