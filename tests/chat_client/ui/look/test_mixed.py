"""Emoji wherever text stands: each in the font of emoji, whether or not the text's font has it, too."""

import tkinter as tk
from tkinter import font as tkfont
from tkinter import ttk

import pytest

from chat_client.ui.look.look import Look
from chat_client.ui.look.mixed import EMOJI as EMOJI_RUN
from chat_client.ui.sheets.questions import ask
from chat_client.ui.widgets.row_list import Row, RowList
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import JoinRequest

#: One that common text fonts have as black strokes, and one that none has.
EMOJI = ("☕", "🎉")


def emoji_fonts(canvas) -> set[str]:
    """The fonts in which the emoji on a canvas are drawn."""
    return {
        canvas.itemcget(item, "font")
        for item in canvas.find_all()
        if canvas.type(item) == "text" and any(emoji in canvas.itemcget(item, "text") for emoji in EMOJI)
    }


def drawn(canvas) -> str:
    items = [item for item in canvas.find_all() if canvas.type(item) == "text"]
    return "|".join(canvas.itemcget(item, "text") for item in items)


def test_reactions_quotes_and_names(hand, client, at):
    """In chips, in the line of a reply and in a name emoji have their own font."""
    room = client.state.rooms["general"]
    client.add_person("jules", "Jules ☕")
    client.arrive(room, "jules", "tea ☕ or 🎉", at(0), reactions={"☕": {"jules"}, "🎉": {"zoe"}})
    client.arrive(room, "zoe", "yes", at(1), reply_to=1)
    hand.settle()
    look = hand.app.look
    [chips] = hand.paper.embedded("m1")
    assert drawn(chips) == "☕| 1|🎉| 1"
    assert emoji_fonts(chips) == {str(look.font("emoji_small"))}
    assert hand.tagged("emoji_small") == ["☕", "☕", "🎉"]
    assert hand.tagged("emoji")[0] == "☕"


def test_lists_search_and_typing(hand, client, at):
    """In the members, a result of the search, the header and the line of who is typing, too."""
    room = client.state.rooms["general"]
    room.topic = "all about ☕"
    client.add_person("jules", "Jules 🎉", text="☕ break")
    room.typing["jules"] = 0.0
    hand.open("general")
    look = hand.app.look
    members = hand.main.members.list.canvas
    assert emoji_fonts(members) == {str(look.font("emoji_label")), str(look.font("emoji_tiny"))}
    assert emoji_fonts(hand.view.header) == {str(look.font("emoji_small"))}
    assert emoji_fonts(hand.view.typing) == {str(look.font("emoji_small"))}


def test_results_of_two_lines(bare_root):
    """A result of the search with emoji in both of its lines is drawn whole, each piece after the other."""
    look = Look(bare_root)
    shown = RowList(bare_root, look)
    shown.pack(fill="both", expand=True)
    bare_root.geometry("260x200")
    shown.set_rows(
        [Row("0", "Zoé ☕", detail="one 🎉 two three four five six seven eight ☕ nine", tall=True)]
    )
    bare_root.update()
    texts = drawn(shown.canvas)
    assert texts.startswith("Zoé |☕|one |🎉| two")
    assert emoji_fonts(shown.canvas) == {str(look.font("emoji_small"))}


def test_names_where_no_font_has_emoji(bare_root, monkeypatch):
    """Without a font of emoji a name stands in place of a box."""
    monkeypatch.setattr(tkfont, "families", lambda _root: ("DejaVu Sans",))
    assert Look(bare_root).line("🎉!") == ":party_popper:!"


@pytest.mark.parametrize("anchor", ["w", "nw", "sw", "e", "ne", "se", "center"])
def test_mixed_text_stands_where_plain_text_would(bare_root, anchor):
    """Whatever the anchor, a line without emoji is where the canvas itself would put it."""
    canvas = tk.Canvas(bare_root, width=300, height=100)
    canvas.pack()
    look = Look(bare_root)
    plain = canvas.create_text(150, 50, text="plain", font=look.font("body"), anchor=anchor)
    look.mixed("body").draw(canvas, 150, 50, "plain", "#000000", anchor, "mixed")
    pairs = zip(canvas.bbox(plain), canvas.bbox("mixed"), strict=True)
    assert all(abs(first - second) <= 1 for first, second in pairs)


def emoji_in_fonts_of_text(widget: tk.Misc, look: Look) -> list[str]:
    """Collect what is drawn below a widget with emoji in a font of text."""
    fonts = {str(font) for name, font in look.theme.fonts.items() if name.startswith("emoji")}
    found = [words for words, font in _drawn_below(widget) if EMOJI_RUN.search(words) and font not in fonts]
    return [words for words in found if words.strip()]


