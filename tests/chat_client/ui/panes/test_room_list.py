"""The list of rooms: filtered by typing, in sections that fold, with favourites, and quick."""

import pytest

from chat_client.model import changes as ch
from chat_client.store.settings import Settings
from chat_client.ui.panes import people, room_rows
from chat_client.ui.widgets.row_drawing import RowPainter

MANY = 500


@pytest.fixture
def hand(hand, client):
    """Somebody with two rooms, a private conversation and an archived room."""
    client.add_direct("jules")
    client.add_room("Vieux projet", archived=True)
    hand.settle()
    return hand


def entries(menu) -> list[str]:
    """Give the words of a menu."""
    return [
        menu.entrycget(at, "label") for at in range(menu.index("end") + 1) if menu.type(at) != "separator"
    ]


def test_typing_in_the_list_filters_it(hand, client):
    """Letters leave the rooms that fit, Return opens the first, and all are shown again."""
    pane = hand.main.rooms
    pane.list.canvas.focus_force()
    pane.list.canvas.event_generate("<Key>", keysym="g")
    hand.settle()
    assert hand.app.root.focus_get() is pane.filter.entry
    assert hand.rooms() == ["ROOMS", "Général"]
    hand.open("blabla")
    hand.press("<Return>", pane.filter.entry)
    assert client.state.open_room == "general"
    assert "Blabla" in hand.rooms()
    assert not pane.filter.entry.winfo_manager()


def test_filter_by_pointer(hand, client):
    """The button shows the field and takes it away; a click opens what is left."""
    pane = hand.main.rooms
    pane.filter_button.invoke()
    pane.filter.entry.insert("end", "vieux")
    hand.settle()
    assert hand.rooms() == ["ARCHIVED", "Vieux projet"]
    hand.click_row(pane.list, "vieux projet")
    assert client.state.open_room == "vieux projet"
    assert hand.rooms() == ["ROOMS", "Blabla", "Général", "PRIVATE", "Jules", "ARCHIVED"]


def test_filter_that_nothing_fits(hand):
    """An empty list says so, and Escape takes the filter away."""
    pane = hand.main.rooms
    hand.main.actions.do("filter_rooms")
    pane.filter.entry.insert("end", "xyz")
    hand.settle()
    assert hand.rooms() == []
    hand.press("<Escape>", pane.filter.entry)
    assert len(hand.rooms()) == 6
    assert hand.app.root.focus_get() is pane.list.canvas


def test_sections_fold_by_pointer_over_restarts(hand, client):
    """A click on a heading folds it; the settings file keeps that, and the heading says what is unread."""
    pane = hand.main.rooms
    assert hand.rooms()[-1] == "ARCHIVED"
    hand.click_row(pane.list, ",joined")
    client.state.rooms["blabla"].unread = 4
    client.tell(ch.RoomChanged("blabla"))
    hand.settle()
    assert hand.rooms() == ["ROOMS", "PRIVATE", "Jules", "ARCHIVED"]
    assert pane.list.rows[0].badge == 4
    assert Settings(client.home).folded("joined")
    hand.click_row(pane.list, ",joined")
    assert "Blabla" in hand.rooms()
    assert not Settings(client.home).folded("joined")


def test_sections_fold_by_keyboard(hand, client):
    """Left folds the section of the keyboard's place, Right and Return unfold it."""
    canvas = hand.main.rooms.list.canvas
    hand.press("<Home>", canvas)
    hand.press("<Left>", canvas)
    assert hand.rooms()[:2] == ["ROOMS", "PRIVATE"]
    hand.press("<Right>", canvas)
    assert hand.rooms()[:2] == ["ROOMS", "Blabla"]
    hand.press("<Left>", canvas)
    hand.press("<Return>", canvas)
    assert hand.rooms()[:2] == ["ROOMS", "Blabla"]
    hand.press("<Return>", canvas)
    hand.press("<End>", canvas)
    hand.press("<Return>", canvas)
    assert hand.rooms()[-1] == "Vieux projet"


def test_favourites_by_the_menu_of_a_room(hand, client, monkeypatch):
    """A favourite stands at the top, is kept, and goes back."""
    monkeypatch.setattr(hand.main.menus, "_show", lambda _x, _y: None)
    menu = hand.main.menus.menu
    hand.main.show_room_menu("general", 0, 0)
    at = next(
        at
        for at in range(menu.index("end") + 1)
        if menu.type(at) == "command" and menu.entrycget(at, "label") == "Add to the favourites"
    )
    menu.invoke(at)
    hand.settle()
    assert hand.rooms()[:4] == ["FAVOURITES", "Général", "ROOMS", "Blabla"]
    assert Settings(client.home).favourites("zoe") == {"general"}
    hand.main.show_room_menu("general", 0, 0)
    assert "Remove from the favourites" in entries(menu)
    client.rooms.set_favourite("general", False)
    hand.settle()
    assert "FAVOURITES" not in hand.rooms()


def test_unread_rooms_come_first(hand, client):
    """Chosen once, it holds over restarts; the arrows follow the order that is seen."""
    client.state.rooms["general"].unread = 1
    hand.main.actions.do("unread_first")
    hand.settle()
    assert hand.rooms()[:3] == ["ROOMS", "Général", "Blabla"]
    assert Settings(client.home).get("unread_first") is True
    hand.press("<Alt-Down>", hand.view.composer.text)
    assert client.state.open_room == "blabla"


def test_order_is_chosen_by_pointer(hand, client):
    """The settings have the order, too, and show it at once."""
    client.state.rooms["general"].unread = 1
    hand.app.show_settings()
    hand.app.settings_sheet.choices["unread_first"][1].invoke()
    hand.settle()
    assert hand.rooms()[:3] == ["ROOMS", "Général", "Blabla"]
    assert hand.app.settings_sheet.choices["unread_first"][1].instate(["selected"])
    hand.app.settings_sheet.close()


def test_many_rooms_cost_what_changes(hand, client, monkeypatch):
    """A message in one of 500 rooms makes two rows at most again, and draws no more than are in view."""
    for number in range(MANY):
        client.add_room(f"Room {number:03}")
    hand.settle()
    made, drawn = [], []
    make, draw = people.room_row, RowPainter.draw
    monkeypatch.setattr(room_rows, "room_row", lambda *given, **more: made.append(1) or make(*given, **more))
    monkeypatch.setattr(RowPainter, "draw", lambda self, *given: drawn.append(1) or draw(self, *given))
    client.state.rooms["room 250"].unread = 1
    client.tell(ch.RoomChanged("room 250"))
    hand.app.tick()
    hand.app.root.update_idletasks()
    in_view = hand.app.root.winfo_height() // 30
    assert 1 <= len(made) <= 2
    assert 1 <= len(drawn) <= 2 * in_view
