"""Files under way in the timeline: how far they are, and what pauses or ends them."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import MessageState, Status
from chat_client.model.transfer_state import TransferState
from chat_protocol.objects import File


@pytest.fixture
def uploading(hand, client):
    """A message that waits, with two files, of which the second waits for the first."""
    files = (File("waiting/u1", "a.pdf", 4096), File("waiting/u2", "b.txt", 100))
    waiting = MessageState(None, "zoe", "", 10**12, "n1", Status.PENDING, mine=True, files=files)
    client.state.rooms["general"].pending.append(waiting)
    client.tell(ch.PendingChanged("general"))
    first = TransferState("u1", "a.pdf", 4096, "n1", done=1024)
    for state in (first, TransferState("u2", "b.txt", 100, "n1")):
        client.state.transfers[state.key] = state
        client.tell(ch.TransferChanged(state.key))
    hand.settle()
    return first


def bars(hand):
    """The bars in the timeline, from the top."""
    return [bar for key in ("u1", "u2", "f1") for bar in hand.paper.transfer_bars(key)]


def press(hand, bar, what):
    """Press a button of a bar."""
    left, top, right, bottom = bar.bbox(what)
    bar.event_generate("<Motion>", x=(left + right) // 2, y=(top + bottom) // 2)
    bar.event_generate("<Button-1>", x=(left + right) // 2, y=(top + bottom) // 2)
    hand.settle()


def test_each_file_says_how_far_it_has_come(hand, client, uploading):
    """What comes further is drawn where it stands: no line is written anew."""
    assert [bar.words for bar in bars(hand)] == ["25 %  ·  1 KB of 4 KB", "Waiting…"]
    bar = bars(hand)[0]
    uploading.done = 2048
    client.tell(ch.TransferChanged("u1"))
    hand.settle()
    assert bars(hand)[0] is bar
    assert bar.words == "50 %  ·  2 KB of 4 KB"


def test_buttons_pause_go_on_and_cancel(hand, client, uploading):
    """Beside the bar; what rests can go on, what waits to be tried again is tried now."""
    press(hand, bars(hand)[0], "pause")
    assert client.called("files.pause") == [("u1",)]
    uploading.paused = True
    client.tell(ch.TransferChanged("u1"))
    hand.settle()
    assert bars(hand)[0].words == "Paused at 25 %"
    press(hand, bars(hand)[0], "go_on")
    uploading.paused, uploading.code = False, "dropped"
    client.tell(ch.TransferChanged("u1"))
    hand.settle()
    assert bars(hand)[0].words == "Will be tried again: The connection was lost"
    press(hand, bars(hand)[0], "go_on")
    assert client.called("files.go_on") == [("u1",), ("u1",)]
    press(hand, bars(hand)[0], "cancel")
    assert client.called("files.cancel") == [("u1",)]


def test_keys_pause_go_on_and_cancel(hand, client, uploading):
    """U on the message, for all of its files; X ends them."""
    hand.press("<Up>", hand.paper)
    hand.press("<Key-u>")
    assert client.called("files.pause") == [("u1",), ("u2",)]
    for state in client.state.transfers.values():
        state.paused = True
    hand.press("<Key-u>")
    assert client.called("files.go_on") == [("u1",), ("u2",)]
    hand.press("<Key-x>")
    assert client.called("files.cancel") == [("u1",), ("u2",)]


def test_bar_goes_with_the_transfer(hand, client, uploading):
    """What has arrived is a file like any other."""
    del client.state.transfers["u1"]
    client.tell(ch.TransferChanged("u1"))
    hand.settle()
    assert [bar.key for bar in bars(hand)] == ["u2"]
    assert "a.pdf" in hand.timeline()


def test_download_is_shown_where_its_file_stands(hand, client, at):
    """Only one that the user has asked for: pictures in view come by themselves."""
    general = client.state.rooms["general"]
    client.arrive(general, "jules", "look", at(), files=(File("f1", "a.pdf", 4096),))
    client.state.transfers["f1"] = state = TransferState("f1", "a.pdf", 4096, done=2048, asked=False)
    client.tell(ch.TransferChanged("f1"))
    hand.settle()
    assert bars(hand) == []
    state.asked = True
    client.tell(ch.TransferChanged("f1"))
    hand.settle()
    (bar,) = bars(hand)
    assert bar.words == "50 %  ·  2 KB of 4 KB"
