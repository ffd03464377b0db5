"""What the server is made of, and what each part is given; it starts no thread and holds no logic."""

import time

from chat_protocol.times import now_ms
from chat_server.conversation import handlers
from chat_server.conversation.context import Services
from chat_server.files.store import BlobStore
from chat_server.joining import join_cluster
from chat_server.limits import STORE_RETRY_MOVING_S, STORE_RETRY_S
from chat_server.live.directory import RoomDirectory
from chat_server.live.last_seen import LastSeen
from chat_server.live.presence import Presence
from chat_server.live.rates import Rates, RightOfWay
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.strangers import KNOWN_GROUPS, Strangers
from chat_server.live.timer import Timer
from chat_server.measurements import Measurements
from chat_server.net.certificate import Encryption
from chat_server.net.flusher import Flusher
from chat_server.options import Options
from chat_server.parts import Clock, Parts, Pipeline
from chat_server.pipeline.catch_up import CatchUp
from chat_server.pipeline.commit import Committer, make_queues
from chat_server.pipeline.delivery import Delivery
from chat_server.pipeline.indexer import Indexer
from chat_server.services.accounts.accounts import Accounts
from chat_server.services.accounts.auth_command import AuthCommand
from chat_server.services.accounts.bots import Bots
from chat_server.services.accounts.devices import Devices
from chat_server.services.accounts.external import ExternalAccounts
from chat_server.services.accounts.one_time_invitations import OneTimeInvitations
from chat_server.services.accounts.registration import Registration
from chat_server.services.audience import Audience
from chat_server.services.files.administration import FileAdministration
from chat_server.services.files.files import Files
from chat_server.services.files.sweeper import Sweeper
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
from chat_server.services.people.importing import Importing
from chat_server.services.people.people import People
from chat_server.services.people.personal import PersonalData
from chat_server.services.people.roles import Roles
from chat_server.services.rooms.creation_policy import CreationPolicy
from chat_server.services.rooms.directs import Directs
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.pins import PinnedMessages
from chat_server.services.rooms.retention import Retention
from chat_server.services.rooms.room_admin import RoomAdmin
from chat_server.services.rooms.room_news import RoomNews
from chat_server.services.rooms.room_owners import RoomOwners
from chat_server.services.rooms.room_people import RoomPeople
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.rooms.succession import Succession
from chat_server.services.shutdown import Shutdown
from chat_server.services.webhooks.incoming import IncomingWebhooks
from chat_server.services.webhooks.outgoing import OutgoingWebhooks
from chat_server.storage import Storage
from chat_server.webhooks.posting import Posting
from chat_server.webhooks.requests import Reception
from chat_server.webhooks.sending import WebhookSender


