"""The small things of the window: what moves, what stays, what is seen and what is said."""

import tkinter as tk
from tkinter import ttk

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import FoundMessage, Phase
from chat_client.ui.panes.search_pane import searched_words, server_query
from chat_client.ui.sheets.sheet import Sheet


@pytest.fixture
def door(start):
    """The window of somebody who is not signed in, and whom this computer does not know."""
    return start("960x760")


def place(widget: tk.Misc) -> tuple[int, int]:
    widget.update_idletasks()
    return widget.winfo_rootx(), widget.winfo_rooty()


def sheet_of(hand) -> Sheet:
    return next(child for child in hand.app.root.winfo_children() if isinstance(child, Sheet))


def test_own_dot_is_not_green_offline(hand, client):
    """Without a connection one's own dot and words say so, and with it they are back."""
    account = hand.main.rooms.account
    assert account._shown[2] == "online"
    client.state.connection.phase = Phase.WAITING
    client.tell(ch.ConnectionChanged())
    hand.settle()
    assert account._shown[2:] == ("offline", "Offline")
    client.state.connection.phase = Phase.ONLINE
    client.tell(ch.ConnectionChanged())
    hand.settle()
    assert account._shown[2] == "online"


def test_form_stands_still_when_it_complains(door, client):
    """Neither the fields nor the button move when there is something to say, of a field or of the whole."""
    view = door.app.sign_in
    view.host.set("")
    door.settle()
    watched = (view.host.entry, view.name.entry, view.password.entry, view.button)
    before = [place(widget) for widget in watched]
    view.button.invoke()
    door.settle()
    assert view.password.complaint
    assert [place(widget) for widget in watched] == before
    client.state.connection.phase, client.state.connection.code = Phase.REFUSED, "silent"
    client.tell(ch.ConnectionChanged())
    door.settle()
    assert view.message
    assert [place(widget) for widget in watched] == before


def test_complaint_stays_until_its_field_is_right(door):
    """A key does not take a complaint away, nor the red rim; the value that it asks for does."""
    view = door.app.sign_in
    view.mode.set("up")
    view._switch_mode()
    view.password.set("short")
    view.submit()
    assert "At least" in view.password.complaint
    door.press("<KeyPress-a>", view.password.entry)
    assert "At least" in view.password.complaint
    assert view.password.entry.instate(["invalid"])
    view.password.set("long enough now")
    door.settle()
    assert view.password.complaint == ""
    assert not view.password.entry.instate(["invalid"])


def test_bar_is_gone_with_the_other_way_in(door, client):
    """What was said about signing in does not stand over a new account."""
    view = door.app.sign_in
    client.state.connection.phase, client.state.connection.code = Phase.REFUSED, "fingerprint_changed"
    client.tell(ch.ConnectionChanged())
    door.settle()
    assert view.message
    view.mode.set("up")
    view._switch_mode()
    assert view.message == ""
    assert not view._forget.winfo_manager()


def test_first_start_says_welcome(door):
    """Only who has been here before is welcomed back."""
    assert door.app.sign_in.title.cget("text") == "Welcome"


def test_known_user_is_welcomed_back(start, client):
    """An account that this computer knows, without a token, is one that comes back."""
    client.remember("zoe", token="")
    assert start().app.sign_in.title.cget("text") == "Welcome back"


def test_eye_shows_what_is_typed(door):
    """The eye at a password shows it, and hides it again."""
    field = door.app.sign_in.password
    field.set("correct horse")
    field.eye.invoke()
    assert field.entry.cget("show") == ""
    field.eye.invoke()
    assert field.entry.cget("show") == "•"


def test_settings_stay_open_at_a_choice(hand, client):
    """After a choice the settings are there still, with the keyboard on it; arrows move among the choices."""
    hand.press("<Control-comma>", hand.view.composer.text)
    dark = hand.app.settings_sheet.choices["theme"][2]
    dark.focus_force()
    hand.press("<space>")
    sheet = hand.app.settings_sheet
    assert (hand.app.look.palette.name, sheet.closed) == ("dark", False)
    assert hand.app.root.focus_get() == sheet.choices["theme"][2]
    hand.press("<Left>")
    assert hand.app.root.focus_get() == sheet.choices["theme"][1]
    assert client.settings.get("theme") == "dark"
    hand.press("<space>")
    assert client.settings.get("theme") == "light"


def test_dangerous_question_begins_with_no(hand, client, at):
    """Return in the question whether to delete is a no."""
    client.arrive(client.state.rooms["general"], "zoe", "mine", at(0))
    hand.settle()
    hand.press("<Up>", hand.paper)
    hand.press("<Delete>")
    hand.press("<Return>", hand.app.root.focus_get())
    assert client.called("outbox.delete") == []


def test_found_words_stand_out(hand, client, at):
    """In the results of a search what was searched for has a ground of its own, without its accents too."""
    room = client.state.rooms["general"]
    message = client.write(room, "jules", "Le café est prêt", at(0))
    search = client.state.search
    search.query, search.results = "cafe", [FoundMessage("general", message)]
    hand.main.toggle_search()
    hand.main.search.query.set("cafe from:jules")
    client.tell(ch.SearchChanged())
    hand.settle()
    canvas = hand.main.search.list.canvas
    strong = [
        canvas.itemcget(item, "text")
        for item in canvas.find_all()
        if canvas.type(item) == "text" and canvas.itemcget(item, "fill") == hand.app.look.palette.mention_text
    ]
    assert strong == ["café"]


