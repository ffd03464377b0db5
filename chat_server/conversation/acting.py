"""Who acts on a connection, as services and the audit know it; it must not know any act."""

from chat_server.live.session import Session
from chat_server.services.vocabulary.actors import Actor


def actor_of(session: Session) -> Actor:
    """Return the user of a session as one who acts."""
    origin = f"wire {session.address}"
    return Actor(session.username, session.role, origin, session.user_id, (session.address,))
