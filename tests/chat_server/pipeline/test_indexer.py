"""The indexer's thread: when it wakes, when it rests, and what it does not forget."""

import queue
import threading
from collections.abc import Iterable, Iterator

import pytest

from chat_server.pipeline import indexer as module
from chat_server.pipeline.indexer import Indexer
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.search.index import SearchIndex

TIMEOUT_S = 10.0


class FakeIndex(SearchIndex):
    """Notes what it is asked, and takes the time that a test wants."""

    def __init__(self) -> None:
        self.advanced: queue.SimpleQueue[set[int]] = queue.SimpleQueue()
        self.unfinished: list[set[int]] = []
        self.errors: list[Exception] = []
        self.rooms_behind: set[int] = set()
        self.stale = False
        self.now = 0.0
        self.cpu = 0.0
        self.turn_takes = 0.0

    def make_stale(self) -> None:
        self.stale = True

    def prepare(self) -> bool:
        was_stale, self.stale = self.stale, False
        return not was_stale

    def behind(self) -> set[int]:
        return set(self.rooms_behind)

    def advance(self, room_ids: Iterable[int], limit: int) -> set[int]:
        self.now += self.turn_takes
        self.advanced.put(set(room_ids))
        if self.errors:
            raise self.errors.pop()
        return self.unfinished.pop() if self.unfinished else set()


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def indexer(index: FakeIndex) -> Indexer:
    return Indexer(index, lambda: index.now, lambda: index.cpu)


@pytest.fixture
def running(indexer: Indexer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Indexer]:
    for name in ("GATHER_S", "RETRY_S", "FAILED_S"):
        monkeypatch.setattr(module, name, 0.0)
    indexer.start()
    yield indexer
    indexer.stop()


def test_start_looks_around(index: FakeIndex, indexer: Indexer) -> None:
    """The first turn indexes whatever is behind, the next ones only what was stored meanwhile."""
    index.rooms_behind = {3, 4}
    index.stale = True
    indexer.stored({5}, 1)
    for _ in range(3):
        indexer.turn()
    assert index.advanced.get() == {3, 4, 5}
    indexer.stored({6}, 1)
    indexer.turn()
    assert index.advanced.get() == {6}


def test_one_server_of_a_cluster_indexes(index: FakeIndex, indexer: Indexer) -> None:
    """Another one forgets what it is told; when its turn comes, it is told to look around."""
    turns = [False, True, True]
    indexer.share(lambda: turns.pop(0))
    indexer.stored({1}, 1)
    indexer.turn()
    assert index.advanced.empty()
    assert indexer.rooms_waiting == 0
    index.rooms_behind = {2, 3}
    indexer.look_around()
    indexer.turn()
    indexer.turn()
    assert index.advanced.get_nowait() == {2, 3}


def test_unfinished_rooms_come_again(index: FakeIndex, indexer: Indexer) -> None:
    """A room of which a turn has not indexed everything is in the next turn."""
    index.rooms_behind, index.unfinished = {1, 2}, [{2}]
    for _ in range(3):
        indexer.turn()
    assert [index.advanced.get() for _ in range(2)] == [{1, 2}, {2}]


def test_error_forgets_nothing(index: FakeIndex, indexer: Indexer) -> None:
    """After an error the same rooms are tried again."""
    index.rooms_behind, index.errors = {1}, [StorageUnavailable("down")]
    indexer.turn()
    with pytest.raises(StorageUnavailable):
        indexer.turn()
    indexer.stored({2}, 1)
    indexer.turn()
    assert [index.advanced.get() for _ in range(2)] == [{1}, {1, 2}]


def test_rest(index: FakeIndex, indexer: Indexer) -> None:
    """Nobody stores: a short rest; a few: as long as the turn; a crowd: much longer, with a limit."""
    index.rooms_behind, index.turn_takes = {1}, 0.01
    indexer.turn()
    assert indexer.turn() == pytest.approx(module.QUIET_REST * 0.01)
    indexer.stored({1}, 1)
    assert indexer.turn() == pytest.approx(0.01)
    indexer.stored({1}, module.CROWD)
    indexer.stored({1}, 1)
    assert indexer.turn() == pytest.approx(module.BUSY_REST * 0.01)
    indexer.stored({1}, 1)
    index.now += 1.0
    index.cpu += module.BUSY_SHARE
    assert indexer.turn() == pytest.approx(module.BUSY_REST * 0.01)
    index.turn_takes = 60.0
    indexer.stored({1}, module.CROWD)
    assert indexer.turn() == module.REST_MAX_S


