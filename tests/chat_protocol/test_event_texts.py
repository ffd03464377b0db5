"""Events whose frames are read by hand: a name that is no text is refused, as in any other event."""

import pytest

from chat_protocol.own_events import MuteEvent
from chat_protocol.room_events import RoomEvent


@pytest.mark.parametrize("name", ["room", "room_id"])
def test_mute_of_a_room_that_is_no_text_is_refused(name: str) -> None:
    """A number in place of a room's name or id does not reach the model."""
    with pytest.raises(TypeError, match=f"{name} is of the wrong type"):
        MuteEvent.from_frame({"active": True, name: 1.5})


def test_former_name_that_is_no_text_is_refused() -> None:
    """A room's `was` is text or is missing."""
    with pytest.raises(TypeError, match="was is of the wrong type"):
        RoomEvent.from_frame({"room": "Sport", "kind": "public", "was": [1]})
