"""Fixtures of the ways: a window in which much can be done."""

import pytest

from chat_client.model import changes as ch
from chat_client.ui.widgets.widgets import close_menu

CAPABILITIES = (
    "files",
    "moderation",
    "person",
    "receipts",
    "saved",
    "devices",
    "pins",
    "rooms",
    "mention_all",
)


@pytest.fixture
def full(hand, client, at):
    """The window of an administrator in a room of hers, on a server that can do all."""
    client.state.connection.capabilities = CAPABILITIES
    client.state.role, client.state.may_create = "admin", ("public", "moderated", "private")
    room = client.state.rooms["general"]
    room.owner, room.owners = True, ["zoe"]
    client.arrive(room, "jules", "first", at(0))
    client.arrive(room, "jules", "second", at(1))
    client.tell(ch.RoomsChanged(), ch.ProfileChanged(), ch.RoomChanged("general"))
    hand.settle()
    yield hand
    close_menu(hand.app.root)
    hand.app.root.update()
