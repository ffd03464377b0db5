"""The way in, in a window lower than the form."""

from chat_client.model import changes as ch
from chat_client.model.state import Phase


def test_small_window_scrolls_to_the_field(start, client):
    """In a low window the field with the keyboard is in view."""
    hand = start("720x480")
    view = hand.app.sign_in
    hand.until(lambda: hand.app.root.winfo_height() == 480)
    view.mode.set("up")
    view._switch_mode()
    view.submit()
    hand.settle()
    view.paste.focus_force()
    hand.settle()
    bottom = view.paste.winfo_rooty() + view.paste.winfo_height()
    assert bottom <= hand.app.root.winfo_rooty() + hand.app.root.winfo_height()


def test_small_window_scrolls_to_what_is_said(start, client):
    """In a low window the reason why there is no way in comes into view, below the button."""
    client.remember("zoe")
    hand = start("720x480")
    hand.app.sign_in.mode.set("up")
    hand.app.sign_in._switch_mode()
    hand.until(lambda: hand.app.root.winfo_height() == 480)
    connection = client.state.connection
    connection.phase, connection.code, connection.host = Phase.WAITING, "unreachable", "chat.example.org"
    client.tell(ch.ConnectionChanged())
    hand.settle()
    message = hand.app.sign_in._message
    assert message.winfo_ismapped()
    bottom = message.winfo_rooty() + message.winfo_height()
    assert bottom <= hand.app.root.winfo_rooty() + hand.app.root.winfo_height()
