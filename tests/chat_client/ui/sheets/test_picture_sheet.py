"""The viewer: opened by pointer and keyboard, walks through the room's pictures, saves, closes."""

from tkinter import filedialog

import pytest

from chat_client.engine.pictures import Picture
from chat_client.model import changes as ch
from chat_client.model.pictures import Fault
from chat_client.ui.room.pasting import clipboard_files
from chat_client.ui.sheets import picture_sheet
from chat_protocol.objects import File
from tests.support.pictures import png

SIZES = {1: (300, 200), 2: (3000, 2000), 3: (20, 10)}


@pytest.fixture
def files(client, hand, at, tmp_path):
    """Three messages with a picture each, and one with a text file; two have come."""
    room = client.state.rooms["general"]
    made = []
    for number, (width, height) in SIZES.items():
        file = File(f"f{number}", f"{number}.png", 5000, "image/png", width, height)
        made.append(file)
        files = (file,) if number != 2 else (File("t", "a.txt", 5, "text/plain"), file)
        client.write(room, "jules", "", at(number), files=files)
        path = tmp_path / f"{number}.png"
        path.write_bytes(png(width, height))
        if number != 3:
            client.pictures.results[file.id, False] = Picture(path)
    room.read_seq = room.last_seq
    hand.open("blabla")
    hand.open("general")
    return made


def opened(hand):
    sheet = hand.main.sheet
    assert isinstance(sheet, picture_sheet.PictureSheet)
    assert not sheet.closed
    return sheet


def said(sheet):
    """Read the words on the canvas."""
    canvas = sheet.canvas
    return "".join(canvas.itemcget(item, "text") for item in canvas.find_all() if canvas.type(item) == "text")


def test_viewer_opens_by_keyboard(hand, client, files):
    """Up to the message, V: it is shown as large as there is room; Escape gives the keyboard back."""
    hand.press("<Up>", hand.paper)
    hand.press("<Up>")
    hand.press("<Key-v>")
    sheet = opened(hand)
    assert sheet.file is files[1]
    assert sheet.image.width() <= sheet.canvas.winfo_width()
    assert sheet.image.height() <= sheet.canvas.winfo_height()
    assert sheet.winfo_width() > hand.app.root.winfo_width() * 0.9
    hand.press("<Escape>")
    assert sheet.closed
    assert hand.app.root.focus_get() is hand.paper


def test_viewer_opens_by_a_click(hand, client, files):
    """A click on a picture opens that one."""
    (placed,) = hand.paper.pictures.of("m3")
    x, y, width, height = hand.paper.bbox(placed.name)
    for event in ("<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        hand.paper.event_generate(event, x=x + width // 2, y=y + height // 2)
    hand.settle()
    assert opened(hand).file is files[2]


def test_viewer_walks_through_the_pictures_of_the_room(hand, client, files):
    """Left and Right go to the one before and the next, and stop at the ends."""
    hand.main.show_picture(files[1])
    hand.settle()
    sheet = opened(hand)
    hand.press("<Left>")
    assert sheet.file is files[0]
    assert sheet.buttons["previous"].instate(["disabled"])
    hand.press("<Left>")
    assert sheet.file is files[0]
    for _ in range(3):
        hand.press("<Right>")
    assert sheet.file is files[2]
    assert sheet.buttons["next"].instate(["disabled"])


def test_viewer_shows_pixel_by_pixel(hand, client, files):
    """With + as much is cut out as there is room for, which the wheel moves; with − it is whole again."""
    hand.main.show_picture(files[1])
    hand.settle()
    sheet = opened(hand)
    small = sheet.image.width()
    hand.press("<plus>")
    room = (sheet.canvas.winfo_width(), sheet.canvas.winfo_height())
    assert (sheet.image.width(), sheet.image.height()) == room
    above = sheet.image.get(5, 5)
    sheet.canvas.event_generate("<Button-5>")
    hand.settle()
    assert sheet.image.get(5, 5) != above
    sheet.pan(10_000, 10_000)
    hand.settle()
    assert sheet._from == (3000 - room[0], 2000 - room[1])
    hand.press("<minus>")
    assert sheet.image.width() == small


def test_viewer_waits_for_a_picture(hand, client, files, tmp_path):
    """What has not come yet is asked for, and shown as soon as it is there."""
    hand.main.show_picture(files[2])
    hand.settle()
    sheet = opened(hand)
    assert said(sheet) == "Loading the picture…"
    assert (files[2],) in client.called("pictures.want")
    client.pictures.come(files[2], Picture(tmp_path / "3.png"))
    hand.settle()
    assert sheet.image.width() == 20


def test_viewer_says_why_a_picture_is_not_shown(hand, client, files):
    """What turns out to be damaged is said in the viewer as well."""
    hand.main.show_picture(files[2])
    hand.settle()
    client.pictures.come(files[2], Picture(fault=Fault.CUT_OFF))
    hand.settle()
    assert said(opened(hand)) == "Not shown: the file is incomplete."


def test_viewer_says_when_tk_cannot_decode(hand, client, files, tmp_path):
    """What slips through the checks ends in words, not in an error."""
    (tmp_path / "3.png").write_bytes(b"no picture")
    client.pictures.results["f3", False] = Picture(tmp_path / "3.png")
    hand.main.show_picture(files[2])
    hand.settle()
    assert said(opened(hand)) == "Not shown: the file is damaged."


def test_viewer_saves(hand, client, files, monkeypatch):
    """S asks where, under the picture's name, and the viewer tells that it was done."""
    asked = []
    monkeypatch.setattr(
        filedialog,
        "asksaveasfilename",
        lambda **options: asked.append(options["initialfile"]) or "/x/y",
    )
    hand.main.show_picture(files[0])
    hand.settle()
    hand.press("<s>")
    assert asked == ["1.png"]
    assert [(file.id, str(path)) for file, path in client.called("files.save")] == [("f1", "/x/y")]
    client.tell(ch.FileSaved("f1", "/x/y"))
    hand.settle()
    assert "/x/y" in str(opened(hand)._details.cget("text"))


def test_menu_of_a_message_without_pictures_has_no_viewer(hand, client, files, at):
    """What has nothing to view does not offer it."""
    client.arrive(client.state.rooms["general"], "jules", "words", at(9))
    hand.settle()
    hand.press("<Key-v>", hand.paper)
    assert hand.main.sheet is None or hand.main.sheet.closed
    assert hand.view.messages.pictures(client.state.rooms["general"].messages[-1]) == []


def test_picture_is_copied_as_a_file(hand, client, files, tmp_path):
    """With C; pasted here, it is attached again, under the ending of what it is."""
    hand.main.show_picture(files[0])
    hand.settle()
    hand.press("<Key-c>", opened(hand).canvas)
    (path,) = clipboard_files(hand.view, tmp_path / "pasted")
    assert path.name == "1.png"
    assert path.parent == client.home / "opened"
    assert "Copied" in opened(hand)._details.cget("text")