@pytest.mark.parametrize(
    ("typed", "asked", "words"),
    [
        ("café de:zoe", "café from:zoe", ("café",)),
        (
            "de:zoe dans:Général avant:2026-01-31 après:2026-01-01 thé",
            "from:zoe in:Général before:2026-01-31 after:2026-01-01 thé",
            ("thé",),
        ),
        ("from:zoe in:room x", "from:zoe in:room x", ("x",)),
        ("thé de: menthe", "thé de: menthe", ("thé", "de", "menthe")),
    ],
)
def test_filters_in_french(typed, asked, words):
    """The filters may be written in French; a word of French that is none stays as it is."""
    assert server_query(typed) == asked
    assert searched_words(typed) == words


def test_pane_of_a_private_conversation_has_something_to_do(hand, client):
    """Beside a private conversation one can search it and do what can be done with the person."""
    hand.main.open_direct("jules")
    hand.settle()
    hand.main.members.find.invoke()
    hand.settle()
    assert hand.main.search.here.get()
    assert hand.main.search.winfo_ismapped()


@pytest.mark.parametrize(("phase", "code"), [(Phase.WAITING, "silent"), (Phase.REFUSED, "killed")])
def test_button_of_a_bar_stands_on_its_ground(hand, client, phase, code):
    """Behind the button of the bar is the bar's own colour."""
    client.state.connection.phase, client.state.connection.code = phase, code
    client.tell(ch.ConnectionChanged())
    hand.settle()
    bar, style = hand.app.status, ttk.Style(hand.app.root)
    ground = style.lookup(bar.retry.cget("style"), "background")
    assert ground == bar._inside.cget("background")


def test_button_stays_in_view_beside_a_long_reason(start, client):
    """In a small window a long reason is shortened in the bar and wrapped above the field."""
    client.sign()
    client.add_room("Général", members=["zoe"])
    hand = start("720x480")
    hand.open("general")
    connection = client.state.connection
    connection.phase, connection.code, connection.detail = Phase.REFUSED, "banned", "too loud in here " * 8
    client.tell(ch.ConnectionChanged())
    hand.settle()
    right = hand.app.root.winfo_rootx() + hand.app.root.winfo_width()
    bar, banner = hand.app.status, hand.view.composer.banner
    for shown in (bar.retry, banner.button):
        assert shown.winfo_ismapped()
        assert shown.winfo_width() >= shown.winfo_reqwidth()
        assert shown.winfo_rootx() + shown.winfo_width() <= right
    assert bar._words.text.endswith("…")
    assert bar._tip.text == bar.words
    assert connection.detail.strip() in bar.words
    assert connection.detail.strip() in banner.words


def test_toolbar_stands_beside_the_text(start, client, at):
    """In a wide window the toolbar of a message is near its words."""
    client.sign()
    client.add_person("jules", "Jules")
    room = client.add_room("Général", members=["zoe", "jules"])
    client.write(room, "jules", "short", at(0))
    hand = start("1900x900")
    hand.open("general")
    x, y, _width, height = hand.paper.bbox("m1.first")
    hand.paper.event_generate("<Motion>", x=x + 1, y=y + height // 2)
    hand.app.root.update()
    toolbar = hand.view.actions.toolbar
    assert toolbar.winfo_ismapped()
    assert toolbar.winfo_x() + toolbar.winfo_width() < hand.app.look.px(400)


def test_window_is_dimmed_behind_a_sheet(hand):
    """Behind a card lies a darker picture of the window, and it is gone with the card or another size."""
    root = hand.app.root
    bright = hand.view.winfo_rgb(hand.app.look.palette.paper)[0] // 256
    hand.press("<Control-comma>", hand.view.composer.text)
    veil = hand.app.settings_sheet._veil
    hand.until(lambda: veil.shown)
    assert (veil.image.width(), veil.image.height()) == (root.winfo_width(), root.winfo_height())
    x = hand.view.winfo_rootx() - root.winfo_rootx() + hand.view.winfo_width() // 2
    y = hand.view.winfo_rooty() - root.winfo_rooty() + hand.view.winfo_height() // 2
    assert veil.image.get(x, y)[0] < bright * 0.7
    # It shows what stands in the window, not its empty grounds.
    left, top = hand.view.header.winfo_rootx() - root.winfo_rootx(), 0
    row = range(left, left + hand.app.look.px(200), 1)
    middle = range(top + hand.app.look.px(10), top + hand.app.look.px(50), 1)
    assert len({veil.image.get(at, line) for at in row for line in middle}) > 5
    root.geometry("1000x650")
    hand.until(lambda: not veil.shown)
    hand.press("<Escape>", hand.app.settings_sheet)
    assert not veil.winfo_exists()


def test_window_that_has_just_been_made_is_dimmed_with_its_contents(hand):
    """After a choice in the settings, which makes all widgets again, the picture has what is in them."""
    hand.press("<Control-comma>", hand.view.composer.text)
    hand.app.settings_sheet._choose("theme", "dark")
    veil = hand.app.settings_sheet._veil
    hand.until(lambda: veil.shown)
    left = hand.view.header.winfo_rootx() - hand.app.root.winfo_rootx()
    spots = (
        (x, y) for x in range(left, left + hand.app.look.px(200)) for y in range(10, hand.app.look.px(50))
    )
    assert len({veil.image.get(x, y) for x, y in spots}) > 5


def test_window_beside_the_screen_is_not_dimmed(hand):
    """Where the X server gives no picture of a window, the card is there without one."""
    hand.app.root.geometry("+-400+0")
    hand.settle()
    hand.press("<Control-comma>", hand.view.composer.text)
    veil = hand.app.settings_sheet._veil
    hand.until(lambda: not veil.drawing.due)
    assert not veil.shown
    hand.press("<Escape>", hand.app.settings_sheet)
    hand.app.root.geometry("+0+0")
    hand.settle()
