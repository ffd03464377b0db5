"""Every action of a room, a person and a file of a list: by keyboard alone and by mouse alone."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.room_files import room_files
from chat_client.ui.file_actions import FILE
from chat_client.ui.list_actions import PERSON, ROOM
from chat_client.ui.widgets.widgets import close_menu
from chat_protocol.objects import File
from tests.chat_client.ui.ways.means import choose_entry, click_entry, click_row, entry_of, go_to_row, noted


@pytest.fixture
def rooms(full, client):
    """A list with a room of each kind, all sections unfolded."""
    client.settings.set_folded("archived", False)
    client.add_room("Old", archived=True, owner=True)
    client.add_room("Unread", unread=3, last_seq=3)
    client.add_room("Favourite")
    client.rooms.set_favourite("favourite", True)
    client.add_room("Outside", membership="none")
    client.add_direct("jules", last_seq=1)
    full.settle()
    return full.main.rooms.list, full.main.menus.menu


@pytest.fixture
def people(full, client):
    """The members of one's own room: oneself, another owner, and somebody who is none."""
    client.add_person("karim", "Karim")
    room = client.state.rooms["general"]
    room.members, room.owners, room.total = ["zoe", "jules", "karim"], ["zoe", "karim"], 3
    client.tell(ch.MembersChanged("general"))
    full.settle()
    return full.main.members.list, full.main.menus.menu


@pytest.fixture
def files(full, client, at, monkeypatch):
    """The pane of a room's files, with one."""
    room = client.state.rooms["general"]
    client.arrive(room, "jules", "", at(2), files=(File("f1", "a.pdf", 2048, "application/pdf"),))
    monkeypatch.setattr(
        client.room_files, "files", lambda: room_files(room, [], complete=True), raising=False
    )
    full.settle()
    full.main.show_pane("files")
    full.settle()
    return full.main.files.list, full.main.files.menu


LISTS = [("rooms", ROOM), ("people", PERSON), ("files", FILE)]


def with_pointer(hand, rows, menu, key, label):
    click_row(hand, rows, key, 3)
    if label is not None:
        click_entry(hand, menu, label)


def with_keys(hand, rows, menu, key, label):
    go_to_row(hand, rows, key)
    hand.press("<Shift-F10>")
    if label is not None:
        choose_entry(hand, menu, label)


@pytest.mark.long
@pytest.mark.parametrize("way", [with_pointer, with_keys], ids=["mouse", "keyboard"])
@pytest.mark.parametrize(("shown", "table"), LISTS, ids=[name for name, _table in LISTS])
def test_every_action_of_a_list_has_a_way(full, request, shown, table, way):
    """Each action stands in the menu of a row that allows it; the right button and a key open the menu."""
    rows, menu = request.getfixturevalue(shown)
    left = {action.id: action for action in table}
    for key in [row.key for row in rows.rows if row.key and not row.heading]:
        for action in list(left.values()):
            way(full, rows, menu, key, None)
            offered = menu.winfo_viewable() and entry_of(menu, action.words) >= 0
            close_menu(full.app.root)
            full.settle()
            if offered:
                with noted(action) as ran:
                    way(full, rows, menu, key, action.words)
                assert len(ran) == 1, action.id
                del left[action.id]
    assert not left, "in no row's menu: add a row"


def test_keys_of_a_file(full, files):
    """Each key of the table does its action with the file that the keyboard has chosen."""
    rows, _menu = files
    go_to_row(full, rows, rows.rows[0].key)
    for action in FILE:
        for key in action.keys:
            with noted(action) as ran:
                full.press(f"<{key}>", rows.canvas)
            assert len(ran) == 1, key
