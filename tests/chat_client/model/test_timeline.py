"""One room's messages, however they come: sorted, unique, with changes merged and unread ones counted."""

from typing import Any

import pytest

from chat_client.model.changes import Change, MessageChanged, MessagesAppended, MessagesInserted
from chat_client.model.state import RoomState, UnloadedCounts
from chat_client.model.timeline import Added, Timeline
from chat_protocol.objects import File, Message


def _said(seq: int, body: str = "hi", author: str = "jules", **fields: Any) -> Message:
    return Message("r", seq, author, body, 1_000 + seq, **fields)


def _changed(seq: int, kind: str, target: int, body: str = "") -> Message:
    return Message("r", seq, "jules", body, 1_000 + seq, kind, target, True)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(RoomState("r", "r", membership="joined"), lambda: "zoe")


def _seqs(timeline: Timeline) -> list[int | None]:
    return [message.seq for message in timeline.room.messages]


def test_additions_are_told_as_changes() -> None:
    """Inserted ones first, then appended ones, then those that changed, by their seqs."""
    everything = Added(appended=1, in_front=2, between=3, changed={9, 4})
    expected: list[Change] = [
        MessagesInserted("r", 5, at_front=False),
        MessagesAppended("r", 1),
        MessageChanged("r", 4),
        MessageChanged("r", 9),
    ]
    assert everything.changes("r") == expected
    assert Added(in_front=2).changes("r") == [MessagesInserted("r", 2, at_front=True)]
    assert Added().changes("r") == []


def test_live_messages_are_put_in_order(timeline: Timeline) -> None:
    """Each goes where it belongs, and a repeat goes nowhere."""
    added = [timeline.add_live(_said(seq)) for seq in (5, 3, 4, 4, 6)]
    assert [(one.appended, one.in_front, one.between) for one in added] == [
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
        (0, 0, 0),
        (1, 0, 0),
    ]
    assert _seqs(timeline) == [3, 4, 5, 6]
    assert timeline.room.last_seq == 6


def test_page_fills_front_and_middle(timeline: Timeline) -> None:
    """A page in any order is cut into runs between what is there already."""
    for seq in (4, 8):
        timeline.add_live(_said(seq))
    added = timeline.add_page([_said(seq) for seq in (9, 2, 6, 3, 4, 5)], 1, 9, 0)
    assert (added.in_front, added.between, added.appended, added.changed) == (2, 2, 1, set())
    assert _seqs(timeline) == [2, 3, 4, 5, 6, 8, 9]
    assert timeline.room.last_seq == 9
    assert timeline.room.covered.ranges() == [(1, 9)]


def test_unread_messages_of_others_are_counted(timeline: Timeline) -> None:
    """Neither one's own nor deleted ones count, and a mention counts twice."""
    timeline.add_live(_said(1))
    timeline.add_live(_said(2, "@zoe hello"))
    timeline.add_live(_said(3, "@zoe me", author="Zoe"))
    timeline.add_live(_said(4, "@zoe", deleted=True))
    room = timeline.room
    assert (room.unread, room.mentions) == (2, 1)
    timeline.read_to(1)
    assert (room.unread, room.mentions) == (1, 1)
    timeline.read_to(4)
    assert (room.unread, room.mentions) == (0, 0)


def test_message_that_was_read_elsewhere_does_not_count(timeline: Timeline) -> None:
    """The reading mark may be ahead of the messages."""
    timeline.room.read_seq = 1
    timeline.add_live(_said(1, "@zoe"))
    assert (timeline.room.unread, timeline.room.mentions) == (0, 0)
    timeline.add_live(_said(2, "@zoe"))
    assert (timeline.room.unread, timeline.room.mentions) == (1, 1)


def test_messages_that_are_not_loaded_are_taken_for_others(timeline: Timeline) -> None:
    """A gap counts until it is filled."""
    timeline.add_live(_said(1))
    timeline.add_live(_said(5))
    assert timeline.room.unread == 5
    timeline.add_page([_said(2), _said(3, author="zoe"), _said(4, deleted=True)], 2, 4, 5)
    assert timeline.room.unread == 3


def test_deletion_uncounts_a_message(timeline: Timeline) -> None:
    """A deleted message is not unread, and an edit may take a mention away or bring one."""
    room = timeline.room
    timeline.add_live(_said(1, "@zoe"))
    timeline.add_live(_said(2, "hello"))
    timeline.add_live(_changed(3, "edit", 2, "hello @zoe"))
    assert (room.unread, room.mentions) == (2, 2)
    added = timeline.add_live(_changed(4, "delete", 1))
    assert added.changed == {1}
    assert (room.unread, room.mentions) == (1, 1)
    timeline.add_live(_changed(5, "edit", 2, "hello"))
    assert (room.unread, room.mentions) == (1, 0)


def test_change_of_a_read_message_counts_nothing(timeline: Timeline) -> None:
    """What was read is read, whatever happens to it."""
    timeline.add_live(_said(1, "@zoe"))
    timeline.read_to(1)
    timeline.add_live(_changed(2, "delete", 1))
    timeline.add_live(_changed(3, "edit", 1, "@zoe again"))
    assert (timeline.room.unread, timeline.room.mentions) == (0, 0)


