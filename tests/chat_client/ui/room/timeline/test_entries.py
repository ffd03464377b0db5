"""The order of entries in a timeline."""

from chat_client.model.state import MessageState
from chat_client.ui.room.timeline.entries import GROUP_PAUSE_MS, arrange, seq_of


def message(seq, author, at_ms, body="x", **values):
    return MessageState(seq, author, body, at_ms, **values)


def shape(entries):
    """Tell each entry in a letter: Head, message, day line, new line, gap."""
    letters = {"day": "d", "new": "n", "gap": "g"}
    return "".join(letters.get(e.kind, "H" if e.head else "m") for e in entries)


def test_messages_of_one_author_are_a_group(at):
    """The name stands once above what one person says in a row."""
    said = [message(1, "a", at()), message(2, "a", at(1)), message(3, "b", at(2)), message(4, "a", at(3))]
    assert shape(arrange(said)) == "dHmHH"


def test_pause_ends_a_group(at):
    """After a pause the name is told again."""
    later = at() + GROUP_PAUSE_MS + 1
    assert shape(arrange([message(1, "a", at()), message(2, "a", later)])) == "dHH"


def test_minute_is_told_once(at):
    """Within a group, the first message of each minute carries its time."""
    said = [message(1, "a", at()), message(2, "a", at(0.2)), message(3, "a", at(1))]
    assert [e.minute for e in arrange(said) if e.kind == "message"] == [True, False, True]


def test_day_line_between_two_days(at):
    """A day begins with its line, and with the author's name."""
    said = [message(1, "a", at(days=-1)), message(2, "a", at())]
    assert shape(arrange(said)) == "dHdH"


def test_new_line_before_the_first_unread(at):
    """The "new" line stands once, before the message that it names."""
    said = [message(seq, "a", at()) for seq in (1, 2, 3)]
    assert shape(arrange(said, new_from=2)) == "dHnHm"


def test_gap_in_front_of_a_message(at):
    """What is missing is told where it is missing."""
    said = [message(seq, "a", at()) for seq in (1, 5)]
    assert shape(arrange(said, gap_before=lambda m: m.seq == 5)) == "dHgH"


def test_arranging_in_parts_gives_the_same(at):
    """What is arranged in two steps has the same shape as in one."""
    said = [message(seq, "ab"[seq // 3 % 2], at(seq)) for seq in range(1, 12)]
    assert arrange(said[:5]) + arrange(said[5:], said[4]) == arrange(said)


def test_reply_and_action_stand_alone(at):
    """A reply and a message in the third person begin a group of their own."""
    said = [
        message(1, "a", at()),
        message(2, "a", at(), reply_to=1),
        message(3, "a", at(), body="/me waves"),
        message(4, "a", at()),
    ]
    assert shape(arrange(said)) == "dHHHH"


def test_keys_tell_stored_from_waiting(at):
    """A stored message is found by its seq, a waiting one by its nonce."""
    entries = arrange([message(7, "a", at()), message(None, "a", at(), nonce="abc")])
    assert [seq_of(e.key) for e in entries] == [None, 7, None]
    assert entries[-1].key == "pabc"


def test_time_before_its_predecessor(at):
    """A clock that was set back ends a group and breaks nothing."""
    assert shape(arrange([message(1, "a", at(5)), message(2, "a", at())])) == "dHH"
