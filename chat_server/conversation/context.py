"""The services that request handlers may call, in one value; it holds no logic."""

from dataclasses import dataclass

from chat_server.directory import RoomDirectory
from chat_server.registry import ConnectionRegistry
from chat_server.services.accounts import Accounts
from chat_server.services.messages import Messages
from chat_server.services.moderation import Moderation
from chat_server.services.notices import Notices
from chat_server.services.people import People
from chat_server.services.presence import Presence
from chat_server.services.quotas import Quotas
from chat_server.services.roomadmin import RoomAdmin
from chat_server.services.rooms import Rooms
from chat_server.services.sanctions import SanctionBook
from chat_server.services.search import Search


@dataclass(slots=True)
class Services:
    """All that a request handler may call."""

    registry: ConnectionRegistry
    directory: RoomDirectory
    accounts: Accounts
    rooms: Rooms
    room_admin: RoomAdmin
    messages: Messages
    moderation: Moderation
    notices: Notices
    people: People
    presence: Presence
    sanctions: SanctionBook
    limits: Quotas
    search: Search