def assemble(options: Options, storage: Storage, encryption: Encryption, clock: Clock = now_ms) -> Parts:
    """Make the parts of a server, and give each what it needs."""
    assert handlers  # imported for the handlers that it registers
    since = None if storage.servers is None else storage.servers.now()  # before anything is read
    measurements, registry, timer = Measurements(), ConnectionRegistry(), Timer()
    audience = Audience(registry)
    directory = RoomDirectory(storage.rooms.all())
    audit = Audit(storage, clock)
    sanctions = SanctionBook(storage, clock)
    moderation = Moderation(storage, audience, directory, sanctions, audit, clock)
    notices = Notices(storage, audience, audit)
    devices = Devices(storage, audience, audit, options.limits, clock)
    rates = Rates(time.monotonic, enforced=options.rate_limits, limits=options.limits)
    right_of_way = RightOfWay()
    invitations = OneTimeInvitations(storage, audit, rates, clock)

    shutdown = Shutdown(audience, timer, clock)
    presence = Presence(storage, registry)
    directs = Directs(storage, registry, audience, directory, presence, clock)
    requests = JoinRequests(storage, audience, clock)
    pending = PendingNotices(storage, audience)
    news = RoomNews(storage, audience)
    succession = Succession(storage, audience, directory, news)
    rooms = Rooms(storage, registry, audience, directory, directs, requests, presence, succession, clock)
    policy = CreationPolicy(storage, audience, audit)
    people = RoomPeople(storage, audience, rooms, succession, requests, pending, news, audit)
    receipts = Receipts(storage, audience, rooms)
    messages = Messages(storage, audience, rooms, directs, sanctions, clock, receipts.read_on)
    store = BlobStore(options.files_folder)
    files = Files(
        storage, store, messages, options.limits, clock, scan_command=options.scan, enabled=options.files
    )
    roles = Roles(storage, audience, audit, clock)
    external = None
    if options.auth_command:
        command = AuthCommand(options.auth_command, options.limits.auth_s)
        external = ExternalAccounts(command, storage, directory, audience, rooms, roles, clock)
    registration = Registration(
        storage, audience, audit, invitations, options.registration, external=external
    )
    services = Services(
        registry=registry,
        directory=directory,
        accounts=Accounts(storage, registry, rooms, sanctions, devices, registration, presence, rates, clock),
        devices=devices,
        rooms=rooms,
        room_admin=RoomAdmin(storage, audience, directory, rooms, requests, pending, news, audit, clock),
        room_people=people,
        room_owners=RoomOwners(storage, directory, rooms, people, policy, news, audit, options.limits, clock),
        messages=messages,
        files=files,
        moderation=moderation,
        roles=roles,
        invitations=invitations,
        audit=audit,
        notices=notices,
        pending_notices=pending,
        people=People(storage, audience, presence),
        avatars=Avatars(storage, audience, presence, sanctions, audit),
        presence=presence,
        sanctions=sanctions,
        rates=rates,
        strangers=_strangers(options, storage, right_of_way),
        right_of_way=right_of_way,
        search=Search(storage, directory, rooms),
        sync=Sync(storage, rooms),
        own_settings=OwnSettings(storage, audience, rooms),
        saved=SavedMessages(storage, audience, rooms, clock),
        pins=PinnedMessages(storage, audience, rooms, people, audit, clock),
        receipts=receipts,
        shutdown=shutdown,
    )
    webhook_sender = WebhookSender(storage, directory, clock, measurements)
    parts = Parts(
        options=options,
        encryption=encryption,
        storage=storage,
        clock=clock,
        started_s=time.monotonic(),
        measurements=measurements,
        registry=registry,
        audience=audience,
        directory=directory,
        rates=rates,
        timer=timer,
        last_seen=LastSeen(storage, registry, clock),
        audit=audit,
        sanctions=sanctions,
        moderation=moderation,
        notices=notices,
        registration=registration,
        invitations=invitations,
        creation_policy=policy,
        devices=devices,
        roles=roles,
        bots=Bots(storage, devices, audit, clock),
        retention=Retention(storage, directory, audit, clock),
        personal=PersonalData(storage, audit, store),
        importing=Importing(storage, directory, audit, clock),
        sweeper=Sweeper(storage, store, files.uploads, clock),
        file_administration=FileAdministration(storage, files.space, audit),
        webhooks=IncomingWebhooks(storage, directory, rooms, messages, sanctions, audit, clock),
        outgoing_webhooks=OutgoingWebhooks(storage, directory, audit, webhook_sender.changed, clock),
        webhook_sender=webhook_sender,
        shutdown=shutdown,
        services=services,
        pipeline=_pipeline(options, storage, registry, clock, measurements, webhook_sender, right_of_way),
    )
    if storage.servers is not None and since is not None:
        parts.cluster = join_cluster(parts, storage.servers, since, directs)
    return parts


def reception(parts: Parts) -> Reception:
    """Return what the port of the webhooks needs."""
    return Reception(
        incoming=parts.webhooks,
        posting=Posting(parts.webhooks, parts.rates, parts.pipeline.submissions),
        strangers=parts.services.strangers,
        sanctions=parts.sanctions,
        measurements=parts.measurements,
        timer=parts.timer,
        context=lambda: parts.encryption.context,
    )


def _strangers(options: Options, storage: Storage, right_of_way: RightOfWay) -> Strangers:
    """Know the addresses of users from the start: they all come back at once, perhaps among others."""
    strangers = Strangers(
        time.monotonic, options.limits, enforced=options.rate_limits, give_way=right_of_way.give
    )
    for address in reversed(storage.users.recent_addresses(KNOWN_GROUPS)):
        strangers.know(address)
    return strangers


def _pipeline(
    options: Options,
    storage: Storage,
    registry: ConnectionRegistry,
    clock: Clock,
    measurements: Measurements,
    webhook_sender: WebhookSender,
    right_of_way: RightOfWay,
) -> Pipeline:
    submissions, batches = make_queues(options.limits.waiting_max, right_of_way)
    indexer = Indexer(storage.search.index)

    def follow(room_ids: set[int], count: int) -> None:
        indexer.stored(room_ids, count)
        webhook_sender.stored(room_ids)

    committer = Committer(
        storage,
        submissions,
        batches,
        clock,
        follow=follow,
        measurements=measurements,
        retry_s=STORE_RETRY_MOVING_S if storage.database.has_others else STORE_RETRY_S,
    )
    delivery = Delivery(registry, batches, CatchUp(storage).missing, measurements, right_of_way)
    return Pipeline(submissions, batches, committer, delivery, indexer, Flusher())
