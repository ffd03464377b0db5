"""Finding rooms, people and messages."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import FoundMessage, MessageState
from chat_client.ui.sheets.switcher import matching_rooms, rank


@pytest.mark.parametrize(
    ("query", "name", "found"),
    [
        ("gen", "Général", 0),
        ("ral", "Général", 2),
        ("mar", "Jean Martin", 1),
        ("@zo", "zoe", 0),
        ("x", "zoe", None),
    ],
)
def test_rank(query, name, found):
    """A name that begins so comes before one that contains it; accents and case do not matter."""
    assert rank(query, name) == found


def test_rooms_without_a_query(hand, client):
    """Without a query what has something unread comes first."""
    client.state.rooms["blabla"].unread = 1
    client.state.rooms["general"].mentions = 1
    assert [room.key for room in matching_rooms(client.state, "")] == ["general", "blabla"]


def test_switcher_goes_to_a_room(hand, client):
    """Ctrl+K, a part of a name and Return show the room."""
    hand.press("<Control-k>", hand.view.composer.text)
    switcher = hand.main.sheet
    switcher.query.set("bla")
    hand.settle()
    assert switcher.list.texts() == ["Blabla"]
    hand.press("<Return>")
    assert client.state.open_room == "blabla"
    assert switcher.closed


def test_switcher_goes_to_a_person(hand, client):
    """People are found too, also those whom the server finds."""
    hand.press("<Control-k>", hand.view.composer.text)
    switcher = hand.main.sheet
    switcher.query.set("nad")
    hand.until(lambda: client.called("people.find"))
    assert client.called("people.find") == [("nad",)]
    client.state.found_people = [client.add_person("nadia", "Nadia")]
    client.tell(ch.FoundPeopleChanged())
    hand.settle()
    assert switcher.list.texts() == ["PEOPLE", "Nadia"]
    hand.press("<Return>")
    assert client.state.open_room == "@nadia"


def test_switcher_by_arrows(hand, client):
    """Arrows choose while the keyboard stays in the field; Escape leaves everything as it was."""
    hand.press("<Control-k>", hand.view.composer.text)
    hand.press("<Down>")
    assert hand.main.sheet.list.cursor == 1
    assert hand.app.root.focus_get() is hand.main.sheet.entry
    hand.press("<Escape>")
    assert client.state.open_room == "general"
    assert hand.app.root.focus_get() is hand.view.composer.text


def test_search_and_jump(hand, client, at):
    """Ctrl+F searches on the server; a result shows its message in the history."""
    room = client.state.rooms["blabla"]
    for number in range(5):
        client.write(room, "jules", f"message {number}", at())
    hand.press("<Control-f>", hand.view.composer.text)
    pane = hand.main.search
    pane.query.set("printer")
    hand.press("<Return>", pane.entry)
    assert client.called("search.start") == [("printer", None)]
    search = client.state.search
    search.query = "printer"
    search.results = [
        FoundMessage("blabla", room.messages[2]),
        FoundMessage("blabla", MessageState(900, "jules", "far away", at())),
    ]
    client.tell(ch.SearchChanged())
    hand.settle()
    assert pane.list.texts() == ["Jules · Blabla", "Jules · Blabla"]
    hand.press("<Home>", pane.list.canvas)
    hand.press("<Return>")
    assert client.state.open_room == "blabla"
    assert "message 2" in "".join(hand.tagged("found"))
    pane.list.on_choose("1")
    assert client.called("history.jump_to") == [("blabla", 900)]
    room.messages.append(MessageState(900, "jules", "far away", at()))
    room.covered.add(900, 900)
    client.tell(ch.JumpReady("blabla", 900))
    hand.settle()
    assert "far away" in "".join(hand.tagged("found"))


def test_search_in_this_room_only(hand, client):
    """The search can be kept to the open room."""
    hand.press("<Control-f>", hand.view.composer.text)
    hand.main.search.query.set("x")
    hand.main.search.here_box.invoke()
    assert client.called("search.start") == [("x", "general")]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Words, or from:zoe"),
        ({"query": "x", "busy": True}, "Searching…"),
        ({"query": "x"}, "Nothing found."),
        ({"query": "x", "incomplete": True}, "Nothing found. The server is still reading older messages"),
        ({"query": "x", "code": "unavailable"}, "The server cannot do that right now."),
    ],
)
def test_search_tells_how_it_stands(hand, client, values, words):
    """While it searches, where it found nothing or not all, and when it failed, it says so."""
    for name, value in values.items():
        setattr(client.state.search, name, value)
    hand.main.toggle_search()
    hand.settle()
    assert hand.main.search.words.cget("text").startswith(words)


def test_escape_leaves_the_search(hand):
    """Escape brings back who is there, and the keyboard to the composer."""
    hand.press("<Control-f>", hand.view.composer.text)
    assert hand.main.search.winfo_ismapped()
    hand.press("<Escape>", hand.main.search.entry)
    assert not hand.main.search.winfo_ismapped()
    assert hand.main.members.winfo_ismapped()


def test_more_results_are_asked_for(hand, client, at):
    """At the end of the results the older ones are asked for."""
    search = client.state.search
    search.query, search.more = "x", True
    search.results = [FoundMessage("general", MessageState(n, "jules", f"x {n}", at())) for n in range(40)]
    hand.main.toggle_search()
    hand.settle()
    hand.press("<End>", hand.main.search.list.canvas)
    assert client.called("search.more")
