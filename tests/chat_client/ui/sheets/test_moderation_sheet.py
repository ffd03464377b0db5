"""The moderators' window: sanctions that are lifted, people, invitations, the audit; by keys, by pointer."""

import pytest

from chat_client.model import changes as ch
from chat_client.ui.sheets.audit_tab import AuditTab
from chat_client.ui.sheets.invitations_tab import InvitationsTab
from chat_client.ui.sheets.moderation_sheet import ModerationSheet
from chat_client.ui.sheets.people_tab import PeopleTab
from chat_client.ui.sheets.person_sheet import PersonSheet
from chat_client.ui.sheets.requests_tab import RequestsTab
from chat_client.ui.sheets.sanctions_tab import SanctionsTab
from chat_protocol.moderation_replies import AuditEntry, OneTimeInvitation, Sanction
from chat_protocol.objects import JoinRequest, Member
from tests.chat_client.ui.conftest import Hand
from tests.chat_client.ui.fake import FakeClient

AT = 1_700_000_000_000
MUTE = Sanction(9, "mute", "zoe", AT, AT + 60_000, "jules", None, "Général", "loud\u202e", True)
BAN = Sanction(8, "ban", "boss", AT, address="192.0.2.0/24")


def _tell(hand: Hand, client: FakeClient, name: str) -> None:
    client.tell(ch.ListChanged(name))
    hand.settle()


@pytest.fixture
def sheet(hand, client) -> ModerationSheet:
    """The window of an administrator."""
    client.state.role = "admin"
    client.state.connection.capabilities = ("moderation",)
    hand.main.actions.do("moderation")
    hand.settle()
    made = hand.main.sheet
    assert isinstance(made, ModerationSheet)
    return made


def _choose(hand: Hand, sheet: ModerationSheet, number: int) -> None:
    """Take a tab with the keyboard: to it with Right, chosen with the space bar."""
    assert sheet.choices is not None
    sheet.choices.buttons[0].focus_force()
    for _step in range(number):
        hand.press("<Right>")
    hand.press("<space>")


def test_sanctions_are_listed_and_lifted(hand, client, sheet):
    """Each says who, where, until when, by whom and why; only what the user may lift has a button."""
    assert client.called("moderation.sanctions") == [()]
    assert isinstance(sheet.tab, SanctionsTab)
    client.state.lists.sanctions.take([MUTE, BAN], 8, more=False)
    _tell(hand, client, "sanctions")
    (mute, lift), (ban, none) = sheet.tab.list.rows
    assert mute.startswith("Jules is muted — Général: until ")
    assert "by Zo\u00e9" in mute
    assert ban.startswith("192.0.2.0/24 is banned: for good")
    assert none is None
    hand.press("<Return>", lift)
    assert client.called("moderation.lift") == [("mute", "jules", None, "Général", 9)]
    client.tell(ch.RequestDone("moderation.lift"))
    hand.settle()
    assert client.called("moderation.sanctions") == [(), ()]
    hand.press("<Return>", sheet.tab.list.more)
    assert client.called("moderation.sanctions")[-1] == (True,)


def _waiting(hand: Hand, client: FakeClient) -> None:
    client.state.join_requests = [
        JoinRequest("nadia", "Nadia", "Zoo", "please", AT),
        JoinRequest("ali", "Ali", "Atelier", "", AT),
        JoinRequest("bea", "Béa", "Zoo", "", AT),
    ]
    client.tell(ch.ModerationChanged())
    hand.settle()


def test_requests_stand_by_room_and_are_accepted_at_once(hand, client, sheet):
    """By the keyboard alone: a room with several who wait has a button that accepts them all."""
    _choose(hand, sheet, 1)
    tab = sheet.tab
    assert isinstance(tab, RequestsTab)
    assert client.called("moderation.pending") == [()]
    _waiting(hand, client)
    heads = [words.partition(":")[0] for words, _button in tab.list.rows]
    assert heads == ["# Atelier", "Ali", "# Zoo", "Nadia", "Béa"]
    assert tab.list.rows[0][1] is None
    assert tab.list.rows[3][0].startswith("Nadia: @nadia · ")
    assert tab.list.rows[3][0].endswith(" · please")
    everybody = tab.list.rows[2][1]
    assert everybody.cget("text") == "Accept all 2"
    hand.press("<Return>", everybody)
    assert client.called("moderation.accept") == [(["nadia", "bea"], "Zoo")]
    client.state.join_requests = []
    client.tell(ch.ModerationChanged())
    hand.settle()
    assert tab.list.rows == []
    assert str(hand.app.root.focus_get()).startswith(str(sheet))


