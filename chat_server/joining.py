"""What ties a server to the others on its database, and what each part is given; it holds no logic."""

import time
from collections.abc import Callable

from chat_protocol.invitations import place_name
from chat_protocol.server_events import ServersEvent
from chat_server import __version__
from chat_server.cluster.acts import LAZY, Acts
from chat_server.cluster.arrivals import Arrivals
from chat_server.cluster.broker import open_broker
from chat_server.cluster.comparison import Comparison
from chat_server.cluster.doorbell import Bells, Doorbell
from chat_server.cluster.feed import Feed, Outbox
from chat_server.cluster.member import CALL_OFF, Exchange, Face, Member
from chat_server.cluster.online import Online
from chat_server.cluster.sweep import Sweep
from chat_server.net.reachable import advertised
from chat_server.parts import Parts
from chat_server.pipeline.commit import Batch
from chat_server.services.rooms.directs import Directs
from chat_server.services.shutdown import Shutdown
from chat_server.storage.mysql.servers import Servers


def join_cluster(parts: Parts, servers: Servers, since: int, directs: Directs) -> Member:
    """Make what ties a server to the others on its database."""
    pipeline, services = parts.pipeline, parts.services
    outbox = Outbox(servers, LAZY)
    acts = Acts(
        parts.storage,
        parts.audience,
        parts.registry,
        parts.directory,
        services.presence,
        parts.sanctions,
        services.pending_notices,
    )
    comparison = Comparison(
        parts.storage,
        parts.audience,
        parts.registry,
        parts.directory,
        parts.sanctions,
        acts,
        parts.clock,
    )
    sweep = Sweep(
        parts.storage,
        parts.directory,
        pipeline.batches,
        lambda: pipeline.committer.rooms_in_hand,
        directs.incoming,
    )

    directs.share()
    services.rooms.share()
    pipeline.delivery.on_unread = sweep.unread
    presence = services.presence
    presence.share()
    online = Online(servers, parts.storage, presence, time.monotonic)
    doorbell = None
    if parts.options.broker:
        doorbell = Doorbell(
            open_broker(parts.options.broker, parts.options.broker_password),
            servers.id,
            servers.chat_secret(),
        )

    def stored(room_ids: set[int], count: int) -> None:
        pipeline.indexer.stored(room_ids, count)
        parts.webhook_sender.stored(room_ids)

    member = Member(
        servers,
        Exchange(
            outbox,
            Feed(servers, since, lambda change: member.applied(change, acts.apply)),
            sweep,
            online,
            doorbell,
        ),
        lambda: _face(parts),
        stored,
        pipeline.indexer.look_around,
        comparison.make,
    )
    if doorbell is not None:
        outbox.on_told = online.on_told = doorbell.changed
        outbox.on_waiting = presence.on_moved = member.ring
        presence.on_typing = doorbell.typing
        _answer(doorbell, member, parts, stored)
    # Each server tells its own clients.
    member.on_moved = lambda addresses: parts.audience.to_everyone(ServersEvent(list(addresses)), here=True)
    pipeline.indexer.share(lambda: member.has_turn)
    parts.webhook_sender.share(lambda: member.has_turn)
    parts.audience.pass_on_to(outbox.put, lambda user_id: services.presence.remote.of(user_id) is not None)
    parts.audit.server = lambda: member.name
    member.on_stop = lambda delay_ms, reason: _stop(parts.shutdown, delay_ms, reason)
    member.on_outdated = lambda: parts.shutdown.request(0, "")
    return member


def _answer(
    doorbell: Doorbell, member: Member, parts: Parts, stored: Callable[[set[int], int], None]
) -> None:
    """Ring for what is stored here, and do what others ring for."""
    pipeline, presence = parts.pipeline, parts.services.presence
    committer = pipeline.committer
    arrivals = Arrivals(parts.directory, pipeline.batches, lambda: committer.rooms_in_hand)

    def handed_on(batch: Batch) -> None:
        rooms = batch.last_seqs()
        arrivals.batch_ended(rooms)
        doorbell.ring({room_id: seq for room_id, seq in rooms.items() if seq})

    def heard(bells: Bells) -> None:
        if bells.rooms:
            stored(set(bells.rooms), len(bells.rooms))
        if arrivals.heard(bells.rooms) or bells.changed:
            member.ring()
        for room_id, user_id in bells.typing:
            presence.typing_elsewhere(room_id, user_id)

    committer.on_handed_on = handed_on
    doorbell.on_heard, doorbell.on_gap = heard, member.look


def _stop(shutdown: Shutdown, delay_ms: int, reason: str) -> None:
    if delay_ms == CALL_OFF:
        shutdown.cancel()
    else:
        shutdown.request(delay_ms / 1000, reason)


def _face(parts: Parts) -> Face:
    options = parts.options
    places = advertised(options.host, options.public_name, parts.port) or [(options.host, parts.port)]
    online, fingerprint = len(parts.registry.online_users()), parts.encryption.fingerprint or ""
    return Face(place_name(places[0]), __version__, fingerprint, online)
