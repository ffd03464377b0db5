"""The list of all that is unread: what stands in it, and working it off by keyboard."""

import pytest

from chat_client.model.inbox import inbox
from chat_client.model.state import NotifyLevel


@pytest.fixture
def pane(hand, client, at):
    """The pane, open: three rooms with something unread, one of which mentions the user, and a muted one."""
    rooms = {name: client.add_room(name) for name in ("Alpha", "Beta", "Gamma", "Quiet")}
    for room in rooms.values():
        room.notify = NotifyLevel.ALL
    client.write(rooms["Alpha"], "jules", "old news", at(1))
    client.write(rooms["Beta"], "jules", "new **news**", at(3))
    client.write(rooms["Gamma"], "jules", "@zoe look", at(2), mentions_me=True)
    client.write(rooms["Gamma"], "jules", "never mind", at(4))
    client.write(rooms["Quiet"], "jules", "noise", at(5))
    for name, unread, mentions in (("Alpha", 1, 0), ("Beta", 1, 0), ("Gamma", 2, 1), ("Quiet", 1, 0)):
        rooms[name].unread, rooms[name].mentions = unread, mentions
    rooms["Quiet"].notify = NotifyLevel.NONE
    hand.settle()
    hand.press("<Control-u>", hand.view.composer.text)
    return hand.main.inbox


def marked(client, monkeypatch):
    """Let marking as read have its effect on the state."""
    calls: list[str] = []

    def mark_read(key, seq=None):
        room = client.state.rooms[key]
        room.unread = room.mentions = 0
        room.read_seq = room.last_seq
        calls.append(key)

    monkeypatch.setattr(client.history, "mark_read", mark_read)
    return calls


def test_what_calls_comes_first(hand, pane):
    """Mentions, then the latest; each with what calls; a muted room is left out."""
    assert pane.list.texts() == ["Gamma", "Beta", "Alpha"]
    assert [row.detail for row in pane.list.rows] == [
        "Jules: @zoe look",
        "Jules: new news",
        "Jules: old news",
    ]
    assert (pane.list.rows[0].badge, pane.list.rows[0].calls) == (2, 1)


def test_muted_room_that_mentions_is_there(client, pane):
    """A mention is never lost."""
    client.state.rooms["quiet"].mentions = 1
    assert "quiet" in [entry.room.key for entry in inbox(client.state)]


def test_worked_off_by_keyboard(hand, client, pane, monkeypatch):
    """R marks as read and stands on the next one, until nothing is left; Escape leaves."""
    calls = marked(client, monkeypatch)
    hand.press("<Down>", pane.list.canvas)
    assert pane.list.rows[pane.list.cursor].key == "beta"
    hand.press("<Key-r>")
    assert pane.list.texts() == ["Gamma", "Alpha"]
    assert pane.list.rows[pane.list.cursor].key == "alpha"
    hand.press("<Key-r>")
    hand.press("<Key-r>")
    assert calls == ["beta", "alpha", "gamma"]
    assert pane.words.winfo_ismapped()
    hand.press("<Escape>", pane.list.canvas)
    assert not pane.winfo_ismapped()


def test_opened_at_what_calls(hand, client, pane):
    """Return opens the room; of one with a mention, at that message."""
    shown: list[int] = []
    hand.view.timeline.show_around = shown.append
    hand.press("<Home>", pane.list.canvas)
    hand.press("<Return>")
    assert (client.state.open_room, shown) == ("gamma", [1])
    hand.press("<Control-u>", hand.view.composer.text)
    hand.press("<End>", pane.list.canvas)
    hand.press("<Return>")
    assert client.state.open_room == "alpha"


def test_all_by_a_click(hand, client, pane, monkeypatch):
    """The button marks all that is listed, and nothing else."""
    calls = marked(client, monkeypatch)
    pane.all.invoke()
    hand.settle()
    assert sorted(calls) == ["alpha", "beta", "gamma"]
    assert pane.list.texts() == []


def test_nothing_is_asked_of_the_server(client, pane):
    """It is made of what the model knows."""
    before = list(client.calls)
    pane.show()
    assert client.calls == before
