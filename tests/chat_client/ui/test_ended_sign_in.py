"""A sign-in that is no longer good, in a real window: there is a way in, and nothing is lost."""

from tests.chat_client.ui.people import PASSWORD, trust, until
from tests.support.wire import connected

NEW_PASSWORD = "another good password"


def test_changed_password_leads_to_the_form(window, server_process):
    """After the password was changed elsewhere the form asks for it, with the name and the reason."""
    server = server_process("--no-limits")
    zoe = window("zoe")
    zoe.sign_up(server)
    trust([zoe], server)
    until([zoe], lambda: zoe.main.room is not None)
    zoe.main.open_room("general")
    zoe.main.view.composer.insert("half a sentence")
    with connected(server.port) as desk:
        desk.login("zoe", PASSWORD)
        desk.ok("password", old=PASSWORD, new=NEW_PASSWORD)
    until([zoe], lambda: zoe.app.status.retry.winfo_manager())
    zoe.app.status.retry.invoke()
    until([zoe], lambda: zoe.app.sign_in is not None)
    form = zoe.app.sign_in
    assert form.message.startswith("You have been signed out: your password was changed")
    assert (form.host.get(), form.name.get()) == (server.host, "zoe")
    form.password.set(NEW_PASSWORD)
    form.button.invoke()
    until([zoe], lambda: zoe.main is not None and zoe.main.room is not None)
    assert zoe.main.view.composer.get() == "half a sentence"
