"""Which clients give way when all together leave too much unread; it must not know how one is ended."""

from collections import defaultdict
from collections.abc import Iterable

from chat_server.live.session import Session


def to_give_way(sessions: Iterable[Session], most: int) -> list[Session]:
    """Return the sessions to end: those of the users with most unread, until the rest fits into `most` bytes.

    What several connections have not read of one batch is one piece of memory and counts once; only where a
    quick sum of all is over the bound are the pieces looked at.
    """
    waiting = [session for session in sessions if session.connection.waiting_bytes]
    if sum(session.connection.waiting_bytes for session in waiting) <= most:
        return []
    by_user: dict[int, list[Session]] = defaultdict(list)
    pieces: dict[int, dict[int, int]] = defaultdict(dict)  # user -> identity of a piece -> its bytes
    held = []  # alive meanwhile, so that no identity is used twice
    for session in waiting:
        unread = session.connection.unread()
        held.append(unread)
        by_user[session.user_id].append(session)
        pieces[session.user_id].update((id(piece), len(piece)) for piece in unread)
    leaving: list[Session] = []
    for user_id in sorted(pieces, key=lambda user_id: sum(pieces[user_id].values()), reverse=True):
        distinct = {identity: size for of_user in pieces.values() for identity, size in of_user.items()}
        if sum(distinct.values()) <= most:
            break
        leaving += by_user[user_id]
        del pieces[user_id]
    return leaving