def test_change_before_its_message_waits_for_it(timeline: Timeline) -> None:
    """An edit may come from a live event before the page that holds the message."""
    timeline.add_live(_changed(9, "edit", 2, "later"))
    added = timeline.add_page([_said(2, "first")], 1, 2, 5)
    assert added.appended == 1
    assert timeline.room.messages[0].body == "later"


def test_page_that_knows_more_refreshes_a_message(timeline: Timeline) -> None:
    """A message read later has what was changed meanwhile; one that says the same changes nothing."""
    timeline.add_live(_said(1, "first"))
    assert timeline.add_page([_said(1, "first")], 1, 1, 8).changed == set()
    assert timeline.add_page([_said(1, "edited", edited_at=7)], 1, 1, 9).changed == {1}
    assert (timeline.room.messages[0].body, timeline.room.messages[0].edited_at) == ("edited", 7)
    assert timeline.add_page([_said(1, "older")], 1, 1, 9).changed == set()
    assert timeline.room.messages[0].body == "edited"
    assert timeline.add_page([_said(1, "x", deleted=True)], 1, 1, 10).changed == {1}
    assert (timeline.room.messages[0].body, timeline.room.messages[0].deleted) == ("", True)


def test_change_that_a_page_held_already_is_not_made_again(timeline: Timeline) -> None:
    """A page has everything up to the seq at which it was asked for."""
    timeline.add_page([_said(1, "edited again")], 1, 1, 7)
    assert timeline.add_live(_changed(7, "edit", 1, "edited once")).changed == set()
    assert timeline.room.messages[0].body == "edited again"
    assert timeline.add_live(_changed(8, "edit", 1, "newest")).changed == {1}


def test_server_s_counts_hold_for_what_is_not_loaded(timeline: Timeline) -> None:
    """What is loaded of it is taken out; with everything loaded, they are worth nothing any more."""
    room = timeline.room
    room.last_seq, room.read_seq = 20, 10
    timeline.told(10, 20, 6, 2)
    timeline.recount()
    assert (room.unread, room.mentions) == (6, 2)
    timeline.add_page([_said(19, "@zoe"), _said(20, author="zoe")], 19, 20, 20)
    assert room.counts == UnloadedCounts(20, 5, 1)
    assert (room.unread, room.mentions) == (6, 2)
    timeline.add_page([_said(10), _said(11, deleted=True)], 10, 11, 20)
    assert room.counts == UnloadedCounts(20, 5, 1)
    timeline.add_page([_said(seq) for seq in range(12, 19)], 12, 18, 20)
    assert room.counts == UnloadedCounts(20, 0, 0)
    assert (room.unread, room.mentions) == (8, 1)


def test_counts_are_less_what_is_loaded(timeline: Timeline) -> None:
    """Told after messages came, the counts hold for the rest alone, and are not wanted any more."""
    room = timeline.room
    timeline.add_page([_said(4, "@zoe"), _said(5)], 4, 5, 5)
    room.counts_wanted = True
    timeline.told(1, 5, 3, 1)
    assert room.counts == UnloadedCounts(5, 1, 0)
    assert not room.counts_wanted
    timeline.told(1, 5, 1, 0)
    assert room.counts == UnloadedCounts(5, 0, 0)


def test_counts_are_asked_again_where_the_mark_passes_what_is_not_loaded(timeline: Timeline) -> None:
    """Past loaded messages, or everything, nothing needs to be asked."""
    room = timeline.room
    room.last_seq = 20
    timeline.told(0, 20, 15, 0)
    timeline.add_page([_said(1), _said(2)], 1, 2, 20)
    timeline.read_to(2)
    assert not room.counts_wanted
    timeline.read_to(5)
    assert room.counts_wanted
    room.counts_wanted = False
    timeline.read_to(20)
    assert (room.counts_wanted, room.unread) == (False, 0)


@pytest.mark.parametrize(
    ("kind", "seq", "target", "expected"),
    [
        ("delete", 21, 15, True),
        ("edit", 21, 15, True),
        ("react", 21, 15, False),
        ("delete", 20, 15, False),
        ("delete", 21, 10, False),
    ],
)
def test_counts_are_asked_again_after_a_change_of_what_is_not_loaded(
    timeline: Timeline, kind: str, seq: int, target: int, expected: bool
) -> None:
    """Deletions and edits may count otherwise; reactions do not, nor what was counted with them or read."""
    timeline.room.last_seq, timeline.room.read_seq = 20, 10
    timeline.told(10, 20, 6, 2)
    timeline.add_live(_changed(seq, kind, target, "x"))
    assert timeline.room.counts_wanted is expected


def test_files_go_with_a_deletion_and_stay_with_an_edit(timeline: Timeline) -> None:
    """They are of the message that was said; a later page that shows others is taken over."""
    files = (File("f1", "a.png", 10),)
    timeline.add_live(_said(1, "", files=files))
    message = timeline.room.messages[0]
    assert message.files == files
    timeline.add_live(_changed(2, "edit", 1, "look"))
    assert (message.body, message.files) == ("look", files)
    timeline.add_live(_changed(3, "delete", 1))
    assert not message.files
    added = timeline.add_page([_said(4, files=files), _said(5, deleted=True, files=files)], 4, 5, 5)
    assert added.appended == 2
    assert [message.files for message in timeline.room.messages[1:]] == [files, ()]
    assert timeline.add_page([_said(4)], 4, 4, 6).changed == {4}
    assert timeline.room.messages[1].files == ()
