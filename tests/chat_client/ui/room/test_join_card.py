"""The way into a room, in whatever space there is for it."""

import pytest


@pytest.mark.parametrize("geometry", ["720x480", "1400x900"])
def test_card_fits_beside_a_search(start, client, geometry):
    """In the smallest window, with the search open, nothing of the card is cut off."""
    client.sign()
    client.add_room("Général")
    client.add_room("Comptabilité", kind="moderated", membership="none")
    hand = start(geometry)
    hand.open("general")
    hand.main.toggle_search()
    hand.open("comptabilite")
    card = hand.view.join_card
    left = card.winfo_rootx()
    for widget in (card.reason, card.words, card.button):
        assert widget.winfo_ismapped()
        assert widget.winfo_width() >= max(80, widget.winfo_reqwidth())
        assert left < widget.winfo_rootx()
        assert widget.winfo_rootx() + widget.winfo_width() < left + card.winfo_width()
