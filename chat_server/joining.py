"""What ties a server to the others on its database, and what each part is given; it holds no logic."""

import time

from chat_protocol.invitations import place_name
from chat_protocol.server_events import ServersEvent
from chat_server import __version__
from chat_server.cluster.acts import LAZY, Acts
from chat_server.cluster.comparison import Comparison
from chat_server.cluster.feed import Feed, Outbox
from chat_server.cluster.member import CALL_OFF, Exchange, Face, Member
from chat_server.cluster.online import Online
from chat_server.cluster.sweep import Sweep
from chat_server.net.reachable import advertised
from chat_server.parts import Parts
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

    services.presence.share()
    online = Online(servers, parts.storage, services.presence, time.monotonic)

    def stored(room_ids: set[int], count: int) -> None:
        pipeline.indexer.stored(room_ids, count)
        parts.webhook_sender.stored(room_ids)

    member = Member(
        servers,
        Exchange(
            outbox, Feed(servers, since, lambda change: member.applied(change, acts.apply)), sweep, online
        ),
        lambda: _face(parts),
        stored,
        pipeline.indexer.look_around,
        comparison.make,
    )
    # Each server tells its own clients.
    member.on_moved = lambda addresses: parts.audience.to_everyone(ServersEvent(list(addresses)), here=True)
    pipeline.indexer.share(lambda: member.has_turn)
    parts.webhook_sender.share(lambda: member.has_turn)
    parts.audience.pass_on_to(outbox.put, lambda user_id: services.presence.remote.of(user_id) is not None)
    parts.audit.server = lambda: member.name
    member.on_stop = lambda delay_ms, reason: _stop(parts.shutdown, delay_ms, reason)
    return member


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
