"""Files that are attached, sent and saved in the window."""

import os
from tkinter import filedialog

import pytest

from chat_client.engine.pictures import Picture
from chat_client.model import changes as ch
from chat_client.model.pictures import PNG, SentPicture, Size
from chat_client.model.state import MessageState, Status
from chat_client.ui.widgets.words import Words
from chat_protocol.errors import ChatError
from chat_protocol.objects import File
from tests.support.pictures import png


@pytest.fixture
def chosen(monkeypatch, tmp_path):
    """Let the dialog choose two files; a test may change which."""
    paths = [tmp_path / "a.png", tmp_path / "b.txt"]
    for path in paths:
        path.write_bytes(b"x" * 2048)
    monkeypatch.setattr(filedialog, "askopenfilenames", lambda **_options: [str(path) for path in paths])
    return paths


def shown(widget):
    """Collect the words in a bar."""
    texts = [widget.text] if isinstance(widget, Words) else []
    return [text for text in texts + [t for w in widget.winfo_children() for t in shown(w)] if text]


def test_files_are_listed_and_sent_with_the_text_or_alone(hand, client, chosen):
    """Ctrl+O attaches; Return sends files and text as one message; the bar goes."""
    hand.press("<Control-o>")
    assert shown(hand.view.files.bar) == ["a.png  2 KB", "b.txt  2 KB"]
    assert hand.view.files.bar.winfo_ismapped()
    hand.write("look")
    hand.press("<Return>")
    assert client.called("files.send") == [("general", chosen, "look", None, [None, None])]
    assert client.called("outbox.send") == []
    assert not hand.view.files.bar.winfo_ismapped()
    assert hand.view.composer.send_button.instate(["disabled"])
    del chosen[1]
    hand.view.composer.attach_button.invoke()
    hand.settle()
    assert hand.view.composer.send_button.instate(["!disabled"])
    hand.press("<Return>")
    assert client.called("files.send")[1:] == [("general", chosen, "", None, [None])]


def test_attached_file_is_taken_off_again(hand, client, chosen):
    """Without the last of them nothing is sent."""
    hand.press("<Control-o>")
    for path in chosen:
        hand.view.files.remove(path)
    hand.settle()
    assert not hand.view.files.bar.winfo_ismapped()
    hand.press("<Return>")
    assert client.called("files.send") == []


def test_files_stay_with_their_room(hand, client, chosen):
    """In another room nothing is attached; back in the first they are there."""
    hand.press("<Control-o>")
    hand.main.open_direct("jules")
    hand.settle()
    assert hand.view.files.paths == []
    hand.main.open_room("general")
    hand.settle()
    assert hand.view.files.paths == chosen


def test_more_than_a_message_takes_are_left_out(hand, client, chosen, tmp_path):
    """The rest is said, not sent."""
    chosen[:] = [tmp_path / f"{number}.txt" for number in range(12)]
    hand.press("<Control-o>")
    assert hand.view.files.paths == chosen[:10]
    assert "10 files" in hand.view.composer.noticed.words


def test_refused_files_stay_attached(hand, client, chosen, monkeypatch):
    """What cannot be sent is said above the field, and text and files stay."""

    def refuse(*_arguments, **_options):
        raise ChatError("file_too_large", "Too large.")

    hand.press("<Control-o>")
    hand.write("look")
    monkeypatch.setattr(client.files, "send", refuse, raising=False)
    hand.press("<Return>")
    assert hand.view.files.paths == chosen
    assert hand.view.composer.get() == "look"
    assert hand.view.composer.context_words


def test_server_without_files_is_said(hand, client, chosen):
    """No dialog opens."""
    client.files.available = False
    hand.press("<Control-o>")
    assert hand.view.files.paths == []
    assert "takes no files" in hand.view.composer.noticed.words


def test_files_of_a_message_are_saved(hand, client, monkeypatch, tmp_path):
    """One under a safe name that the user may change, several into a folder; then it is said where."""
    asked = []
    monkeypatch.setattr(
        filedialog, "asksaveasfilename", lambda **options: asked.append(options["initialfile"]) or "/x/y"
    )
    monkeypatch.setattr(filedialog, "askdirectory", lambda **_options: str(tmp_path))
    one, two = File("f1", "CON.txt", 5), File("f2", "b.txt", 5)
    for files in ((one,), (one, two)):
        hand.view.messages.save_files(MessageState(1, "jules", "", 0, files=files))
    assert asked == ["_CON.txt"]
    saved = [(file.id, str(path)) for file, path in client.called("files.save")]
    assert saved == [("f1", "/x/y"), ("f1", str(tmp_path)), ("f2", str(tmp_path))]
    client.tell(ch.FileSaved("f1", "/x/y"))
    hand.settle()
    assert "/x/y" in hand.main.toast.words


def test_picture_is_looked_at_before_it_is_sent(hand, client, chosen):
    """When the user presses Return, what the client says of it is there; a changed file is looked at anew."""
    chosen[0].write_bytes(png(60, 40))
    hand.press("<Control-o>")
    hand.until(lambda: len(hand.view.files._pictures) == 2)
    chosen[0].write_bytes(png(90, 40))
    os.utime(chosen[0], (1, 1))
    hand.press("<Return>")
    assert client.called("files.send")[0][-1] == [SentPicture(PNG, Size(90, 40)), None]


def test_picture_that_waits_is_shown_at_once(hand, client, tmp_path):
    """Nobody waits for the server to see the own picture."""
    file = File("waiting/u1", "a.png", 500, "image/png", 60, 40)
    path = tmp_path / "copy"
    path.write_bytes(png(60, 40))
    general = client.state.rooms["general"]
    general.pending.append(
        MessageState(None, "zoe", "", 10**12, "n1", Status.PENDING, mine=True, files=(file,))
    )
    client.pictures.results[file.id, False] = Picture(path)
    client.tell(ch.PendingChanged("general"))
    hand.settle()
    hand.until(lambda: all(map(hand.paper.pictures.shown, hand.paper.pictures.in_view())))
    (placed,) = hand.paper.pictures.in_view()
    assert placed.file is file
