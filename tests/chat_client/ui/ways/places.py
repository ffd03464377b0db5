"""Every sheet and pane of the window, opened with something in it; it presses nothing."""

from collections.abc import Callable
from typing import Any

from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.room_files import room_files
from chat_client.model.state import FoundMessage, Phase
from chat_client.ui.sheets.moderation_sheet import OF_ADMINISTRATORS
from chat_client.ui.sheets.questions import ask
from chat_protocol.moderation_replies import AuditEntry, OneTimeInvitation, Sanction
from chat_protocol.objects import Device, File, JoinRequest, Member, Message

AT = 1_700_000_000_000
SANCTIONS = [
    Sanction(9, "mute", "zoe", AT, AT + 60_000, "jules", None, "Général", "loud", True),
    Sanction(8, "ban", "zoe", AT, None, "mona", None, None, "spam", True),
]
ASKING = [
    JoinRequest("paul", "Paul", "Board", "I do the books.", AT),
    JoinRequest("nadia", "Nadia", "Board", "", AT),
]
#: Gives the widget in which the controls stand.
Open = Callable[[Any, Any], Any]


def act(action_id: str) -> Open:
    """Open a sheet by its action."""

    def opened(hand, client):
        hand.main.actions.do(action_id)
        hand.settle()
        return hand.main.sheet

    return opened


def moderation(tab: str) -> Open:
    """Open the moderators' window at a tab with something in its list."""

    def opened(hand, client):
        lists = client.state.lists
        lists.sanctions.take(SANCTIONS, 8, more=True)
        lists.directory.take([Member("jules", "Jules", "busy"), Member("zoe", "Zoé")], None, more=False)
        lists.invitations = [OneTimeInvitation(4, "member", "zoe", AT, "lea")]
        lists.audit.take([AuditEntry(AT, "zoe", "console", "ban", "mona", "", True)], None, more=False)
        client.state.join_requests = list(ASKING)
        hand.main.actions.do("moderation")
        sheet = hand.main.sheet
        words = _(f"moderation.{tab}")
        button = next(each for each in sheet.choices.buttons if str(each.cget("text")) == words)
        button.invoke()
        client.tell(*(ch.ListChanged(name) for name in ("sanctions", "directory", "invitations", "audit")))
        hand.settle()
        button.focus_force()
        return sheet

    return opened


def person(hand, client):
    member = Member("jules", "Jules", "busy", "lunch", role="moderator")
    client.state.lists.directory.take([member], None, more=False)
    client.state.lists.devices = [Device("0123456789ab", 0, AT, False, "desk", "192.0.2.1")]
    hand.main.menus.show_person("jules")
    client.tell(ch.ListChanged("devices"))
    hand.settle()
    return hand.main.sheet


def sanction(hand, client):
    hand.main.menus.ask_sanction("mute", "jules", "Général")
    hand.settle()
    return hand.main.sheet


def saved(hand, client):
    client.state.saved = [Message("Général", seq, "jules", f"number {seq}", AT) for seq in (7, 3)]
    hand.main.actions.do("saved_messages")
    client.tell(ch.SavedChanged())
    hand.settle()
    return hand.main.sheet


def settings(hand, client):
    hand.app.show_settings()
    hand.settle()
    return hand.app.settings_sheet


def devices(hand, client):
    client.state.devices = [
        Device("0123456789ab", 0, AT, True, "desk", "192.0.2.1"),
        Device("ba9876543210", 0, AT, name="phone"),
    ]
    hand.app.show_devices()
    client.tell(ch.DevicesChanged())
    hand.settle()
    return hand.app.devices_sheet


def password(hand, client):
    client.state.must_change_password = True
    client.tell(ch.ProfileChanged())
    hand.settle()
    return hand.main.sheet


def question(hand, client):
    made = ask(hand.app.look, "Really?", "It cannot be undone.", "Do it", lambda: None)
    hand.settle()
    return made


def requests(hand, client):
    client.state.join_requests = list(ASKING)
    client.state.join_request_count = 2
    client.tell(ch.ModerationChanged())
    hand.main.show_pane("requests")
    hand.settle()
    return hand.main.requests


def files(hand, client):
    room = client.state.rooms["general"]
    client.write(room, "jules", "", AT, files=(File("f1", "a.pdf", 2048, "application/pdf"),))
    client.room_files.files = lambda: room_files(room, [], complete=True)
    hand.main.show_pane("files")
    hand.settle()
    return hand.main.files


def pins(hand, client):
    client.state.rooms["general"].pins = [
        Message("Général", seq, "jules", f"pin {seq}", AT) for seq in (2, 1)
    ]
    hand.main.show_pane("pins")
    hand.settle()
    return hand.main.pins


def inbox(hand, client):
    client.write(client.state.rooms["blabla"], "jules", "@zoe look", AT, mentions_me=True)
    client.state.rooms["blabla"].unread = client.state.rooms["blabla"].mentions = 1
    hand.main.show_pane("inbox")
    hand.settle()
    return hand.main.inbox


def search(hand, client):
    state = client.state.search
    state.query = "first"
    state.results = [FoundMessage("general", client.state.rooms["general"].messages[0])]
    hand.main.toggle_search()
    hand.main.search.show()
    hand.settle()
    return hand.main.search


def conversation(hand, client):
    client.add_direct("jules", last_seq=1)
    hand.settle()
    hand.open("@jules")
    return hand.main.members


def members(hand, client):
    client.tell(ch.MembersChanged("general"))
    hand.settle()
    return hand.main.members


def way_in(hand, client):
    client.add_room("Secrets", kind="moderated", membership="none", topic="Ask first")
    hand.settle()
    hand.open("secrets")
    return hand.main.view.join_card


def loss(hand, client):
    hand.write("half a sentence")
    room = client.state.rooms["general"]
    room.membership, room.refused = "none", True
    client.tell(ch.RoomsChanged(), ch.RoomChanged("general"))
    hand.settle()
    return hand.main.view.loss_card


def picture(hand, client):
    files = [File(f"f{number}", f"{number}.png", 100, "image/png", 20, 20) for number in (1, 2)]
    for file in files:
        client.write(client.state.rooms["general"], "jules", "", AT, files=(file,))
    hand.main.show_picture(files[0], files)
    hand.settle()
    return hand.main.sheet


def fingerprint(hand, client):
    connection = client.state.connection
    connection.phase, connection.fingerprint = Phase.FINGERPRINT, ":".join(["AB"] * 32)
    client.tell(ch.ConnectionChanged())
    hand.settle()
    return hand.app._fingerprint


SHEETS: dict[str, Open] = {
    "switcher": act("switch"),
    "create_room": act("create_room"),
    "room_settings": act("room_settings"),
    "add_people": act("add_people"),
    "date": act("go_to_date"),
    "keys": act("keys"),
    "directory": act("directory"),
    **{f"moderation_{tab}": moderation(tab) for tab in OF_ADMINISTRATORS},
    "person": person,
    "sanction": sanction,
    "saved": saved,
    "settings": settings,
    "devices": devices,
    "password": password,
    "question": question,
    "picture": picture,
    "fingerprint": fingerprint,
}
PANES: dict[str, Open] = {
    "rooms": lambda hand, _client: hand.main.rooms,
    "room": lambda hand, _client: hand.main.view,
    "members": members,
    "conversation": conversation,
    "requests": requests,
    "files": files,
    "pins": pins,
    "inbox": inbox,
    "search": search,
    "way_in": way_in,
    "loss": loss,
}
