"""Rooms, conversations and people around the timeline."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import NotifyLevel
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import JoinRequest
from chat_protocol.people_requests import PersonReply


@pytest.fixture
def lively(hand, client):
    """Rooms of every kind."""
    client.add_person("nadia", "Nadia", "away", "back at two")
    client.add_person("paul", "Paul", "offline")
    client.add_room("Cantine", membership="none", topic="Menus")
    client.add_room("Comptabilité", kind="moderated", membership="none")
    client.add_direct("nadia", unread=2)
    hand.settle()
    return hand


def row(hand, title):
    return next(row for row in hand.main.rooms.list.rows if row.title == title)


def test_sections(lively):
    """Rooms, private conversations and what may be joined stand under their headings."""
    assert lively.rooms() == [
        "ROOMS", "Blabla", "Général", "PRIVATE", "Nadia", "TO JOIN", "Cantine", "Comptabilité",
    ]  # fmt: skip


def test_badges(lively, client, at):
    """What is unread and what is meant for the reader are two numbers; a muted room shows the second."""
    blabla = client.state.rooms["blabla"]
    blabla.unread = 5
    client.tell(ch.RoomChanged("blabla"))
    lively.settle()
    assert (row(lively, "Blabla").badge, row(lively, "Blabla").loud) == (5, False)
    blabla.notify = NotifyLevel.NONE
    client.tell(ch.RoomChanged("blabla"))
    lively.settle()
    assert row(lively, "Blabla").badge == 0
    blabla.mentions = 1
    client.tell(ch.RoomChanged("blabla"))
    lively.settle()
    assert (row(lively, "Blabla").badge, row(lively, "Blabla").calls) == (0, 1)
    blabla.notify = NotifyLevel.ALL
    client.tell(ch.RoomChanged("blabla"))
    lively.settle()
    assert (row(lively, "Blabla").badge, row(lively, "Blabla").calls) == (5, 1)
    canvas = lively.main.rooms.list.canvas
    texts = {canvas.itemcget(item, "text") for item in canvas.find_all() if canvas.type(item) == "text"}
    assert {"5", "1"} <= texts


def test_presence_of_a_partner(lively, client):
    """A private conversation carries the other's presence."""
    assert row(lively, "Nadia").status == "away"
    client.state.people["nadia"].status = "online"
    client.tell(ch.PeopleChanged(("nadia",)))
    lively.settle()
    assert row(lively, "Nadia").status == "online"


def test_click_opens_a_room(lively, client):
    """A click on a room shows it."""
    lively.click_row(lively.main.rooms.list, "blabla")
    assert client.state.open_room == "blabla"
    assert lively.view.header.texts[0] == "Blabla"
    assert row(lively, "Blabla").selected


def test_list_by_keyboard(lively, client):
    """Arrows walk through the list past its headings, Return opens."""
    canvas = lively.main.rooms.list.canvas
    lively.press("<Home>", canvas)
    lively.press("<Down>")
    lively.press("<Down>")
    lively.press("<Return>")
    assert client.state.open_room == "@nadia"


def test_alt_arrows_go_to_the_neighbour(lively, client):
    """Alt with an arrow opens the room above or below, with Shift the next one with something unread."""
    lively.press("<Alt-Up>", lively.view.composer.text)
    assert client.state.open_room == "blabla"
    lively.press("<Alt-Down>")
    assert client.state.open_room == "general"
    lively.press("<Alt-Shift-Down>")
    assert client.state.open_room == "@nadia"


def test_join_a_public_room(lively, client):
    """A public room says what it is, and is joined by one button."""
    lively.open("cantine")
    card = lively.view.join_card
    assert card.title.text == "Cantine"
    assert card.topic.text == "Menus"
    assert not card.reason.winfo_ismapped()
    card.button.invoke()
    assert client.called("rooms.join") == [("cantine", "")]
    client.state.rooms["cantine"].membership = "joined"
    client.tell(ch.RoomsChanged())
    lively.settle()
    assert lively.view.timeline.winfo_ismapped()


