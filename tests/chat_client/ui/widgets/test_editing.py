"""Keys of editing and what is pasted, in the window's own fields, by real keys of the X server."""

import time
from tkinter import filedialog

import pytest

from chat_client.ui.widgets.clipboard import clipboard_text
from chat_protocol.limits import BODY_MAX_CHARS, REASON_MAX_CHARS


@pytest.fixture(params=["composer", "search", "switcher"])
def field(hand, request):
    """Each kind of field in turn, with the keyboard in it: how to read it, and its widget."""
    if request.param == "composer":
        widget = hand.view.composer.text
    elif request.param == "search":
        hand.main.toggle_search()
        widget = hand.main.search.entry
    else:
        hand.main.show_switcher()
        widget = hand.main.sheet.entry
    hand.settle()
    widget.focus_force()
    hand.app.root.update()
    return widget


def read(widget) -> str:
    return widget.get("1.0", "end-1c") if widget.winfo_class() == "Text" else widget.get()


def write(hand, widget, text: str) -> None:
    for letter in text:
        keysym = {" ": "space", ".": "period"}.get(letter, letter)
        hand.press(f"<KeyPress-{keysym}>", widget)
        hand.press(f"<KeyRelease-{keysym}>", widget)


def test_words_are_deleted(hand, field):
    """Ctrl+Backspace deletes the word before the cursor, Ctrl+Delete the one after it."""
    write(hand, field, "one two three")
    hand.press("<Control-BackSpace>", field)
    assert read(field) == "one two "
    hand.press("<Home>", field)
    hand.press("<Control-Delete>", field)
    assert read(field) == " two "


def test_all_is_chosen_and_replaced(hand, field):
    """Ctrl+A chooses the whole field: what is typed next takes its place."""
    write(hand, field, "one two")
    hand.press("<Control-a>", field)
    write(hand, field, "x")
    assert read(field) == "x"


def test_taken_back_and_done_again(hand, field):
    """Ctrl+Z takes the last change back and Ctrl+Y, which Emacs has for pasting, does it again."""
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append("never this")
    write(hand, field, "one two")
    hand.press("<Control-BackSpace>", field)
    hand.press("<KeyRelease-BackSpace>", field)
    hand.press("<Control-z>", field)
    assert read(field) == "one two"
    hand.press("<Control-y>", field)
    assert read(field) == "one "


@pytest.mark.parametrize("key", ["d", "h", "t", "o"])
def test_keys_of_emacs_do_nothing(hand, field, key, monkeypatch):
    """Ctrl+D, Ctrl+H, Ctrl+T and Ctrl+O, which asks for files, change no text."""
    monkeypatch.setattr(filedialog, "askopenfilenames", lambda **_options: ())
    write(hand, field, "one")
    hand.press("<Left>", field)
    at = field.index("insert")
    hand.press(f"<Control-{key}>", field)
    assert (read(field), field.index("insert")) == ("one", at)


@pytest.mark.parametrize("field", ["search", "switcher"], indirect=True)
@pytest.mark.parametrize("key", ["b", "e", "i"])
def test_keys_that_mark_a_text_do_nothing_in_other_fields(hand, field, key):
    """Ctrl+B, Ctrl+E and Ctrl+I move no cursor and write nothing where no message is written."""
    write(hand, field, "one")
    hand.press("<Left>", field)
    at = field.index("insert")
    hand.press(f"<Control-{key}>", field)
    assert (read(field), field.index("insert")) == ("one", at)


def test_huge_line_is_cut_at_once(hand, client):
    """Of 300,000 characters in one line a message's worth comes in, quickly, and the rest is told."""
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append("word " * 60_000)
    composer = hand.view.composer
    before = time.process_time()
    hand.press("<Control-v>", composer.text)
    assert time.process_time() - before < 1.0
    assert len(composer.get()) == BODY_MAX_CHARS
    assert f"{300_000 - BODY_MAX_CHARS} characters did not fit" in composer.noticed.words
    hand.press("<BackSpace>", composer.text)
    assert composer.noticed.words == ""


def test_too_many_lines_say_why_they_stay(hand, client):
    """Return on a text over the limit says by how much it is too long, and sends nothing."""
    composer = hand.view.composer
    hand.write("x\n" * (BODY_MAX_CHARS // 2 + 200))
    hand.press("<Return>", composer.text)
    assert "399 characters too long" in composer.noticed.words
    assert client.called("outbox.send") == []


def test_image_is_told(hand, client):
    """An image on the clipboard puts no numbers into the field, and is not ignored without a word."""
    root, composer = hand.app.root, hand.view.composer
    root.clipboard_clear()
    root.clipboard_append("0x89 0x50 0x4e 0x47", type="image/png")
    # Tk answers for its own clipboard with what was put there; STRING and UTF8_STRING were not.
    assert clipboard_text(root) is None
    hand.press("<Control-v>", composer.text)
    assert composer.get() == ""
    assert "no text on the clipboard" in composer.noticed.words


def test_reason_holds_what_it_may(hand, client):
    """What is pasted as a reason ends where the server's limit is."""
    client.add_room("Secrets", kind="moderated", membership="none")
    hand.open("secrets")
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append("y" * 100_000)
    hand.press("<Control-v>", hand.view.join_card.reason)
    assert len(hand.view.join_card.reason.get("1.0", "end-1c")) == REASON_MAX_CHARS


def test_field_of_a_dialog_of_tks_own(hand):
    """Where a file is to be saved a name can be pasted, and words deleted, in an entry that Tk made."""
    tk = hand.app.root.tk
    tk.eval("ttk::entry .asked; pack .asked; .asked insert 0 {an old name}; .asked selection range 0 end")
    tk.eval("focus -force .asked; update")
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append("/home/zoe/my file.pdf")
    tk.eval("event generate .asked <Control-v>")
    assert tk.eval(".asked get") == "/home/zoe/my file.pdf"
    tk.eval("event generate .asked <Control-BackSpace>")
    assert tk.eval(".asked get") == "/home/zoe/my file."
    tk.eval("destroy .asked")
