"""How somebody makes an account at a window, as the first thing of each of these tests."""

from chat_client.ui.sheets.fingerprint import grouped
from tests.end_to_end.windows.window import OpenWindow, Window
from tests.support.server import ServerProcess

PASSWORD = "correct horse battery"


def sign_up(open_window: OpenWindow, name: str, server: ServerProcess) -> Window:
    """Make an account by the keyboard, and answer the question about the fingerprint by the pointer."""
    assert server.fingerprint is not None
    window = open_window(name, "--host", server.host, "--port", str(server.port))
    window.wait_for("^Invitation to 127.0.0.1", "^Repeat password$")
    window.bring_to_front()
    window.paste(name)
    window.press("Tab")  # the displayed name, which may stay empty
    window.press("Tab")
    window.type(PASSWORD)
    window.press("Tab")  # the eye that shows the password
    window.press("Tab")
    window.type(PASSWORD)
    window.press("Return")
    shown = window.wait_for("^Is this 127.0.0.1")
    assert grouped(server.fingerprint) in shown
    assert "Write to" not in shown
    window.click("Trust this server")
    window.wait_for("^Write to Général$", f"^{name} \\(you\\)$")
    return window
