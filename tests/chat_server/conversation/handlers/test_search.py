"""Searching, as a user asks for it."""

from chat_protocol.message_replies import SearchPage
from chat_protocol.requests import Join, Search
from chat_server.conversation.dispatch import dispatch
from tests.chat_server.building import Building


def test_search_finds_what_was_said_in_the_user_s_rooms(building: Building) -> None:
    """The newest comes first; a room of others is not looked into, and what is not indexed yet is told."""
    author = building.user("zoe")
    plaza, cellar = building.room("Plaza"), building.room("Cellar")
    session = building.sign_in(building.user("jules"))
    dispatch(building.services, session, Join("Plaza"))
    building.say(plaza, author, "an apple", age_ms=5_000)
    building.say(plaza, author, "another apple", age_ms=1_000)
    building.say(cellar, author, "a hidden apple")
    early = dispatch(building.services, session, Search("apple"))
    assert isinstance(early, SearchPage)
    assert (early.messages, early.incomplete) == ([], True)
    building.index()
    reply = dispatch(building.services, session, Search("apple"))
    assert isinstance(reply, SearchPage)
    assert reply.incomplete is None
    assert [message.body for message in reply.messages] == ["another apple", "an apple"]
    assert not reply.more
    one = dispatch(building.services, session, Search("apple", limit=1))
    assert isinstance(one, SearchPage)
    assert ([message.body for message in one.messages], one.more) == (["another apple"], True)


def test_search_finds_what_certain_people_said(building: Building) -> None:
    """By username or by the name shown to others; a username comes before another's shown name."""
    zoe, ada = building.user("zoe"), building.user("ada")
    building.storage.users.set_display_name(ada.id, "Ada L.")
    building.storage.users.set_display_name(zoe.id, "ada")
    plaza = building.room("Plaza")
    session = building.sign_in(building.user("jules"))
    dispatch(building.services, session, Join("Plaza"))
    building.say(plaza, zoe, "apple of zoe")
    building.say(plaza, ada, "apple of ada")
    building.index()
    for author, found in (("zoe", ["apple of zoe"]), ("ADA", ["apple of ada"]), ("nobody", [])):
        reply = dispatch(building.services, session, Search(f"apple from:{author}"))
        assert isinstance(reply, SearchPage)
        assert [message.body for message in reply.messages] == found
