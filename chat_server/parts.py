"""The parts of one server, as its other parts and the administrator's tools see them; it makes none."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chat_server.cluster.member import Member
from chat_server.conversation.context import Services
from chat_server.live.directory import RoomDirectory
from chat_server.live.last_seen import LastSeen
from chat_server.live.rates import Rates
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.timer import Timer
from chat_server.measurements import Measurements
from chat_server.net.certificate import Encryption
from chat_server.net.flusher import Flusher
from chat_server.options import Options
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch, Committer
from chat_server.pipeline.delivery import Delivery
from chat_server.pipeline.indexer import Indexer
from chat_server.reloading import Reloading
from chat_server.services.accounts.bots import Bots
from chat_server.services.accounts.devices import Devices
from chat_server.services.accounts.one_time_invitations import OneTimeInvitations
from chat_server.services.accounts.registration import Registration
from chat_server.services.audience import Audience
from chat_server.services.files.administration import FileAdministration
from chat_server.services.files.sweeper import Sweeper
from chat_server.services.messages.messages import Submission
from chat_server.services.moderation.audit import Audit
from chat_server.services.moderation.moderation import Moderation
from chat_server.services.moderation.notices import Notices
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.people.importing import Importing
from chat_server.services.people.personal import PersonalData
from chat_server.services.people.roles import Roles
from chat_server.services.rooms.creation_policy import CreationPolicy
from chat_server.services.rooms.retention import Retention
from chat_server.services.rooms.room_admin import RoomAdmin
from chat_server.services.shutdown import Shutdown
from chat_server.services.webhooks.incoming import IncomingWebhooks
from chat_server.services.webhooks.outgoing import OutgoingWebhooks
from chat_server.storage import Storage
from chat_server.webhooks.sending import WebhookSender

Clock = Callable[[], int]


@dataclass(slots=True)
class Pipeline:
    """A message's way, from the clients' threads to the readers."""

    submissions: BatchQueue[Submission]
    batches: BatchQueue[Batch | Elsewhere]
    committer: Committer
    delivery: Delivery
    indexer: Indexer
    flusher: Flusher


@dataclass(slots=True)
class Parts:
    """The parts of one server; the console and the administrator's other tools work on them.

    :param options: what is in force; a reload replaces it, as it does the encryption.
    :param clock: milliseconds since 1970 UTC.
    :param started_s: when, by a clock that nobody sets.
    :param port: the one that the server listens on; 0 before it does.
    :param cluster: this server's part among others on its database; None for one that is alone.
    :param webhooks_port: the one that programs post to; 0 where there is none.
    :param reloading: reads the settings again; None where there is nothing to read.
    """

    options: Options
    encryption: Encryption
    storage: Storage
    clock: Clock
    started_s: float
    measurements: Measurements
    registry: ConnectionRegistry
    audience: Audience
    directory: RoomDirectory
    rates: Rates
    timer: Timer
    last_seen: LastSeen
    audit: Audit
    sanctions: SanctionBook
    moderation: Moderation
    notices: Notices
    registration: Registration
    invitations: OneTimeInvitations
    creation_policy: CreationPolicy
    devices: Devices
    roles: Roles
    bots: Bots
    retention: Retention
    personal: PersonalData
    importing: Importing
    sweeper: Sweeper
    file_administration: FileAdministration
    webhooks: IncomingWebhooks
    outgoing_webhooks: OutgoingWebhooks
    webhook_sender: WebhookSender
    shutdown: Shutdown
    services: Services
    pipeline: Pipeline
    reloading: Reloading | None = None
    cluster: Member | None = None
    port: int = 0
    webhooks_port: int = 0

    @property
    def data_dir(self) -> Path:
        """The folder of the database, the certificate and the logs."""
        return self.options.data_dir

    @property
    def room_admin(self) -> RoomAdmin:
        """What administrators do with rooms."""
        return self.services.room_admin

    def apply(self, options: Options, encryption: Encryption) -> None:
        """Use other settings and another certificate from now on; connections that are open stay.

        Only what is read at its use can differ from the start: `config.table` has the list.
        """
        self.options, self.encryption = options, encryption
        self.rates.apply(options.limits)
        self.devices.apply(options.limits)
        self.services.strangers.apply(options.limits)
        self.services.files.apply(options.limits, options.scan)
        self.services.room_owners.limits = options.limits
