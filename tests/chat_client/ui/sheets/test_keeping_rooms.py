"""Rooms of people in the window: made, described, filled with people and archived, by keys and by clicks."""

from tkinter import ttk

import pytest

from chat_client.model import changes as ch
from chat_client.ui.sheets.add_people_sheet import AddPeopleSheet
from chat_client.ui.sheets.create_room_sheet import CreateRoomSheet
from chat_client.ui.sheets.room_sheet import RoomSheet


@pytest.fixture
def hand(hand, client):
    """The window at a server that lets people make rooms, with a private room of one's own."""
    client.state.connection.capabilities = ("rooms",)
    client.add_person("nadia", "Nadia B.")
    client.add_room(
        "Projet ~k3f9",
        kind="private",
        display_name="Projet",
        topic="Autumn",
        owner=True,
        members=["zoe", "jules"],
        owners={"zoe"},
        total=2,
    )
    hand.settle()
    return hand


KEY = "projet ~k3f9"


def click(hand, rows, key) -> None:
    """Press the pointer's button on the row of a list."""
    hand.settle()
    place = next(at for at, row in enumerate(rows.rows) if row.key == key)
    rows.see(place)
    y = (rows._tops[place] + rows._tops[place + 1]) // 2 - rows._offset
    rows.canvas.event_generate("<Button-1>", x=20, y=y)
    hand.settle()


def test_room_is_made_by_keyboard(hand, client):
    """Ctrl+K, a name, people by the beginnings of their names, Return: the room is asked for, then opened."""
    hand.press("<Control-k>", hand.view.composer.text)
    hand.main.sheet.query.set("new room")
    hand.press("<Return>", hand.main.sheet.entry)
    sheet = hand.main.sheet
    assert isinstance(sheet, CreateRoomSheet)
    sheet.name.set("Fête de Jules")
    sheet.people.entry.focus_force()
    sheet.people.query.set("nad")
    hand.press("<Return>", sheet.people.entry)
    assert (sheet.people.chosen, sheet.people.query.get()) == (["nadia"], "")
    sheet.topic.set("The cake")
    hand.press("<Return>", sheet.name.entry)
    (name, kind, people, topic, made), *_others = client.called("own_rooms.create")
    assert (name, kind, people, topic) == ("Fête de Jules", "private", ["nadia"], "The cake")
    hand.press("<Return>", sheet.name.entry)
    assert len(client.called("own_rooms.create")) == 1
    room = client.add_room("Fête de Jules ~a1b2", kind="private", display_name="Fête de Jules", owner=True)
    made(room.key)
    hand.settle()
    assert sheet.closed
    assert hand.view.header.texts[0] == "Fête de Jules"


def test_room_is_made_by_pointer(hand, client):
    """The cross beside the rooms opens the sheet, clicks choose people, take them back and send it off."""
    hand.main.rooms.create.invoke()
    sheet = hand.main.sheet
    sheet.name.set("Stand")
    click(hand, sheet.people.list, "jules")
    click(hand, sheet.people.list, "nadia")
    click(hand, sheet.people.list, "jules")
    sheet.kind.buttons[2].invoke()
    assert "moderator" in sheet.kind.words.cget("text")
    sheet.button.invoke()
    assert client.called("own_rooms.create")[0][:3] == ("Stand", "moderated", ["nadia"])


@pytest.mark.parametrize("name", ["", "@jules", "a, b", "x" * 55, "Projet ~k3f9"])
def test_bad_name_is_told_at_its_field(hand, client, name):
    """A name that no room can have goes nowhere; the field says what to do."""
    hand.main.actions.do("create_room")
    sheet = hand.main.sheet
    sheet.name.set(name)
    sheet.submit()
    assert sheet.name.complaint
    assert client.called("own_rooms.create") == []


@pytest.mark.parametrize(
    ("code", "field", "where"), [("bad_request", "name", "name"), ("room_limit", "", "sheet")]
)
def test_refusal_is_told_in_the_sheet(hand, client, code, field, where):
    """What the server does not accept is said where it was typed, and can be sent again."""
    hand.main.actions.do("create_room")
    sheet = hand.main.sheet
    sheet.name.set("Stand")
    sheet.submit()
    client.tell(ch.RequestFailed("room.create", code, "why", field=field))
    hand.settle()
    assert bool(sheet.name.complaint) == (where == "name")
    assert bool(sheet.told.cget("text")) == (where == "sheet")
    assert not sheet.button.instate(["disabled"])
    assert not hand.main.toast.winfo_manager()


def test_kind_that_the_user_may_not_make_is_told(hand, client):
    """Who may make rooms of which kind the server says; the sheet tells it and stays."""
    hand.main.actions.do("create_room")
    sheet = hand.main.sheet
    sheet.name.set("Stand")
    sheet.kind.buttons[1].invoke()
    sheet.submit()
    client.tell(ch.RequestFailed("room.create", "forbidden", "Only an administrator may."))
    hand.settle()
    assert sheet.told.cget("text") == "You may not make a room of this kind here."
    assert sheet.told.winfo_ismapped()