def test_thread_wakes_when_something_is_stored(index: FakeIndex, running: Indexer) -> None:
    """Idle, it sleeps; a stored message, or a rebuild, wakes it."""
    running.stored({7}, 1)
    assert index.advanced.get(timeout=TIMEOUT_S) == {7}
    index.rooms_behind = {8}
    running.rebuild()
    assert index.advanced.get(timeout=TIMEOUT_S) == {8}
    assert index.advanced.empty()


@pytest.mark.logged_errors
def test_thread_survives_errors(index: FakeIndex, running: Indexer) -> None:
    """Neither the database's errors nor its own end the thread."""
    index.errors = [KeyError("a mistake"), StorageUnavailable("down")]
    running.stored({7}, 1)
    for _ in range(3):
        assert index.advanced.get(timeout=TIMEOUT_S) == {7}


def test_stop_ends_a_rest(index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop does not wait for the end of a rest, and not for the end of the work either."""
    indexer = Indexer(index, clock=lambda: index.now)
    monkeypatch.setattr(module, "GATHER_S", 3_600.0)
    indexer.start()
    indexer.stored({1}, 1)
    stopper = threading.Thread(target=indexer.stop)
    stopper.start()
    stopper.join(TIMEOUT_S)
    assert not stopper.is_alive()
    assert index.advanced.empty()


@pytest.mark.parametrize(
    ("crowd", "busy", "rest"),
    [
        (0, 0.0, module.QUIET_REST),
        (1, 0.0, module.STORING_REST),
        (module.CROWD - 1, module.BUSY_SHARE - 0.01, module.STORING_REST),
        (module.CROWD, 0.0, module.BUSY_REST),
        (0, module.BUSY_SHARE, module.BUSY_REST),
        (0, module.BUSY_SHARE - 0.01, module.QUIET_REST),
    ],
)
def test_rest_ratio(crowd: int, busy: float, rest: float) -> None:
    """Either much that is stored or a busy process alone makes the rest long."""
    assert Indexer._rest_ratio(crowd, busy) == rest


@pytest.mark.parametrize(
    ("passed_s", "used_s", "share"), [(2.0, 0.5, 0.25), (0.0, 0.5, 0.0), (1.0, 0.0, 0.0)]
)
def test_busy_share_is_of_the_time_between_two_turns(
    index: FakeIndex, indexer: Indexer, passed_s: float, used_s: float, share: float
) -> None:
    """What the turn itself has used is not counted; a clock that stands tells nothing."""
    index.rooms_behind, index.turn_takes = {1}, 5.0
    indexer.turn()
    indexer.turn()
    index.now += passed_s
    index.cpu += used_s
    assert indexer._busy_share() == share


def test_rooms_that_wait_are_counted(index: FakeIndex, indexer: Indexer) -> None:
    """Those that were told of, and those that are not wholly in the index."""
    index.rooms_behind, index.unfinished = {1, 2, 3}, [{2}]
    indexer.stored({9}, 1)
    assert indexer.rooms_waiting == 1
    indexer.turn()
    assert indexer.rooms_waiting == 4
    indexer.turn()
    indexer.stored({7, 8}, 1)
    assert indexer.rooms_waiting == 3


def test_built_index_is_said_once(
    index: FakeIndex, indexer: Indexer, caplog: pytest.LogCaptureFixture
) -> None:
    """When the last room is in it; an index that was there already is not worth a word."""
    caplog.set_level("INFO")
    index.rooms_behind = {1}
    for _ in range(3):
        indexer.turn()
    assert "built" not in caplog.text
    indexer.rebuild()
    index.unfinished = [{1}]
    for _ in range(3):
        indexer.turn()
        assert "built" not in caplog.text
    indexer.turn()
    indexer.turn()
    assert caplog.text.count("the search index is built") == 1


def test_stop_before_the_start_does_not_wait(indexer: Indexer) -> None:
    """A server whose start has failed ends, too."""
    indexer.stop()
    assert not indexer._thread.is_alive()


def test_rooms_of_others_are_looked_for_now_and_then(
    index: FakeIndex, running: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was told, and what another server has stored is found all the same."""
    monkeypatch.setattr(module, "LOOK_AROUND_S", 0.001)
    index.rooms_behind = {8}
    running.stored({7}, 1)  # wakes it out of the long wait
    while index.advanced.get(timeout=TIMEOUT_S) != {8}:
        pass


@pytest.mark.logged_errors
def test_thread_rests_after_an_error(
    index: FakeIndex, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second until the database may answer again, a minute where something is wrong with the index."""
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 5:
            indexer.stop()

    monkeypatch.setattr(indexer, "_rest", rest)
    index.rooms_behind = {1}
    index.errors = [KeyError("a mistake"), StorageUnavailable("down")]
    indexer._run()
    assert rests == [0.25, 0.0, 1.0, 60.0, 0.0, 0.25]
    assert index.advanced.qsize() == 3