def test_ask_to_join_with_a_reason(lively, client):
    """A moderated room is asked for with a reason; then one waits, or reads why not."""
    lively.open("comptabilite")
    card = lively.view.join_card
    card.reason.insert("1.0", "I do the books.")
    card.button.invoke()
    assert client.called("rooms.join") == [("comptabilite", "I do the books.")]
    room = client.state.rooms["comptabilite"]
    room.membership = "pending"
    client.tell(ch.RoomsChanged())
    lively.settle()
    assert "You have asked to join." in card.words.text
    assert not card.button.winfo_ismapped()
    card.take_back.invoke()
    assert client.called("rooms.leave") == [("comptabilite",)]
    room.membership, room.refusal = "none", "full"
    client.tell(ch.RoomsChanged())
    lively.settle()
    assert card.words.text == "Your request was refused: full"
    assert card.button.winfo_ismapped()


def test_room_that_is_removed(lively, client):
    """When the open room goes away another one is shown."""
    del client.state.rooms["general"]
    client.state.open_room = None
    client.tell(ch.RoomsChanged())
    lively.settle()
    assert lively.view.loss_card.winfo_ismapped()
    lively.view.loss_card.go_on.invoke()
    lively.settle()
    assert client.state.open_room in ("blabla", "@nadia")
    assert "Général" not in lively.rooms()


def test_members(lively, client):
    """Who is there stands at the right, online first, with what they say of it."""
    room = client.state.rooms["general"]
    room.members, room.online, room.total = ["zoe", "jules", "nadia", "paul"], 3, 4
    client.tell(ch.MembersChanged("general"))
    lively.settle()
    assert lively.members() == ["ONLINE — 3", "Zoé (you)", "Jules", "Nadia", "OFFLINE — 1", "Paul"]
    nadia = next(row for row in lively.main.members.list.rows if row.key == "nadia")
    assert nadia.detail == "back at two"
    assert lively.view.header.texts[1] == "Everything  ·  4 people"


def test_members_of_a_large_room(lively, client):
    """Of 10,000 members those that are known are listed; only what is in view is drawn."""
    room = client.state.rooms["general"]
    names = [f"user{number}" for number in range(500)]
    for name in names:
        client.add_person(name)
    room.members, room.online, room.total = names, 500, 10_000
    client.tell(ch.MembersChanged("general"))
    lively.settle()
    assert lively.members()[-1] == "and 9500 more"
    assert len(lively.main.members.list.canvas.find_all()) < 200


def test_members_pane_is_toggled(lively):
    """The pane at the right can be put away, and hides itself where the window is narrow."""
    assert lively.main.members.winfo_ismapped()
    lively.press("<Control-m>", lively.view.composer.text)
    assert not lively.main.members.winfo_ismapped()
    lively.press("<Control-m>")
    assert lively.main.members.winfo_ismapped()


def test_narrow_window_keeps_the_timeline(start, client, hand):
    """At 720 by 480 there is room for rooms and timeline."""
    hand.app.root.geometry("720x480")
    hand.until(lambda: hand.app.root.winfo_width() == 720)
    hand.until(lambda: not hand.main.members.winfo_ismapped())
    assert hand.view.timeline.winfo_width() > 400
    assert hand.view.composer.send_button.winfo_ismapped()


def test_partner_of_a_private_conversation(lively):
    """A private conversation shows the other in place of a list."""
    lively.open("@nadia")
    assert lively.main.members._name.text == "Nadia"
    assert lively.main.members._detail.text == "@nadia\nback at two"
    assert lively.view.header.texts == ("Nadia", "back at two")


def test_partner_s_role_time_and_rooms(lively, client):
    """What the server tells of the other: role, local time, rooms in common, of which a click opens one."""
    lively.open("@nadia")
    members = lively.main.members
    assert not members.common.winfo_ismapped()
    told = PersonReply("nadia", "Nadia", "moderator", ("G\u00e9n\u00e9ral", "unknown"), None, "+00:00")
    client.state.lists.persons["nadia"] = told
    client.tell(ch.PeopleChanged(("nadia",)))
    lively.settle()
    assert members.facts.text.startswith("Moderator\nLocal time ")
    assert members.common.texts() == ["G\u00e9n\u00e9ral"]
    lively.click_row(members.common, "general")
    assert client.state.open_room == "general"