def test_only_what_the_user_may_make_is_offered(hand, client):
    """The kinds are those that the server has told; where there are none, nothing is offered."""
    client.state.may_create = ("moderated", "public")
    hand.main.actions.do("create_room")
    sheet = hand.main.sheet
    assert [each.cget("text") for each in sheet.kind.buttons] == ["Public", "Moderated"]
    assert sheet.kind.get() == "public"
    sheet.close()
    client.add_direct("jules")
    hand.settle()
    hand.open("@jules")
    assert "continue_with" not in {action.id for action in hand.main.actions.commands()}
    assert not hand.main.members.go_on_with.winfo_manager()
    client.state.may_create = ()
    hand.main.rooms.show(client.state)
    assert not hand.main.rooms.create.winfo_manager()


def test_conversation_is_continued_with_others(hand, client):
    """The other of a private conversation is chosen already in the room that goes on with it."""
    client.add_direct("jules")
    hand.settle()
    hand.open("@jules")
    hand.main.members.go_on_with.invoke()
    assert hand.main.sheet.people.chosen == ["jules"]
    hand.main.sheet.close()
    hand.main.actions.do("continue_with")
    assert hand.main.sheet.people.chosen == ["jules"]


def test_owner_changes_the_room(hand, client):
    """The sheet sends what is another now and nothing else, and closes when it is done."""
    hand.open(KEY)
    hand.main.actions.do("room_settings")
    sheet = hand.main.sheet
    assert isinstance(sheet, RoomSheet)
    assert sheet.name.get() == "Projet"
    sheet.topic.set("Winter")
    sheet.description.insert("end", "All about it")
    sheet.button.invoke()
    assert client.calls[-1] == ("own_rooms.edit", KEY, "Winter", "All about it")
    client.tell(ch.RequestDone("room.edit", KEY))
    hand.settle()
    assert sheet.closed


def test_nothing_changed_asks_nothing(hand, client):
    """Saving what was not touched closes the sheet without a request."""
    hand.open(KEY)
    hand.main.actions.do("room_settings")
    hand.press("<Return>", hand.main.sheet.name.entry)
    assert hand.main.sheet.closed
    assert client.called("own_rooms.edit") == []


def test_member_reads_what_the_room_is(hand, client):
    """Who may not change it sees topic, description, owners and kind, and may leave."""
    room = client.state.rooms[KEY]
    room.owner, room.owners, room.description = False, {"jules"}, "All about it"
    hand.open(KEY)
    hand.main.actions.do("room_settings")
    sheet = hand.main.sheet
    assert list(sheet.buttons) == ["leave"]
    shown = [child.text for child in sheet.inside.winfo_children() if hasattr(child, "text")]
    assert shown[:4] == ["Projet", "Autumn", "All about it", "Jules"]
    sheet.buttons["leave"].invoke()
    hand.settle()
    assert sheet.closed


def test_topic_is_changed_by_a_click(hand, client):
    """A click at the top asks who may change it for the topic, and shows others what the room is."""
    hand.open(KEY)
    hand.view.header.event_generate("<Button-1>", x=60, y=20)
    hand.settle()
    field = hand.app.root.focus_get()
    assert field.get() == "Autumn"
    field.delete(0, "end")
    field.insert(0, "Spring")
    hand.press("<Return>", field)
    assert client.called("own_rooms.edit") == [(KEY, "Spring")]
    client.state.rooms[KEY].owner = False
    hand.view.header.event_generate("<Button-1>", x=60, y=20)
    hand.settle()
    assert isinstance(hand.main.sheet, RoomSheet)


def test_people_are_added(hand, client):
    """Who is there already is not offered; the sheet closes when the others are in."""
    hand.open(KEY)
    hand.main.members.add.invoke()
    sheet = hand.main.sheet
    assert isinstance(sheet, AddPeopleSheet)
    assert [row.key for row in sheet.people.list.rows] == ["nadia"]
    sheet.submit()
    assert sheet.told.cget("text")
    click(hand, sheet.people.list, "nadia")
    sheet.submit()
    assert client.called("own_rooms.add") == [(KEY, ["nadia"])]
    client.tell(ch.RequestDone("room.add", KEY))
    hand.settle()
    assert sheet.closed


def test_found_people_are_offered(hand, client):
    """Who the server finds appears in the list that is open."""
    hand.open(KEY)
    hand.main.actions.do("add_people")
    sheet = hand.main.sheet
    sheet.people.query.set("ka")
    assert sheet.people.list.texts() == []
    hand.until(lambda: client.called("people.find") == [("ka",)])
    client.state.found_people = [client.add_person("karim", "Karim")]
    client.tell(ch.FoundPeopleChanged())
    hand.settle()
    assert sheet.people.list.texts() == ["Karim"]


def entries(menu) -> list[str]:
    """Give the words of a menu."""
    return [
        menu.entrycget(at, "label") for at in range(menu.index("end") + 1) if menu.type(at) != "separator"
    ]


