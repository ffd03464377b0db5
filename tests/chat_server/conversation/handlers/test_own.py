"""What a user keeps on the server, as it is answered: choices, saved messages, receipts."""

import pytest

from chat_protocol.own_replies import SavedPage, SettingKept, SettingsTold
from chat_protocol.own_requests import Save, Saved, SetSetting, Settings
from chat_protocol.reply import Done
from chat_protocol.requests import Join
from chat_server.conversation.dispatch import dispatch
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession, frames_of


@pytest.fixture
def jules(building: Building) -> FakeSession:
    """Somebody in a room."""
    building.room("Plaza")
    session = building.sign_in(building.user("jules"))
    dispatch(building.services, session, Join("Plaza"))
    return session


def test_settings_come_before_their_number(building: Building, jules: FakeSession) -> None:
    """All of them, and then how many there are; to the session that asks."""
    other = building.sign_in(building.user("zoe"))
    assert dispatch(building.services, other, Settings()) == SettingsTold(0)
    for setting in (SetSetting("utc_offset", "+01:00"), SetSetting("notify", "all", "Plaza")):
        assert isinstance(dispatch(building.services, jules, setting), SettingKept)
    before = len(frames_of(jules)), len(frames_of(other))
    assert dispatch(building.services, jules, Settings()) == SettingsTold(2)
    (frame,) = frames_of(jules)[before[0] :]
    assert frame["type"] == "settings"
    assert len(frame["settings"]) == 2
    assert len(frames_of(other)) == before[1]


def test_message_is_saved_and_taken_off(building: Building, jules: FakeSession) -> None:
    """The list has it until then."""
    seq = building.say(building.services.directory.find("Plaza"), building.user("zoe"), "worth it")

    def bodies() -> list[str | None]:
        page = dispatch(building.services, jules, Saved())
        assert isinstance(page, SavedPage)
        return [message.body for message in page.messages]

    assert dispatch(building.services, jules, Save("plaza", seq)) == Done()
    assert bodies() == ["worth it"]
    assert dispatch(building.services, jules, Save("plaza", seq, on=False)) == Done()
    assert bodies() == []
