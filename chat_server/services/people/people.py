"""Finding people among all accounts; it must not know rooms nor the wire."""

from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.objects import Member
from chat_protocol.paging import fitting
from chat_protocol.replies import PeopleFound
from chat_server.services.audience import Audience
from chat_server.storage import Storage


class People:
    """Look accounts up by the beginning of a username or display name."""

    def __init__(self, storage: Storage, audience: Audience) -> None:
        self._storage = storage
        self._audience = audience

    def find(self, prefix: str, limit: int) -> PeopleFound:
        """Return up to `limit` accounts, with their status, and whether there are others."""
        found = self._storage.users.search(fold_text(prefix.removeprefix(DIRECT_PREFIX)), limit + 1)
        people = []
        for user in found:
            account = self._audience.account_of(user.id)
            status = account.status if account else "offline"
            people.append(Member(user.username, user.display_name, status))
        end = min(limit, fitting(people))
        return PeopleFound(people[:end], end < len(people) or None)
