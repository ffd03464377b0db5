"""Retention: what is too old goes, a little at a time, and nothing else does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.rooms.retention import BATCH_MESSAGES, BATCHES_A_TURN, LOOK_EVERY_MS, Retention
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from tests.support.office import Office

DAY_MS = 86_400_000
Say = Callable[..., None]


@pytest.fixture
def retention(office: Office) -> Retention:
    return Retention(office.storage, office.directory, office.audit, office.clock)


@pytest.fixture
def room(office: Office) -> RoomRecord:
    return office.directory.find("Blabla")


@pytest.fixture
def jules(office: Office) -> UserRecord:
    return office.user("jules")


@pytest.fixture
def say(office: Office, jules: UserRecord) -> Say:
    """A function that says something so many times, so many days after the test's start."""

    def say(room_id: int, count: int, day: float = 0, **fields: Any) -> None:
        at = office.clock() + int(day * DAY_MS)
        nonces = (f"{room_id}-{at}-{number}-{sorted(fields.items())}" for number in range(count))
        batch = [NewMessage(room_id, jules.id, "text", nonce)._replace(**fields) for nonce in nonces]
        assert not any(isinstance(one, Exception) for one in office.storage.messages.append(batch, at))

    return say


def seqs(storage: Storage, room: RoomRecord) -> list[int]:
    return [message.seq for message in storage.messages.after(room.id, 0, 10_000)]


def apply_all(retention: Retention) -> int:
    """Apply the rules until nothing is left to do, and return how many turns did something."""
    turns = 0
    while retention.apply():
        turns += 1
    return turns


