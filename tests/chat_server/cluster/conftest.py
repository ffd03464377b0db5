"""Fixtures of the cluster's tests: two whole servers on one MariaDB."""

import itertools
from collections.abc import Iterator, Sequence

import pytest

from chat_server.cluster import online
from tests.chat_server.building import Building
from tests.chat_server.cluster.pair import Pair, make_pair, open_both
from tests.support.mariadb import MariaDb

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDb) -> Iterator[Sequence[Building]]:
    """Two servers on one database, for all tests of a module: starting them takes longer than most."""
    folder, url = tmp_path_factory.mktemp("cluster"), mariadb.new_database()
    with pytest.MonkeyPatch.context() as patch, open_both(folder, url) as both:
        patch.setattr(online, "TELL_EVERY_S", 0.0)
        yield both


@pytest.fixture
def pair(servers: Sequence[Building]) -> Pair:
    """Users and rooms of the test's own on the two servers."""
    made = make_pair(servers, next(_numbers))
    made.turn()
    made.second.server.parts.pipeline.batches.take(100, timeout=0)
    made.session.sent.clear()
    made.mia.sent.clear()
    return made
