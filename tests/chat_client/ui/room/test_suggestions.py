"""The lists while typing: people after @, rooms after #, emoji after a colon; by keys and by clicks."""

from types import SimpleNamespace
from typing import cast

import pytest

from chat_client.ui.look.look import Look
from chat_client.ui.room.emoji_names import find_emoji
from chat_client.ui.room.suggesting import Suggester, Typed, typed_before
from chat_protocol.limits import ALL_BELOW


@pytest.fixture
def composer(hand, client):
    """The composer of a room with several people in it; there are three rooms."""
    client.add_person("julia", "Julia")
    client.add_room("Général 2")
    room = client.state.rooms["general"]
    room.members, room.total = ["zoe", "jules", "julia"], ALL_BELOW
    client.state.connection.capabilities = ("mention_all",)
    hand.settle()
    return hand.view.composer


def offered(composer):
    return [one.text for one in composer.suggestions.suggestions]


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("hey @ju", Typed("@", "ju")),
        ("@", Typed("@", "")),
        ("(#gen", Typed("#", "gen")),
        ("well :smi", Typed(":", "smi")),
        ("me@here", None),
        ("12:30", None),
        ("hey @ju ", None),
        ("a#b", None),
        ("", None),
    ],
)
def test_what_is_being_typed(line, typed):
    """A sign counts where a word may begin, up to the cursor."""
    assert typed_before(line) == typed


def test_people_by_keys(hand, composer):
    """Down and Up choose, Tab and Return take; what is sent is the text with the name."""
    hand.write("hey @ju")
    assert offered(composer) == ["@jules", "@julia"]
    hand.press("<Down>")
    hand.press("<Tab>")
    assert composer.get() == "hey @julia "
    hand.write("and @ju")
    hand.press("<Down>")
    hand.press("<Up>")
    hand.press("<Return>")
    assert composer.get() == "hey @julia and @jules "
    assert not composer.suggestions.shown
    assert hand.app.root.focus_get() is composer.text


def test_return_sends_what_is_typed_in_full(hand, client, composer):
    """A name that is there already is not offered: Return sends."""
    hand.write("hey @julia")
    assert not composer.suggestions.shown
    hand.press("<Return>")
    assert client.called("outbox.send")[0][1] == "hey @julia"


def test_escape_sends_the_list_away(hand, composer):
    """It does not come back while that word is typed on, and comes for the next one."""
    hand.write("@j")
    assert composer.suggestions.shown
    hand.press("<Escape>")
    hand.write("u")
    assert not composer.suggestions.shown
    hand.write(" @j")
    assert composer.suggestions.shown


def test_taken_by_a_click(hand, composer):
    """A press on a row takes it; the keyboard stays in the field."""
    hand.write("@ju")
    hand.click_row(composer.suggestions.list, "julia")
    assert composer.get() == "@julia "
    assert hand.app.root.focus_get() is composer.text


def test_list_goes_with_the_keyboard_and_the_room(hand, client, composer):
    """Where the keyboard goes elsewhere, or another room is opened, there is no list."""
    hand.write("@ju")
    hand.open("blabla")
    assert not composer.suggestions.shown
    hand.write("#g")
    hand.main.rooms.list.canvas.focus_force()
    hand.settle()
    assert not composer.suggestions.shown


@pytest.mark.parametrize(
    ("role", "owner", "total", "allowed"),
    [
        ("member", False, ALL_BELOW, False),
        ("member", False, ALL_BELOW - 1, True),
        ("member", True, ALL_BELOW, True),
        ("moderator", False, ALL_BELOW, True),
    ],
)
def test_all_is_offered_to_those_who_may(hand, client, composer, role, owner, total, allowed):
    """As the server decides: owners, moderators, and anybody in a small room."""
    room = client.state.rooms["general"]
    client.state.role, room.owner, room.total = role, owner, total
    hand.write("@al")
    assert offered(composer) == (["@all"] if allowed else [])


def test_rooms_become_links(hand, client, composer, at):
    """A room is taken by its name; in the timeline a click leads there, and so does O on the message."""
    hand.write("see #g")
    assert offered(composer) == ["#Général", "#Général 2"]
    hand.press("<Down>")
    hand.press("<Tab>")
    assert composer.get() == "see #Général 2 "
    client.arrive(client.state.rooms["general"], "jules", "in #Général 2, not #Généralissime", at())
    hand.settle()
    assert hand.tagged("room") == ["#Général 2"]
    hand.click("room")
    assert client.state.open_room == "general 2"
    hand.open("general")
    hand.view.actions.move_cursor(0)
    hand.press("<Key-o>", hand.paper)
    assert client.state.open_room == "general 2"


@pytest.mark.parametrize(
    ("query", "language", "found"),
    [
        ("popper", "en", ("🎉", "party popper")),
        ("cotillon", "en", ("🎉", "party popper")),
        ("cotil", "fr", ("🎉", "cotillons")),
        ("REVEIL", "fr", ("⏰", "réveil")),
        ("thumbs_u", "en", ("👍", "thumbs up sign")),
    ],
)
def test_emoji_by_words_of_both_languages(query, language, found):
    """A word of either language finds it, in any spelling; its name is told in the reader's."""
    assert find_emoji(query, language, 1) == [found]


def test_emoji_are_offered_where_they_can_be_shown(client):
    """From two letters on, and not where Tk would end the program over them."""
    for shows, query, offered in ((True, "popper", ["🎉"]), (True, "p", []), (False, "popper", [])):
        suggester = Suggester(cast(Look, SimpleNamespace(emoji=shows)))
        found = suggester.find(client.state, client.add_room("Hall"), Typed(":", query))
        assert [one.text for one in found] == offered
