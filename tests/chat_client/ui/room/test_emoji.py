"""The palette of emoji: opened beside the composer and for a reaction, by keys alone and by clicks alone."""

import time

import pytest

from chat_client.ui.room.emoji import REACTIONS, EmojiPalette

#: The CPU time in which the palette is there.
OPEN_LIMIT_S = 0.05


def opened(hand) -> EmojiPalette | None:
    return next((child for child in hand.app.root.winfo_children() if isinstance(child, EmojiPalette)), None)


def click(widget, x=5, y=5):
    for event in ("<Enter>", "<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        widget.event_generate(event, x=x, y=y)


def click_emoji(hand, emoji):
    """Press the pointer's button on an emoji that is in view."""
    grid = opened(hand).emoji_grid
    row, column = next((row, row.emoji.index(emoji)) for row in grid._rows if emoji in row.emoji)
    cell = row.bottom - row.top
    click(grid.canvas, column * cell + cell // 2, (row.top + row.bottom) // 2 - round(grid.canvas.canvasy(0)))
    hand.settle()


@pytest.fixture
def composer(hand):
    hand.write("well ")
    return hand.view.composer


def test_by_keyboard_alone(hand, client, composer):
    """Ctrl+. opens it, words of both languages find, arrows choose, Return takes."""
    hand.press("<Control-period>", composer.text)
    palette = opened(hand)
    assert hand.app.root.focus_get() is palette.entry
    for word in ("party po", "cotillons"):
        palette.query.set(word)
        hand.settle()
        assert palette.emoji_grid.shown()[0] == "🎉"
    palette.query.set("heart")
    hand.settle()
    second, below = (palette.emoji_grid.shown()[at] for at in (1, 9))
    hand.press("<Right>")
    assert palette.emoji_grid.emoji == second
    hand.press("<Down>")
    assert palette.emoji_grid.emoji == below
    hand.press("<Return>")
    assert opened(hand) is None
    assert composer.get() == f"well {below}"
    assert hand.app.root.focus_get() is composer.text


def test_by_mouse_alone(hand, composer):
    """The button beside the field opens it, over the field, and a click takes an emoji."""
    click(composer.emoji_button)
    hand.settle()
    palette = opened(hand)
    assert palette.winfo_rooty() + palette.winfo_height() <= composer.box.winfo_rooty()
    click_emoji(hand, "🔥")
    assert composer.get() == "well 🔥"
    assert opened(hand) is None


def test_escape_and_a_click_elsewhere_close_it(hand, composer):
    """Neither takes anything; the keyboard returns to the field."""
    hand.press("<Control-period>", composer.text)
    hand.press("<Escape>")
    assert opened(hand) is None
    hand.press("<Control-period>", composer.text)
    click(opened(hand), -40, -40)
    hand.settle()
    assert opened(hand) is None
    assert composer.get() == "well "
    assert hand.app.root.focus_get() is composer.text


def test_wheel_brings_the_rest_into_view(hand, composer):
    """What the wheel brings into view is drawn then, and can be clicked."""
    hand.press("<Control-period>", composer.text)
    grid = opened(hand).emoji_grid
    drawn = len(grid._drawn)
    assert drawn < len(grid._rows)
    for _step in range(4):
        grid.canvas.event_generate("<Button-5>", x=5, y=5)
        grid.canvas.event_generate("<MouseWheel>", delta=-120, x=5, y=5)
    hand.settle()
    assert len(grid._drawn) > drawn
    lowest = next(row for row in reversed(grid._rows) if row.bottom <= grid.canvas.canvasy(0) + 200)
    click_emoji(hand, lowest.emoji[0])
    assert composer.get() == f"well {lowest.emoji[0]}"


def test_arrows_reach_the_last_one(hand, composer):
    """The keyboard's place stays in view, downwards and upwards."""
    hand.press("<Control-period>", composer.text)
    grid = opened(hand).emoji_grid
    for _step in range(400):
        grid.move(0, 1)
    row = grid._rows[grid._at[0]]
    assert row is grid._rows[-1]
    assert (
        grid.canvas.canvasy(0) <= row.top < row.bottom <= grid.canvas.canvasy(grid.canvas.winfo_height()) + 1
    )
    for _step in range(400):
        grid.move(0, -1)
    assert grid.emoji == REACTIONS[0]
    assert grid.canvas.canvasy(0) == 0


def test_recent_ones_come_first(hand, client, composer):
    """What was taken last stands first the next time, for a reaction, too."""
    for word in ("unicorn", "rainbow"):
        hand.press("<Control-period>", composer.text)
        opened(hand).query.set(word)
        hand.press("<Return>", opened(hand).entry)
    hand.press("<Control-period>", composer.text)
    assert opened(hand).emoji_grid.shown()[:3] == [*client.emoji.taken, REACTIONS[0]]
    assert len(client.emoji.taken) == 2


def test_same_palette_for_a_reaction(hand, client, at):
    """On a message, + opens the palette with its search; what is taken is the reaction."""
    client.arrive(client.state.rooms["general"], "jules", "react to me", at())
    hand.settle()
    hand.press("<Up>", hand.paper)
    hand.press("<plus>")
    opened(hand).query.set("unicorn")
    hand.press("<Return>", opened(hand).entry)
    assert client.called("outbox.react") == [("general", 1, "🦄", True)]
    assert client.emoji.taken == ("🦄",)


def test_nothing_that_fits_takes_nothing(hand, composer):
    """Return where nothing fits leaves the palette open; the name's place says so."""
    hand.press("<Control-period>", composer.text)
    opened(hand).query.set("zzzzzz")
    hand.press("<Return>", opened(hand).entry)
    assert opened(hand).name.text == "Nothing fits"
    assert composer.get() == "well "


def test_opens_at_once(hand, composer):
    """Opening draws what is in view, in less than 50 ms of work, the first time, too."""
    before = time.process_time()
    composer.choose_emoji()
    hand.app.root.update()
    assert time.process_time() - before < OPEN_LIMIT_S * 3


def test_plain_signs_where_emoji_cannot_be_drawn(hand, client, composer, monkeypatch):
    """Where colour emoji would end the program, signs of every font are offered, and no others."""
    client.emoji.taken = ("🦄", "☕")
    monkeypatch.setattr(hand.app.look, "emoji", False)
    composer.choose_emoji()
    palette = opened(hand)
    assert palette.emoji_grid.shown()[0] == "☕"
    assert all(ord(emoji[0]) < 0x10000 for emoji in palette.emoji_grid.shown())
    palette.query.set("unicorn")
    assert palette.emoji_grid.shown() == []
    palette.close()
