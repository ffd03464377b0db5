"""A private room in three real windows on a real server: two talk in it, the third finds no trace of it."""

from tests.chat_client.ui.people import Person, trust, until

TITLE = "Projet d’automne"
SECRET = "the budget is blue"


def make_room(zoe: Person, people: list[Person]) -> None:
    """Make the room as a user does: the sheet, a name, a person who is looked up."""
    zoe.main.actions.do("create_room")
    sheet = zoe.main.sheet
    sheet.name.set(TITLE)
    sheet.people.query.set("jul")
    until(people, lambda: [row.key for row in sheet.people.list.rows] == ["jules"])
    sheet.people.toggle("jules")
    sheet.submit()
    until(people, lambda: sheet.closed and zoe.main.room.title == TITLE)
    assert (zoe.main.room.kind, zoe.main.room.owner) == ("private", True)


def finds_nothing(nadia: Person, people: list[Person]) -> None:
    """Look for the room where somebody could: the list, the switcher, the search and all that is known."""
    main, client = nadia.main, nadia.app.client
    main.show_switcher()
    main.sheet.query.set("projet")
    until(people, lambda: main.sheet.query.get() == "projet")
    assert main.sheet.list.texts() == []
    main.sheet.close()
    client.search.start("blue")
    until(people, lambda: not client.state.search.busy)
    assert client.state.search.results == []
    client.search.start(f"in:{TITLE.replace(' ', '_')} budget")
    until(people, lambda: not client.state.search.busy)
    assert client.state.search.results == []
    assert TITLE not in nadia.rooms()
    assert "Projet" not in repr(client.state.rooms)
    assert SECRET not in repr(client.state)


def test_private_room_is_its_members_alone(together, server_process):
    """One makes it and two talk in it; the third sees nothing; who is removed keeps the text."""
    server = server_process()
    zoe, jules, nadia = people = together("zoe", "jules", "nadia")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))
    make_room(zoe, people)
    key = zoe.main.room.key
    until(people, lambda: TITLE in jules.rooms())
    jules.main.open_room(key)
    zoe.say(SECRET)
    until(people, lambda: f"{SECRET}\n" in jules.timeline())
    jules.say("@zoe blue it is")
    until(people, lambda: "@zoe blue it is\n" in zoe.timeline())
    finds_nothing(nadia, people)

    field = jules.main.view.composer.text
    field.focus_force()
    field.insert("insert", "half a sent")
    until(people, lambda: jules.main.room.draft == "half a sent")
    zoe.app.client.own_rooms.remove(key, "jules", "moved on")
    until(people, lambda: jules.main.view.tells_loss)
    card = jules.main.view.loss_card
    assert card.title.text == f"You are no longer a member of “{TITLE}”"
    assert card.words.text == "moved on"
    assert card.text.get("1.0", "end-1c") == "half a sent"
    card.go_on.invoke()
    until(people, lambda: TITLE not in jules.rooms() and jules.main.room is not None)
    finds_nothing(jules, people)
    until(people, lambda: zoe.main.room.total == 1)