def test_request_is_accepted_or_refused_with_a_reason(hand, client, sheet):
    """By the pointer alone, but for the reason, which is told once."""
    _choose(hand, sheet, 1)
    tab = sheet.tab
    assert isinstance(tab, RequestsTab)
    _waiting(hand, client)
    tab.list.rows[1][1].invoke()
    tab.reason.set(" full ")
    tab.list.others[3].invoke()
    assert client.called("moderation.decide") == [
        ("ali", "Atelier", True),
        ("nadia", "Zoo", False, "full"),
    ]
    assert tab.reason.get() == ""


def test_lifted_row_leaves_the_keyboard_in_the_sheet(hand, client, sheet):
    """Where the row with the keyboard goes, another one has it, or the sheet."""
    client.state.lists.sanctions.take([MUTE], None, more=False)
    _tell(hand, client, "sanctions")
    hand.press("<Return>", sheet.tab.list.rows[0][1])
    client.state.lists.sanctions.take([], None, more=False)
    _tell(hand, client, "sanctions")
    assert str(hand.app.root.focus_get()).startswith(str(sheet))


def test_refusal_is_told_in_the_sheet(hand, client, sheet):
    """What the server refuses stands in the sheet, in the reader's language."""
    client.tell(ch.RequestFailed("moderation.lift", "forbidden"))
    hand.settle()
    assert sheet.told.cget("text") == "You are not allowed to do that."


def test_moderators_have_no_tabs_of_administrators(hand, client):
    """Invitations and the audit are not offered; a plain member has no window at all, but everybody."""
    client.state.connection.capabilities = ("moderation",)
    assert not hand.main.actions.can("moderation")
    assert hand.main.actions.can("directory")
    client.state.role = "moderator"
    hand.main.actions.do("moderation")
    hand.settle()
    assert [one.cget("text") for one in hand.main.sheet.choices.buttons] == ["In force", "Requests", "People"]


def test_person_is_chosen_by_keyboard(hand, client, sheet):
    """What is typed filters; Down and Return show the person in the place of the list."""
    _choose(hand, sheet, 2)
    assert isinstance(sheet.tab, PeopleTab)
    assert client.called("people.directory") == [("",)]
    client.state.lists.directory.take(
        [Member("jules", "Jules", "away", role="moderator"), Member("zoe", "Zo\u00e9")], "zoe", more=False
    )
    _tell(hand, client, "directory")
    assert [row.detail for row in sheet.tab.list.rows] == ["@jules · Moderator", "@zoe"]
    sheet.tab.entry.insert(0, "@ju")
    hand.until(lambda: client.called("people.directory")[-1] == ("ju",))
    _tell(hand, client, "directory")
    hand.press("<Return>", sheet.tab.entry)
    assert isinstance(hand.main.sheet, PersonSheet)
    assert hand.main.sheet.member.username == "jules"


def test_next_page_of_people_is_asked_for_once(hand, client, sheet):
    """Near the end of the list the client asks for more, and not again until it has come."""
    _choose(hand, sheet, 2)
    people = [Member(f"user{number:03}", f"User {number}") for number in range(100)]
    client.state.lists.directory.take(people, "user099", more=False)
    _tell(hand, client, "directory")
    for _turn in range(3):
        sheet.tab.list.scroll(10**6)
    assert client.called("people.directory")[1:] == [("", True)]


