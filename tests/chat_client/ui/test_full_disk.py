"""A disk that refuses: the window says so, asks before it closes, and writes when there is room again."""

import sqlite3

import pytest

from chat_client.model import changes as ch
from chat_client.store.drafts import Drafts
from chat_client.store.files import JsonFile
from chat_client.store.outbox import Entry, Outbox
from tests.chat_client.fakes import Bench, a_room


def test_refused_entry_is_written_when_there_is_room(tmp_path):
    """What the file has refused is held, told, and written later in its order; what was removed stays so."""
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, "zoe")
    outbox.add(Entry("n1", "send", "Lobby", "before"))
    assert outbox._database is not None
    pages = outbox._database.execute("PRAGMA page_count").fetchone()[0]
    outbox._database.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "disk is full"
    for number in range(2, 5):
        outbox.add(Entry(f"n{number}", "send", "Lobby", "x" * 9000))
    outbox.remove("n3")
    assert outbox.failing
    outbox.write_again()
    assert outbox.failing
    outbox._database.execute("PRAGMA max_page_count = 100000")
    outbox.write_again()
    assert not outbox.failing
    outbox.close()
    assert [entry.nonce for entry in Outbox(path, "zoe").all()] == ["n1", "n2", "n4"]


def test_outbox_that_cannot_be_opened_is_failing(tmp_path):
    """Where there is no file at all, what is added is told as not kept; it is opened later."""
    path = tmp_path / "folder" / "outbox.db"
    path.parent.write_text("in the way")
    outbox = Outbox(path, "zoe")
    outbox.add(Entry("n1", "send", "Lobby", "hello"))
    assert outbox.failing
    path.parent.unlink()
    outbox.write_again()
    assert not outbox.failing
    outbox.close()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT body FROM entries").fetchall() == [("hello",)]


def test_refused_file_leaves_nothing_beside_it(tmp_path, monkeypatch):
    """No empty `*.new` file stays where the disk was full; a draft is written later."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    now = [0.0]
    drafts = Drafts(tmp_path, lambda: now[0])
    with monkeypatch.context() as refusing:
        refusing.setattr("os.fsync", full)
        drafts.put("zoe", "lobby", "half a sentence")
        drafts.flush()
        assert drafts.failing
        assert list(tmp_path.iterdir()) == []
    now[0] = 10.0
    drafts.tick()
    assert not drafts.failing
    assert JsonFile(tmp_path / "drafts.json").load() == {"zoe": {"lobby": "half a sentence"}}


@pytest.mark.parametrize("written", ["message", "draft"])
def test_window_says_so_and_asks_before_it_closes(hand, client, monkeypatch, written):
    """A bar says that nothing is kept; closing asks first."""
    ended: list[bool] = []
    monkeypatch.setattr(hand.app, "end", lambda: ended.append(True))
    hand.write("only here")
    if written == "message":
        hand.press("<Return>")
    client.state.connection.keeping_ok = False
    hand.settle()
    assert hand.app.status.words.startswith("What you write is not kept on this computer")
    hand.app.close()
    hand.settle()
    assert ended == []
    client.state.connection.keeping_ok = True
    hand.app.close()
    assert ended == [True]


def test_message_knows_whether_it_is_kept(tmp_path):
    """A message that the disk has refused is marked, until it is written."""
    bench = Bench(tmp_path)
    bench.sign_in(a_room("Board"))
    bench.client.outbox.send("board", "kept")
    database = bench.client.outbox.stored._database
    assert database is not None
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "disk is full"
    bench.client.outbox.send("board", "é" * 3900)
    bench.client.outbox.send("board", "è" * 3900)
    bench.poll()
    assert [message.kept for message in bench.state.rooms["board"].pending] == [True, False, False]
    database.execute("PRAGMA max_page_count = 100000")
    assert ch.PendingChanged("board") in bench.pass_s(6)
    assert all(message.kept for message in bench.state.rooms["board"].pending)
    bench.client.close()


def test_message_that_is_not_kept_is_marked_in_the_timeline(hand, client):
    """The mark stands at the message itself, and goes once the message is written."""
    hand.write("only here")
    hand.press("<Return>")
    message = client.state.rooms["general"].pending[-1]
    message.kept = False
    client.tell(ch.PendingChanged("general"))
    hand.settle()
    assert "not kept on this computer" in hand.timeline()
    message.kept = True
    client.tell(ch.PendingChanged("general"))
    hand.settle()
    assert "not kept on this computer" not in hand.timeline()
