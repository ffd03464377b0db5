"""The services that request handlers may call, in one value; it holds no logic."""

from dataclasses import dataclass

from chat_server.live.directory import RoomDirectory
from chat_server.live.presence import Presence
from chat_server.live.rates import Rates, RightOfWay
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.strangers import Strangers
from chat_server.services.accounts.accounts import Accounts
from chat_server.services.accounts.devices import Devices
from chat_server.services.accounts.one_time_invitations import OneTimeInvitations
from chat_server.services.files.files import Files
from chat_server.services.messages.messages import Messages
from chat_server.services.messages.search import Search
from chat_server.services.messages.sync import Sync
from chat_server.services.moderation.audit import Audit
from chat_server.services.moderation.moderation import Moderation
from chat_server.services.moderation.notices import Notices
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.own.receipts import Receipts
from chat_server.services.own.saved import SavedMessages
from chat_server.services.own.settings import OwnSettings
from chat_server.services.people.avatars import Avatars
from chat_server.services.people.people import People
from chat_server.services.people.roles import Roles
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.pins import PinnedMessages
from chat_server.services.rooms.room_admin import RoomAdmin
from chat_server.services.rooms.room_owners import RoomOwners
from chat_server.services.rooms.room_people import RoomPeople
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.shutdown import Shutdown


@dataclass(slots=True)
class Services:
    """All that a request handler may call."""

    registry: ConnectionRegistry
    directory: RoomDirectory
    accounts: Accounts
    devices: Devices
    rooms: Rooms
    room_admin: RoomAdmin
    room_owners: RoomOwners
    room_people: RoomPeople
    messages: Messages
    files: Files
    moderation: Moderation
    roles: Roles
    invitations: OneTimeInvitations
    audit: Audit
    notices: Notices
    pending_notices: PendingNotices
    people: People
    avatars: Avatars
    presence: Presence
    sanctions: SanctionBook
    rates: Rates
    strangers: Strangers
    right_of_way: RightOfWay
    search: Search
    sync: Sync
    own_settings: OwnSettings
    saved: SavedMessages
    pins: PinnedMessages
    receipts: Receipts
    shutdown: Shutdown