def test_typing_is_shown(lively, client):
    """Who writes is told above the composer."""
    room = client.state.rooms["general"]
    for typing, words in (
        ({"jules": 1.0}, "Jules is typing…"),
        ({"jules": 1.0, "nadia": 1.0}, "Jules, Nadia are typing…"),
        ({"zoe": 1.0}, ""),
        ({str(n): 1.0 for n in range(9)}, "Several people are typing…"),
    ):
        room.typing = typing
        client.tell(ch.TypingChanged("general"))
        lively.settle()
        assert lively.view.typing.words == words


def menu_labels(menu):
    last = menu.index("end")
    return [menu.entrycget(n, "label") for n in range(last + 1) if menu.type(n) != "separator"]


@pytest.fixture
def menu(hand, monkeypatch):
    monkeypatch.setattr(hand.main.menus.menu, "tk_popup", lambda x, y: None)
    return hand.main.menus.menu


def test_menu_of_a_room(lively, client, menu):
    """A room may be muted and left; leaving asks first."""
    lively.main.menus.room("general", 0, 0)
    menu.invoke("Mute")
    assert client.called("rooms.set_notify") == [("general", NotifyLevel.NONE)]
    menu.invoke("Leave the room")
    lively.settle()
    assert client.called("rooms.leave") == []
    lively.press("<Tab>")
    lively.press("<Return>")
    assert client.called("rooms.leave") == [("general",)]


def test_menu_of_a_person(lively, client, menu):
    """From any name one comes to a private conversation."""
    lively.main.show_person("jules", 0, 0)
    assert "Mute…" not in menu_labels(menu)
    menu.invoke("Mention")
    assert lively.view.composer.get() == "@jules "
    menu.invoke("Send a private message")
    assert client.state.open_room == "@jules"


def test_menu_of_a_moderator(lively, client, menu):
    """A moderator kicks and mutes with a reason; an administrator may ban."""
    client.state.role = "moderator"
    lively.main.show_person("jules", 0, 0)
    assert "Ban…" not in menu_labels(menu)
    menu.invoke("Mute…")
    lively.settle()
    lively.app.root.focus_get().insert(0, "spam")
    lively.press("<Return>")
    assert client.called("moderation.sanction") == [("mute", "jules", 3600, "Général", "spam")]
    lively.main.sheet.close()
    client.state.role = "admin"
    lively.main.show_person("jules", 0, 0)
    assert "Ban…" in menu_labels(menu)


def test_status_menu(lively, client, menu):
    """One's own status and its text are chosen from one's own name."""
    lively.press("<Return>", lively.main.rooms.account)
    menu.invoke("Busy")
    assert client.called("status.set") == [("busy", "")]
    menu.invoke("Status message…")
    lively.settle()
    lively.app.root.focus_get().insert(0, "in a meeting")
    lively.press("<Return>")
    assert client.called("status.set")[-1] == ("online", "in a meeting")


def test_requests(lively, client, at):
    """A moderator sees who asks to be let in, and accepts or refuses with a reason."""
    client.state.role = "moderator"
    client.state.join_request_count = 2
    client.state.join_requests = [
        JoinRequest("paul", "Paul", "Comptabilité", "I do the books.", at()),
        JoinRequest("nadia", "Nadia", "Comptabilité", "", at()),
    ]
    client.tell(ch.ModerationChanged())
    lively.settle()
    assert lively.main.rooms.requests.cget("text") == " 2 requests"
    lively.main.rooms.requests.invoke()
    lively.settle()
    assert client.called("moderation.pending") == [()]
    buttons = lively.main.requests.buttons
    buttons["", "Comptabilité", "accept_all"].invoke()
    assert client.called("moderation.accept") == [(["paul", "nadia"], "Comptabilité")]
    buttons[("paul", "Comptabilité", "accept")].invoke()
    assert client.called("moderation.decide") == [("paul", "Comptabilité", True, "")]
    buttons[("nadia", "Comptabilité", "refuse")].invoke()
    lively.settle()
    lively.app.root.focus_get().insert(0, "not yet")
    lively.press("<Return>")
    assert client.called("moderation.decide")[-1] == ("nadia", "Comptabilité", False, "not yet")
    client.state.join_requests, client.state.join_request_count = [], 0
    client.tell(ch.ModerationChanged())
    lively.settle()
    assert lively.main.requests.words.cget("text") == "Nobody is waiting."
    assert not lively.main.rooms.requests.winfo_ismapped()


