"""Accounts that this computer knows: offered, resumed, added and signed out of."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import Phase
from tests.chat_client.ui.sheets.form import fill_in


@pytest.mark.parametrize(("way", "call"), [("in", "session.sign_in"), ("up", "session.sign_up")])
def test_user_may_choose_not_to_stay_signed_in(start, client, way, call):
    """The switch is on until it was turned off, by the keyboard too; the next form remembers the choice."""
    hand = start("960x700")
    form = hand.app.sign_in
    assert form.stay_switch.instate(["selected"])
    form.mode.set(way)
    form._switch_mode()
    hand.press("<space>", form.stay_switch)
    fill_in(hand, repeat="correct horse")
    form.button.invoke()
    assert client.called(call)[0][-2 if way == "up" else -1] is False
    hand.app.rebuild()
    assert not hand.app.sign_in.stay.get()


def test_account_that_does_not_stay_fills_in_the_form(start, client):
    """Server and name are known at the next start, and the keyboard is where the password goes."""
    account = client.remember("zoe", token="")
    client.settings.set("last_account", account.id)
    client.settings.set("last_host", account.host)
    client.settings.set("last_port", account.port)
    hand = start()
    form = hand.app.sign_in
    assert client.called("session.resume") == []
    assert (form.host.get(), form.port.get(), form.name.get()) == ("chat.example.org", "5000", "zoe")
    assert not form.accounts.rows
    assert hand.app.root.focus_get() is form.password.entry


def test_remembered_accounts(start, client):
    """Accounts of this computer are offered; the last one is resumed at once."""
    account = client.remember("zoe", display_name="Zoé", last_used=2)
    other = client.remember("admin", display_name="Administrator", last_used=1)
    client.remember("gone", token="")
    client.settings.set("last_account", account.id)
    hand = start()
    assert client.called("session.resume") == [(account.id,)]
    assert hand.app.sign_in.accounts.texts() == ["Zoé", "Administrator"]
    hand.app.sign_in.accounts.on_choose(other.id)
    assert client.called("session.resume")[-1] == (other.id,)


def test_signing_out_shows_the_way_in(hand, client):
    """After signing out one is back at the way in, with the reason where there is one."""
    client.state.username = ""
    client.state.rooms.clear()
    client.state.open_room = None
    client.state.connection.phase = Phase.SIGNED_OUT
    client.tell(ch.SignedOut("invalid_credentials"))
    hand.settle()
    assert hand.app.main is None
    assert hand.app.sign_in.message.startswith("You have been signed out: your password was changed")


def test_another_account(hand, client, account_menu):
    """Another account is added without leaving the present one; one may also go back."""
    account_menu.invoke("Another account…")
    hand.settle()
    assert hand.app.main is None
    hand.app.sign_in.back.invoke()
    hand.settle()
    assert hand.app.main is not None
    assert client.called("session.log_out") == []
    hand.app.add_account()
    fill_in(hand, name="admin")
    client.state.username = ""
    hand.app.sign_in.button.invoke()
    assert client.called("session.sign_in") == [("chat.example.org", 5000, "admin", "correct horse", True)]
    client.sign("admin", "Administrator")
    hand.settle()
    assert hand.app.main is not None


def test_signing_out_asks_first(hand, client, account_menu):
    """Signing out asks, since this computer forgets the way in."""
    account_menu.invoke("Sign out")
    hand.settle()
    assert client.called("session.log_out") == []
    hand.press("<Return>")
    assert client.called("session.log_out") == [()]
