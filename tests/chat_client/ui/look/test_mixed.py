"""Emoji wherever text stands: each in the font of emoji, whether or not the text's font has it, too."""

import tkinter as tk
from tkinter import font as tkfont

import pytest

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.row_list import Row, RowList

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