def test_two_thousand_people_are_quick(hand, client, sheet):
    """Only the rows in view are drawn, however many there are."""
    _choose(hand, sheet, 2)
    people = [Member(f"user{number:04}", f"User {number}") for number in range(2_000)]
    client.state.lists.directory.take(people, None, more=False)
    _tell(hand, client, "directory")
    assert len(sheet.tab.list.rows) == 2_000
    assert len(sheet.tab.list.canvas.find_all()) < 300


def test_invitation_is_made_shown_and_revoked(hand, client, sheet):
    """Its link is shown in a field with a button that copies it, and the list is asked for again."""
    _choose(hand, sheet, 3)
    tab = sheet.tab
    assert isinstance(tab, InvitationsTab)
    tab.name.set("@nadia")
    tab.role.buttons[1].invoke()
    hand.press("<Return>", tab.name.entry)
    assert client.called("administration.invite") == [("nadia", "moderator")]
    client.tell(ch.InvitationMade("chat://x/?code=c0de", "nadia", "moderator", AT))
    client.state.lists.invitations = [OneTimeInvitation(7, "moderator", "zoe", AT, "nadia")]
    _tell(hand, client, "invitations")
    assert tab.secret.value.get() == "chat://x/?code=c0de"
    hand.press("<Return>", tab.secret.copy)
    assert hand.app.root.clipboard_get() == "chat://x/?code=c0de"
    assert tab.list.rows[0][0].startswith("nadia · Moderator: until ")
    hand.press("<Return>", tab.list.rows[0][1])
    assert client.called("administration.revoke") == [(7,)]


def test_audit_is_filtered(hand, client, sheet):
    """By whom and on whom; the page behind is asked for with the same words; what was refused stands out."""
    _choose(hand, sheet, 4)
    tab = sheet.tab
    assert isinstance(tab, AuditTab)
    assert client.called("administration.audit") == [("", "")]
    tab.actor.set("@boss")
    hand.press("<Return>", tab.actor.entry)
    assert client.called("administration.audit")[-1] == ("boss", "")
    entries = [AuditEntry(AT, "boss", "console", "role", "jules", "a -> b", False)]
    client.state.lists.audit.take(entries, 7, more=False)
    _tell(hand, client, "audit")
    words = tab.list.rows[0][0]
    assert words.startswith("boss · role · jules: ")
    assert words.endswith("refused · a -> b · console")
    tab.actor.set("else")
    hand.press("<Return>", tab.list.more)
    assert client.called("administration.audit")[-1] == ("boss", "", True)


def test_long_list_is_read_by_keyboard(hand, client, sheet):
    """Entries without a button are scrolled by the arrow keys, page by page, and to the end."""
    _choose(hand, sheet, 4)
    entries = [AuditEntry(AT, "boss", "console", "role", f"user{n}", "", True) for n in range(50)]
    client.state.lists.audit.take(entries, None, more=False)
    _tell(hand, client, "audit")
    scroller = sheet.tab.list.scroller
    places = []
    for key in ("<Down>", "<Next>", "<End>", "<Up>", "<Home>"):
        hand.press(key, scroller)
        places.append(scroller.yview())
    tops = [top for top, _bottom in places]
    assert sheet.tab.list.bar.winfo_ismapped()
    assert 0 < tops[0] < tops[1] < tops[2]
    assert places[2][1] == 1
    assert tops[3] < tops[2]
    assert tops[4] == 0
    client.state.lists.audit.take(entries[:2], None, more=False)
    _tell(hand, client, "audit")
    assert not sheet.tab.list.bar.winfo_ismapped()


def test_opened_and_walked_by_pointer(hand, client, account_menu):
    """The account's menu opens it, a click takes a tab, Escape closes it."""
    client.state.role = "admin"
    client.state.connection.capabilities = ("moderation",)
    hand.main.show_account_menu()
    account_menu.invoke("Moderation")
    hand.settle()
    sheet = hand.main.sheet
    button = sheet.choices.buttons[4]
    for event in ("<Enter>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        button.event_generate(event, x=5, y=5)
    hand.settle()
    assert isinstance(sheet.tab, AuditTab)
    hand.press("<Escape>")
    assert sheet.closed
