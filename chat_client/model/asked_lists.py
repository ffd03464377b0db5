"""Lists that a user has asked for, as the server answered: everybody, sanctions, invitations, the audit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chat_protocol.moderation_replies import AuditEntry, OneTimeInvitation, Sanction
from chat_protocol.objects import Device, Member
from chat_protocol.people_requests import PersonReply

T = TypeVar("T")


@dataclass(slots=True)
class PagedList(Generic[T]):
    """What is known of a list that comes in pages.

    :param items: None until the server has answered.
    :param next: where the next page begins; None where there is none.
    """

    items: list[T] | None = None
    next: int | str | None = None

    def take(self, page: Sequence[T], next: int | str | None, *, more: bool) -> None:
        """Take a page: the first one, or with `more` the one behind what is known."""
        self.items = [*(self.items or ()), *page] if more else list(page)
        self.next = next


@dataclass(slots=True)
class AskedLists:
    """The lists of one account's state.

    :param devices: of the user `devices_of`.
    """

    directory: PagedList[Member] = field(default_factory=PagedList)
    sanctions: PagedList[Sanction] = field(default_factory=PagedList)
    audit: PagedList[AuditEntry] = field(default_factory=PagedList)
    invitations: list[OneTimeInvitation] | None = None
    devices: list[Device] | None = None
    devices_of: str = ""
    #: By the key of the username.
    persons: dict[str, PersonReply] = field(default_factory=dict)