def test_old_messages_removed(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """Messages older than the rule go; the history starts later and the seqs go on."""
    say(room.id, 3)
    say(room.id, 2, day=5)
    retention.set_rule(office.admin, room, 7 * DAY_MS)
    office.clock.pass_by(8 * DAY_MS)
    apply_all(retention)
    assert seqs(office.storage, room) == [4, 5]
    say(room.id, 1)
    assert seqs(office.storage, room) == [4, 5, 6]
    assert office.directory.find("Blabla").first_seq == 4
    stored = office.storage.rooms.by_id(room.id)
    assert stored is not None
    assert (stored.first_seq, stored.last_seq) == (4, 6)


def test_everything_old(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """A room of which nothing is left starts behind its last message."""
    say(room.id, 3)
    retention.set_rule(office.admin, room, DAY_MS)
    office.clock.pass_by(2 * DAY_MS)
    apply_all(retention)
    assert office.directory.find("Blabla").first_seq == 4
    say(room.id, 1)
    assert seqs(office.storage, room) == [4]


def test_what_hangs_on_a_message_goes_with_it(
    office: Office, retention: Retention, room: RoomRecord, jules: UserRecord, say: Say
) -> None:
    """Reactions and former versions go with their message, and what is gone counts as read."""
    office.storage.members.join(room.id, jules.id)
    say(room.id, 2)
    say(room.id, 1, kind="react", target=1, body="👍")
    say(room.id, 1, kind="edit", target=2, body="better")
    say(room.id, 1, day=9)
    retention.set_rule(office.admin, room, 7 * DAY_MS)
    office.clock.pass_by(10 * DAY_MS)
    apply_all(retention)
    assert seqs(office.storage, room) == [5]
    assert office.storage.messages.versions(room.id, 2) == []
    assert office.storage.database.rows("SELECT * FROM reactions") == []
    membership = office.storage.members.get(room.id, jules.id)
    assert membership is not None
    assert membership.read_seq == 4


def test_small_batches(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """A turn of the timer removes a bounded number; the next turns remove the rest."""
    turn = BATCH_MESSAGES * BATCHES_A_TURN
    say(room.id, 2 * turn + 1)
    retention.set_rule(office.admin, room, DAY_MS)
    office.clock.pass_by(2 * DAY_MS)
    assert [retention.apply() for _ in range(4)] == [turn, turn, 1, 0]
    assert seqs(office.storage, room) == []


def test_looks_rarely(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """When nothing is too old, the database is asked again after minutes only, or when a rule changes."""
    say(room.id, 1)
    retention.set_rule(office.admin, room, DAY_MS)
    assert retention.apply() == 0
    office.clock.pass_by(DAY_MS + LOOK_EVERY_MS - 1)
    assert retention.apply() == 1
    say(room.id, 1)
    assert retention.apply() == 0
    office.clock.pass_by(LOOK_EVERY_MS - 1)
    retention.set_rule(office.admin, room, 1_000)
    assert retention.apply() == 1


def test_rule_of_all(
    office: Office, retention: Retention, room: RoomRecord, jules: UserRecord, say: Say
) -> None:
    """The rule of all holds in private conversations and removed rooms too, not in rooms with their own."""
    sport = office.directory.find("Informatique")
    direct = office.storage.rooms.direct(jules.id, office.user("marie").id, office.clock())
    kept = office.directory.find("Marketing")
    for one in (room, sport, direct, kept):
        say(one.id, 2)
    office.storage.rooms.archive(sport.id, office.clock())
    retention.set_rule(office.admin, None, 30 * DAY_MS)
    retention.set_rule(office.admin, room, 100 * DAY_MS)
    retention.set_rule(office.admin, kept, None)
    office.clock.pass_by(31 * DAY_MS)
    apply_all(retention)
    assert [len(seqs(office.storage, one)) for one in (room, sport, direct, kept)] == [2, 0, 0, 2]
    retention.set_rule(office.admin, room, 30 * DAY_MS)
    apply_all(retention)
    assert seqs(office.storage, room) == []


def test_no_rule_no_removal(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """Without a rule, and after it was taken back, everything is kept."""
    say(room.id, 2)
    office.clock.pass_by(10_000 * DAY_MS)
    assert retention.apply() == 0
    retention.set_rule(office.admin, None, DAY_MS)
    retention.set_rule(office.admin, None, None)
    assert retention.apply() == 0
    assert seqs(office.storage, room) == [1, 2]


def test_preview(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """The preview counts what would go, removes nothing and sets no rule."""
    say(room.id, 1_000)
    say(room.id, 500, day=5)
    office.clock.pass_by(6 * DAY_MS)
    assert [(each.name, count) for each, count in retention.preview(room, 2 * DAY_MS)] == [("Blabla", 1_000)]
    assert [(each.name, count) for each, count in retention.preview(None, 1)] == [("Blabla", 1_500)]
    assert retention.preview(room, 30 * DAY_MS) == []
    assert retention.apply() == 0
    assert len(seqs(office.storage, room)) == 1_500


def test_rules_outlive_the_server(office: Office, retention: Retention, room: RoomRecord) -> None:
    """Rules are stored: another server reads the same."""
    retention.set_rule(office.admin, None, DAY_MS)
    retention.set_rule(office.admin, room, None)
    again = Retention(office.storage, office.directory, office.audit, office.clock).rules()
    assert (again.everywhere, again.of(room.id), again.of(room.id + 1)) == (DAY_MS, None, DAY_MS)


def test_rules_audited(office: Office, retention: Retention, room: RoomRecord) -> None:
    """Who sets a rule stands in the audit, also who may not."""
    retention.set_rule(office.admin, room, DAY_MS)
    with pytest.raises(ChatError):
        retention.set_rule(Actor("jules", "moderator", "wire 192.0.2.1"), None, DAY_MS)
    assert office.actions() == [("retention", "Blabla", True), ("retention", "all", False)]
    assert retention.rules().everywhere is None


def test_database_away(
    office: Office, retention: Retention, room: RoomRecord, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is away nothing is removed and nothing raised; later it goes on."""
    say(room.id, 1)
    retention.set_rule(office.admin, room, DAY_MS)
    office.clock.pass_by(2 * DAY_MS)

    def away(*arguments: object) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(office.storage.retention, "remove", away)
        assert retention.apply() == 0
    office.clock.pass_by(LOOK_EVERY_MS)
    assert retention.apply() == 1


def test_rooms_in_which_nothing_is_old_take_no_turns(
    office: Office, retention: Retention, jules: UserRecord, say: Say
) -> None:
    """However many there are, what is old in the last one goes at the first look; the next look is later."""
    rooms = [
        office.storage.rooms.direct(jules.id, office.user(f"user{number}").id, office.clock())
        for number in range(BATCHES_A_TURN + 2)
    ]
    say(rooms[-1].id, 1)
    retention.set_rule(office.admin, None, DAY_MS)
    office.clock.pass_by(2 * DAY_MS)
    for one in rooms:
        say(one.id, 1)
    assert [retention.apply(), retention.apply(), retention.apply()] == [1, 0, 0]
    assert [len(seqs(office.storage, one)) for one in rooms] == [1] * len(rooms)


def test_clock_set_back(
    office: Office, retention: Retention, room: RoomRecord, say: Say, tmp_path: Path
) -> None:
    """A newer message keeps the older-looking ones behind it: the history has no hole."""
    say(room.id, 1)
    say(room.id, 1, day=9)
    say(room.id, 1, day=1)
    retention.set_rule(office.admin, room, 7 * DAY_MS)
    office.clock.pass_by(10 * DAY_MS)
    apply_all(retention)
    assert seqs(office.storage, room) == [2, 3]


def test_dry_run_says_what_happens_to_what_is_dated_in_the_future(
    office: Office, retention: Retention, room: RoomRecord, say: Say
) -> None:
    """A message dated a year ahead stops no room, and the preview counts what then goes."""
    say(room.id, 1, day=365)
    say(room.id, 3)
    say(room.id, 1, day=9)
    office.clock.pass_by(10 * DAY_MS)
    assert [count for _, count in retention.preview(room, 7 * DAY_MS)] == [4]
    retention.set_rule(office.admin, room, 7 * DAY_MS)
    apply_all(retention)
    assert seqs(office.storage, room) == [5]


def test_clock_ahead_for_a_while(office: Office, retention: Retention, room: RoomRecord, say: Say) -> None:
    """A clock that was a year ahead and is right again delays no later look."""
    retention.set_rule(office.admin, room, DAY_MS)
    office.clock.pass_by(365 * DAY_MS)
    assert retention.apply() == 0
    office.clock.pass_by(-365 * DAY_MS)
    say(room.id, 1)
    office.clock.pass_by(2 * DAY_MS)
    assert retention.apply() == 1
