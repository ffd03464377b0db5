"""Signing in and out, passwords and profiles: what is answered, and what follows the answer."""

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.own_events import MuteEvent
from chat_protocol.own_replies import DeviceList, DevicesEnded, ProfileReply, SignedIn, TokenReply
from chat_protocol.reply import Done
from chat_protocol.requests import (
    Devices,
    EndDevice,
    Login,
    Logout,
    Password,
    Ping,
    Profile,
    Register,
    Resume,
)
from chat_protocol.room_events import MembershipEvent
from chat_protocol.server_events import NoticeEvent, ShutdownScheduledEvent
from chat_server.conversation.dispatch import dispatch
from chat_server.services.moderation.sanction_order import SanctionOrder
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD

OTHER_PASSWORD = "another password, longer"


def _guest(building: Building) -> FakeSession:
    session = FakeSession()
    building.services.registry.opened(session)
    return session


def test_ping_is_answered(building: Building) -> None:
    """Anybody may ask whether the server is there."""
    assert dispatch(building.services, _guest(building), Ping()) == Done()


def test_register_signs_in(building: Building) -> None:
    """A new account is signed in at once, under the display name that was asked for."""
    session = _guest(building)
    reply = dispatch(building.services, session, Register("Zoë", OTHER_PASSWORD, "Zoë B."))
    assert isinstance(reply, SignedIn)
    assert (reply.user.username, reply.user.display_name) == ("Zoë", "Zoë B.")
    assert session.signed_in
    assert building.services.registry.is_online(session.user_id)


def test_login_takes_the_password(building: Building) -> None:
    """The right password signs in, and another one does not."""
    user = building.user("jules")
    session = _guest(building)
    with pytest.raises(ChatError, match="password"):
        dispatch(building.services, session, Login("jules", OTHER_PASSWORD))
    assert not session.signed_in
    reply = dispatch(building.services, session, Login("jules", PASSWORD))
    assert isinstance(reply, SignedIn)
    assert (reply.user.username, session.user_id) == ("jules", user.id)


def test_resume_takes_a_token_that_a_sign_in_gave(building: Building) -> None:
    """The token in the answer opens another session."""
    building.user("jules")
    first = dispatch(building.services, _guest(building), Login("jules", PASSWORD))
    assert isinstance(first, SignedIn)
    second = _guest(building)
    reply = dispatch(building.services, second, Resume(first.token))
    assert isinstance(reply, SignedIn)
    assert reply.user.username == second.username == "jules"


def test_password_is_changed(building: Building) -> None:
    """The answer carries the token that goes on, and the new password opens a session."""
    session = building.sign_in(building.user("jules"))
    reply = dispatch(building.services, session, Password(PASSWORD, OTHER_PASSWORD))
    assert isinstance(reply, TokenReply)
    dispatch(building.services, _guest(building), Resume(reply.token))
    dispatch(building.services, _guest(building), Login("jules", OTHER_PASSWORD))


def test_profile_is_changed(building: Building) -> None:
    """The answer is the user as others see it from now on."""
    user = building.user("jules")
    session = building.sign_in(user)
    reply = dispatch(building.services, session, Profile("Jules the Second"))
    assert isinstance(reply, ProfileReply)
    assert (reply.user.username, reply.user.display_name) == ("jules", "Jules the Second")
    stored = building.storage.users.by_key("jules")
    assert stored is not None
    assert stored.display_name == "Jules the Second"


def test_logout_ends_the_token(building: Building) -> None:
    """After the answer the token opens nothing."""
    building.user("jules")
    session = _guest(building)
    signed_in = dispatch(building.services, session, Login("jules", PASSWORD))
    assert isinstance(signed_in, SignedIn)
    assert dispatch(building.services, session, Logout()) == Done()
    with pytest.raises(ChatError):
        dispatch(building.services, _guest(building), Resume(signed_in.token))


def test_nothing_follows_a_usual_sign_in(building: Building) -> None:
    """Without a welcome message, a mute or a planned stop, a user is told nothing more."""
    building.user("jules")
    session = _guest(building)
    dispatch(building.services, session, Login("jules", PASSWORD))
    assert session.sent == []


@pytest.mark.parametrize("way", ["register", "login", "resume"])
def test_what_has_to_be_known_follows_each_sign_in(building: Building, way: str) -> None:
    """The welcome message, an answered join request, a mute and a planned stop come in this order."""
    services = building.services
    services.notices.set_motd(ADMIN, "Be nice.")
    session = _guest(building)
    user = None
    if way == "register":
        dispatch(services, session, Register("jules", PASSWORD))
    else:
        user = building.user("jules")
        services.pending_notices.save(user.id, MembershipEvent("Plaza", "none", "full", "r1"))
        services.moderation.sanction(ADMIN, SanctionOrder("mute", user, None, "loud"))
        services.shutdown.request(3_600, "repairs")
        token = services.accounts.login(_guest(building), "jules", PASSWORD).token
        request = Login("jules", PASSWORD) if way == "login" else Resume(token)
        dispatch(services, session, request)
    told = [type(event) for event in session.sent]
    assert session.sent[0] == NoticeEvent("Be nice.")
    if user is None:
        assert told == [NoticeEvent]
        return
    assert told == [NoticeEvent, MembershipEvent, MuteEvent, ShutdownScheduledEvent]
    assert session.sent[1] == MembershipEvent("Plaza", "none", "full", "r1")
    assert session.sent[2] == MuteEvent(True, "loud", None)
    assert session.sent[3] == services.shutdown.announced
    services.shutdown.cancel()


def test_devices_are_listed_and_ended(building: Building) -> None:
    """Each sign-in may say what the client calls itself; another device is ended by its id, or with all."""
    dispatch(building.services, _guest(building), Register("jules", PASSWORD, device="desk"))
    laptop, phone = _guest(building), _guest(building)
    signed_in = dispatch(building.services, laptop, Login("jules", PASSWORD, "laptop"))
    assert isinstance(signed_in, SignedIn)
    dispatch(building.services, phone, Resume(signed_in.token, "telephone"))
    building.server.parts.devices.note()
    reply = dispatch(building.services, laptop, Devices())
    assert isinstance(reply, DeviceList)
    found = {device.name: device for device in reply.devices}
    assert {name: device.current for name, device in found.items()} == {"desk": False, "telephone": True}
    assert dispatch(building.services, phone, EndDevice(found["desk"].id)) == DevicesEnded(1)
    assert dispatch(building.services, phone, EndDevice(others=True)) == DevicesEnded(0)
    assert (laptop.ended, phone.ended) == (None, None)
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, phone, EndDevice())
    assert caught.value.extra["field"] == "id"