def test_menu_of_a_member(hand, client, monkeypatch):
    """Owners make owners and remove members; a plain member is offered neither."""
    monkeypatch.setattr(hand.main.menus, "_show", lambda _x, _y: None)
    hand.open(KEY)
    menu = hand.main.menus.menu
    hand.main.show_person("jules", 0, 0)
    assert {"Make an owner", "Remove from the room…"} <= set(entries(menu))
    menu.invoke(entries(menu).index("Make an owner") + 1)
    assert client.calls[-1] == ("own_rooms.add", KEY, ["jules"], True)
    client.state.rooms[KEY].owners.add("jules")
    hand.main.show_person("jules", 0, 0)
    assert "Owner no longer" in entries(menu)
    client.state.rooms[KEY].owner = False
    hand.main.show_person("jules", 0, 0)
    assert not {"Make an owner", "Owner no longer", "Remove from the room…"} & set(entries(menu))


def test_member_is_removed_with_a_reason(hand, client):
    """The question takes a reason, which goes along."""
    hand.main.keeping.ask_remove(KEY, "jules")
    hand.settle()
    field = hand.app.root.focus_get()
    field.insert(0, "moved on")
    hand.press("<Return>", field)
    assert client.called("own_rooms.remove") == [(KEY, "jules", "moved on")]


def test_archiving_is_asked_for_and_taken_back(hand, client):
    """A question stands before it; an archived room offers the way back."""
    hand.main.keeping.ask_archive(KEY)
    hand.settle()
    hand.app.root.focus_get().event_generate("<Escape>")
    hand.settle()
    assert client.called("own_rooms.archive") == []
    client.state.rooms[KEY].archived = True
    hand.open(KEY)
    hand.main.actions.do("room_settings")
    sheet = hand.main.sheet
    assert list(sheet.buttons) == ["unarchive", "leave"]
    sheet.buttons["unarchive"].invoke()
    assert client.called("own_rooms.archive") == [(KEY, False)]


def test_earlier_server_has_no_rooms_of_people(hand, client):
    """Where the server knows nothing of it, nothing is offered."""
    client.state.connection.capabilities = ()
    hand.main.rooms.show(client.state)
    offered = {action.id for action in hand.main.actions.commands()}
    assert not offered & {"create_room", "topic", "add_people", "continue_with"}
    assert not hand.main.rooms.create.winfo_manager()


def test_removed_while_writing(hand, client):
    """A private room vanishes with the removal: the window says so, and keeps what was being written."""
    hand.open(KEY)
    hand.write("half a sent")
    room = client.state.rooms.pop(KEY)
    room.membership, room.refused, room.refusal = "none", True, "moved on"
    client.state.open_room = None
    client.tell(
        ch.RoomsChanged(),
        ch.MembershipDecided(KEY, "joined", "none", "moved on", "Projet"),
        ch.RoomsChanged(),
    )
    hand.settle()
    card = hand.view.loss_card
    assert hand.view.tells_loss
    assert card.title.text == "You are no longer a member of “Projet”"
    assert card.words.text == "moved on"
    assert card.text.get("1.0", "end-1c") == "half a sent"
    card.copy.invoke()
    assert hand.app.root.clipboard_get() == "half a sent"


def test_removed_from_a_room_behind(hand, client):
    """The name of a private room that is gone altogether is still told."""
    del client.state.rooms[KEY]
    client.tell(ch.RoomsChanged(), ch.MembershipDecided(KEY, "joined", "none", "", "Projet"))
    hand.settle()
    assert "Projet" in hand.main.toast.words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sheets_fit_into_the_smallest_window(start, client, language):
    """In each language the sheets about rooms are whole in the smallest window, with no button cut off."""
    client.settings.set("language", language)
    client.sign(role="admin")
    client.state.connection.capabilities = ("rooms",)
    for number in range(9):
        client.add_person(f"person{number}", f"Person {number}")
    client.add_room("Général", topic="Everything", description="x " * 80, owner=True, last_seq=1)
    made = start("720x480")
    made.open("general")
    for action in ("create_room", "room_settings", "add_people", "go_to_date"):
        made.main.actions.do(action)
        made.settle()
        sheet = made.main.sheet
        assert sheet.winfo_y() >= 0, action
        assert sheet.winfo_y() + sheet.winfo_height() <= made.app.root.winfo_height(), action
        for button in buttons_in(sheet):
            assert button.winfo_width() >= button.winfo_reqwidth(), (action, button.cget("text"))
            right = button.winfo_rootx() + button.winfo_width()
            assert right <= sheet.winfo_rootx() + sheet.winfo_width(), (action, button.cget("text"))
        sheet.close()


def buttons_in(widget) -> list[ttk.Button]:
    """Give the buttons in a widget that are seen."""
    found = [widget] if isinstance(widget, ttk.Button) and widget.winfo_ismapped() else []
    return found + [each for child in widget.winfo_children() for each in buttons_in(child)]