def test_refused_request_is_told(lively, client):
    """What the server refuses is told in the reader's language."""
    client.tell(ch.RequestFailed("leave", "forbidden", room="general"))
    lively.settle()
    assert lively.main.toast.words == "You are not allowed to do that."


def test_notice_has_to_be_seen(lively, client):
    """What the administrator says stays until it was read."""
    client.tell(ch.NoticeArrived("The server stops at noon."))
    lively.settle()
    sheet = lively.app.root.focus_get().master.master
    labels = [child.text for child in sheet.winfo_children() if isinstance(child, Words)]
    assert "The server stops at noon." in labels
    lively.press("<Return>")
    assert lively.app.root.tk.call("grab", "current", lively.app.root) == ""


def test_search_takes_the_place_of_the_rooms_in_a_narrow_window(hand):
    """In a narrow window the timeline keeps its width when the search opens."""
    hand.app.root.geometry("720x480")
    hand.until(lambda: hand.app.root.winfo_width() == 720)
    hand.main.toggle_search()
    hand.settle()
    assert not hand.main.rooms.winfo_ismapped()
    assert hand.view.timeline.winfo_width() > 300
    hand.press("<Escape>", hand.main.search.entry)
    assert hand.main.rooms.winfo_ismapped()


def test_list_follows_the_open_room(hand, client):
    """A room that was opened with the switcher is scrolled into view among 200."""
    for number in range(200):
        client.add_room(f"Room {number:03}")
    hand.settle()
    rooms = hand.main.rooms.list
    hand.press("<Control-k>", hand.view.composer.text)
    hand.main.sheet.query.set("Room 150")
    hand.press("<Return>", hand.main.sheet.entry)
    place = next(at for at, row in enumerate(rooms.rows) if row.selected)
    assert rooms.rows[place].title == "Room 150"
    assert rooms._offset <= rooms._tops[place]
    assert rooms._tops[place + 1] <= rooms._offset + rooms.canvas.winfo_height()
    hand.main.rooms.list.scroll(-(10**6))
    client.tell(ch.RoomsChanged())
    hand.settle()
    assert rooms._offset == 0  # the reader may look elsewhere; only another room moves the list


def test_shortened_name_has_a_tooltip(hand, client):
    """Resting on a name that is cut off says the whole of it; a short one says nothing."""
    client.add_room("A name that is much too long for the list at the left of the window")
    hand.settle()
    rooms = hand.main.rooms.list
    places = {row.title[:5]: at for at, row in enumerate(rooms.rows)}
    for title, words in (
        ("A nam", "A name that is much too long for the list at the left of the window"),
        ("Blabl", ""),
    ):
        y = (rooms._tops[places[title]] + rooms._tops[places[title] + 1]) // 2
        rooms.canvas.event_generate("<Motion>", x=40, y=y)
        assert rooms.tip.text == words
    rooms.canvas.event_generate("<Motion>", x=40, y=(rooms._tops[places["A nam"]] + 10))
    hand.until(lambda: rooms.tip.shown)
    rooms.canvas.event_generate("<Leave>")
    assert not rooms.tip.shown


def test_members_beyond_what_the_server_names(hand, client):
    """Over the first names of many the heading says how many of how many."""
    room = client.state.rooms["general"]
    room.members, room.online, room.total = [f"user{n}" for n in range(500)], 0, 5000
    for name in room.members:
        client.add_person(name, status="offline")
    client.tell(ch.MembersChanged("general"))
    hand.settle()
    assert hand.members()[0] == "OFFLINE — 500 of 5000"