def _drawn_below(widget: tk.Misc):
    """Give the pieces that a widget and those in it draw, each with its font."""
    if isinstance(widget, tk.Canvas):
        texts = [item for item in widget.find_all() if str(widget.type(item)) == "text"]
        yield from ((widget.itemcget(item, "text"), widget.itemcget(item, "font")) for item in texts)
    elif isinstance(widget, tk.Text):
        yield from _pieces_of_text(widget)
    elif isinstance(widget, tk.Label | ttk.Label | ttk.Button):
        yield str(widget.cget("text")), ""
    for child in widget.winfo_children():
        yield from _drawn_below(child)


def _pieces_of_text(text: tk.Text):
    fonts: list[str] = []
    for piece in text.dump("1.0", "end", text=True, tag=True):
        kind, value, _index = map(str, piece)
        font = text.tag_cget(value, "font") if kind.startswith("tag") else ""
        if kind == "tagon" and font:
            fonts.append(font)
        elif kind == "tagoff" and font in fonts:
            fonts.remove(font)
        elif kind == "text":
            yield value, fonts[-1] if fonts else str(text.cget("font"))


@pytest.fixture
def festive(hand, client, at):
    """A window in which everybody uses emoji everywhere."""
    client.add_person("jules", "Jules ☕", text="tea 🎉")
    room = client.state.rooms["general"]
    room.topic = "all ☕"
    client.arrive(room, "jules", "tea ☕ or 👩‍👧?", at(0), reactions={"☕": {"jules"}})
    hand.settle()
    return hand


def test_no_place_draws_emoji_in_a_font_of_text(festive, client, at, tmp_path):
    """Composer, reply, files, banner, toast, tooltip, status bar: no label draws an emoji by itself."""
    view, look = festive.view, festive.app.look
    view.start_reply(client.state.rooms["general"].messages[0])
    festive.write("yes ☕😀\nand 🎉")
    view.files.add([tmp_path / "list ☕.txt"])
    view.composer.show_banner("Because: ☕")
    view.composer.notice("Left out: 🎉")
    festive.main.toast.say("Jules ☕ asks")
    view.composer.attach_button.tooltip.text = "Jules ☕"
    view.composer.attach_button.tooltip._show()
    festive.settle()
    assert emoji_in_fonts_of_text(festive.app.root, look) == []
    assert [view.composer.text.get(*pair) for pair in _ranges(view.composer.text)] == ["☕😀", "🎉"]


def _ranges(text: tk.Text) -> list[tuple[str, str]]:
    ends = [str(index) for index in text.tag_ranges("emoji")]
    return list(zip(ends[::2], ends[1::2], strict=True))


def test_cards_and_panes_draw_emoji_in_their_font(festive, client, at):
    """The way into a room, what was lost with one, the partner and those who wait, too."""
    look, root = festive.app.look, festive.app.root
    client.add_room("Tea ☕", kind="moderated", membership="none", topic="🎉", refusal="no ☕")
    festive.open("tea ☕")
    festive.view.join_card.reason.insert("1.0", "please ☕")
    festive.settle()
    assert emoji_in_fonts_of_text(root, look) == []
    festive.main.open_direct("jules")
    client.state.join_requests = [JoinRequest("jules", "Jules ☕", "Tea ☕", "for ☕", at(0))]
    festive.settle()
    assert festive.main.members._name.text == "Jules ☕"
    assert emoji_in_fonts_of_text(root, look) == []
    festive.main.show_pane("requests")
    festive.open("general")
    festive.write("the ☕ is")
    festive.view.show_loss(festive.main.room, "No more ☕")
    festive.settle()
    assert emoji_in_fonts_of_text(root, look) == []
    sheet = ask(look, "Delete ☕?", "Really 🎉?", "Yes", lambda: None)
    festive.settle()
    assert emoji_in_fonts_of_text(sheet, look) == []


def test_words_wrap_between_words_and_break_long_ones(bare_root):
    """A label is as high as its lines, none of which is wider than it may be."""
    look = Look(bare_root)
    words = Words(bare_root, look, "Paper", "one ☕ two three four " + "x" * 60, wrap=120)
    font = look.mixed("label")
    lines = font.wrapped(words.text, 120)
    assert len(lines) > 3
    assert max(map(font.measure, lines)) <= 120
    assert "".join(lines).replace(" ", "") == words.text.replace(" ", "")
    assert int(words.cget("height")) == len(lines) * font.linespace
    words.wrap(0)
    assert int(words.cget("width")) == font.measure(words.text)


@pytest.mark.parametrize("justify", ["left", "center"])
@pytest.mark.parametrize("percent", range(100, 160, 5))
def test_words_stand_in_their_label(bare_root, percent, justify):
    """No tail of a letter is cut off, however high the lines of its font are."""
    words = Words(
        bare_root, Look(bare_root, text_percent=percent), "Side.Small", "ligne\ngj", justify=justify
    )
    _left, top, _right, bottom = words.bbox("all")
    assert (top, bottom) == (0, int(words.cget("height")))


def test_joined_emoji_stand_close(bare_root):
    """A family is drawn as its people side by side; the font of emoji would leave gaps for the joiners."""
    font = Look(bare_root).mixed("body")
    assert font.measure("👩\u200d👩\u200d👧") == font.measure("👩👩👧")
