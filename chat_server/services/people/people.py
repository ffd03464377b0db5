"""Finding people among all accounts; it must not know rooms nor the wire."""

from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.objects import Member
from chat_protocol.paging import fitting
from chat_server.live.registry import ConnectionRegistry
from chat_server.storage import Storage


class People:
    """Look accounts up by the beginning of a username or display name."""

    def __init__(self, storage: Storage, registry: ConnectionRegistry) -> None:
        self._storage = storage
        self._registry = registry

    def find(self, prefix: str, limit: int) -> list[Member]:
        """Return up to `limit` accounts, with their status."""
        found = self._storage.users.search(fold_text(prefix.removeprefix(DIRECT_PREFIX)), limit)
        people = []
        for user in found:
            sessions = self._registry.sessions_of(user.id)
            status = sessions[0].status if sessions else "offline"
            people.append(Member(user.username, user.display_name, status))
        return people[: fitting(people)]
