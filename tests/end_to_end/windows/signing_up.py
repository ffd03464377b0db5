"""How somebody makes an account at a window, as the first thing of each of these tests."""

from chat_client.ui.sheets.fingerprint import grouped
from tests.end_to_end.windows.window import OpenWindow, Window
from tests.support.server import ServerProcess

PASSWORD = "correct horse battery"


def sign_up(open_window: OpenWindow, name: str, server: ServerProcess, *, port: int | None = None) -> Window:
    """Make an account by the keyboard, and answer the question about the fingerprint by the pointer.

    A server of plain TCP has no fingerprint, and none is asked about.

    :param port: of what stands in front of the server.
    """
    plain = ["--insecure"] if server.fingerprint is None else []
    window = open_window(name, "--host", server.host, "--port", str(port or server.port), *plain)
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
    if server.fingerprint is not None:
        shown = window.wait_for("^Is this 127.0.0.1")
        assert grouped(server.fingerprint) in shown
        assert "Write to" not in shown
        window.click("Trust this server")
    window.wait_for("^Write to Général$", f"^{name} \\(you\\)$")
    return window
