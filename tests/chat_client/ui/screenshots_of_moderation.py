"""The pictures of the moderators' window, for `screenshots`: each of its tabs, and a person."""

from chat_client.ui.app import App
from chat_client.ui.sheets.moderation_sheet import ModerationSheet
from chat_client.ui.sheets.person_sheet import PersonSheet
from tests.chat_client.ui.photographer import Photographer


def take_moderation(photographer: Photographer, app: App, theme: str) -> None:
    """Mute somebody, exclude a network, walk through the tabs and to a person; then lift what was imposed."""
    main, client = app.main, app.client
    assert main is not None
    lists = client.state.lists
    client.moderation.sanction(
        "mute", username="karim", duration_s=86_400, room="general", reason="Publicité répétée"
    )
    client.moderation.sanction("kick", address="198.51.100.0/24", duration_s=604_800)
    main.actions.do("moderation")
    sheet = main.sheet
    assert isinstance(sheet, ModerationSheet)
    assert sheet.choices is not None

    def listed(count: int) -> bool:
        if len(lists.sanctions.items or ()) < count:
            client.moderation.sanctions()
        return len(lists.sanctions.items or ()) >= count

    photographer.take(f"moderation-{theme}", app, lambda: listed(2))
    sheet.choices.buttons[1].invoke()
    photographer.take(f"join-requests-{theme}", app)
    sheet.choices.buttons[2].invoke()
    photographer.take(f"everybody-{theme}", app, lambda: lists.directory.items)
    sheet.choices.buttons[3].invoke()
    client.administration.invite(f"nadege-{theme}")
    photographer.take(f"invitations-{theme}", app, lambda: lists.invitations)
    sheet.choices.buttons[4].invoke()
    photographer.take(f"audit-{theme}", app, lambda: lists.audit.items)
    sheet.close()
    main.menus.show_person("karim")
    photographer.take(f"person-{theme}", app, lambda: lists.devices is not None)
    assert isinstance(main.sheet, PersonSheet)
    main.sheet.close()
    main.menus.ask_sanction("mute", "karim", "Général")
    photographer.take(f"sanction-{theme}", app)
    assert main.sheet is not None
    main.sheet.close()
    for one in lists.sanctions.items or ():
        client.moderation.lift(one.kind, username=one.username, address=one.address, number=one.number)
