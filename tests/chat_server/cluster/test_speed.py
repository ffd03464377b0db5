"""How soon an act is seen on the other server, with a broker and without: the cluster's own threads run."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from chat_server.cluster import online
from chat_server.cluster.member import Member
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.cluster.acts import TRAVELS
from tests.chat_server.cluster.pair import Pair, make_pair, open_both
from tests.support.mariadb import MariaDb
from tests.support.redis import Redis
from tests.support.waiting import until

POLL_S = 0.001
WITH_BROKER_S, WITHOUT_S = 0.1, 1.0


def member(building: Building) -> Member:
    found = building.server.parts.cluster
    assert found is not None
    return found


@contextmanager
def running(folder: Path, url: str, broker: str) -> Iterator[Sequence[Building]]:
    """Two servers whose clusters' threads run; with a broker each hears both through it."""
    with open_both(folder, url, broker) as both:
        members = [member(each) for each in both]
        try:
            for each in members:
                each.start()
            ids = [building.storage.servers.id for building in both if building.storage.servers]
            for each in members:
                if each.doorbell:
                    until(partial(each.doorbell.hears, ids))
            yield both
        finally:
            for each in members:
                each.stop()


def settle(pair: Pair) -> None:
    """Wait until each server has heard of what the test begins with."""
    mark = f"begin {pair.number}"
    pair.first.services.notices.set_motd(ADMIN, mark)
    until(lambda: pair.second.services.notices.motd == mark)  # the second server hears the first
    until(lambda: pair.first.services.presence.remote.of(pair.mia.user_id))
    pair.session.sent.clear()
    pair.mia.sent.clear()


@pytest.mark.long
@pytest.mark.parametrize("broker", [True, False], ids=["broker", "no broker"])
def test_acts_are_seen_in_time(
    broker: bool,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    mariadb: MariaDb,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a broker all, and the middle one within a tenth of a second; without, a part, within a second."""
    monkeypatch.setattr(online, "TELL_EVERY_S", 0.0)
    url = ""
    if broker:
        request.getfixturevalue("need_redis")
        redis = Redis()
        request.addfinalizer(redis.close)
        url = redis.url
    took: dict[str, float] = {}
    with running(tmp_path / "servers", mariadb.new_database(), url) as both:
        for number, (act, (do, seen)) in enumerate(list(TRAVELS.items())[:: 1 if broker else 4], 1):
            pair = make_pair(both, number)
            settle(pair)
            assert not seen(pair), act
            do(pair)
            done = time.monotonic()
            until(partial(seen, pair), partial(str, (act, pair.told, pair.session.ended)), poll_s=POLL_S)
            took[act] = time.monotonic() - done
    assert median(took.values()) <= (WITH_BROKER_S if broker else WITHOUT_S), took
