"""How people are shown: their own choice of a display name, checked and told."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from tests.chat_server.building import Building


def test_display_name_is_printable(building: Building) -> None:
    """Blanks alone and control characters are refused; a good name is kept and seen at once."""
    people, session = building.services.people, building.sign_in(building.user("jules"))
    for name in ("   ", "a\u202eb", "\x1b[31m"):
        with pytest.raises(ChatError) as caught:
            people.set_display_name(session, name)
        assert caught.value.code == ErrorCode.BAD_REQUEST
    assert people.set_display_name(session, " Jules  V. ").display_name == "Jules V."
    assert session.display_name == "Jules V."
    user = building.storage.users.by_id(session.user_id)
    assert user is not None
    assert user.display_name == "Jules V."
