"""The pictures of rooms that people make, for `screenshots`: made, described, filled, listed."""

from chat_client.ui.app import App
from chat_client.ui.sheets.create_room_sheet import CreateRoomSheet
from tests.chat_client.ui.photographer import Photographer


def take_rooms(photographer: Photographer, app: App, theme: str) -> None:
    """Fold a section, choose a favourite and filter the list; then leave it as it was."""
    main, client = app.main, app.client
    assert main is not None
    client.rooms.set_favourite("general", True)
    client.settings.set_folded("other", True)
    main.show_rooms()
    photographer.take(
        f"sections-{theme}", app, lambda: main.room and main.room.owner and main.room.total == 3
    )
    main.rooms.open_filter()
    main.rooms.filter.entry.insert("end", "b")
    photographer.take(f"filter-{theme}", app)
    main.rooms.filter.close()
    client.rooms.set_favourite("general", False)
    client.settings.set_folded("other", False)
    main.show_rooms()


def take_keeping(photographer: Photographer, app: App, theme: str) -> None:
    """Make a private room with people in it, and look at what it is."""
    main = app.main
    assert main is not None
    main.actions.do("create_room")
    sheet = main.sheet
    assert isinstance(sheet, CreateRoomSheet)
    sheet.name.set("Refonte du site" if theme == "light" else "Anniversaire de Nadia")
    sheet.topic.set("Maquettes et calendrier")
    for name in ("karim", "lea"):
        sheet.people.toggle(name)
    photographer.take(f"new-room-{theme}", app)
    sheet.submit()
    take_rooms(photographer, app, theme)
    main.actions.do("room_settings")
    photographer.take(f"room-settings-{theme}", app)
    assert main.sheet is not None
    main.sheet.close()
    main.actions.do("add_people")
    photographer.take(f"add-people-{theme}", app)
    main.sheet.close()
    main.open_room("general")
    main.actions.do("go_to_date")
    photographer.take(f"date-{theme}", app)
    main.sheet.close()
