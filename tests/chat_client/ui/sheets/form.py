"""The form of the way in, for the tests that fill it in and let its connection come to something."""

from chat_client.model import changes as ch

FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))


def fill_in(hand, **values):
    for name, value in {
        "host": "chat.example.org",
        "name": "zoe",
        "password": "correct horse",
        **values,
    }.items():
        getattr(hand.app.sign_in, name).set(value)
    hand.settle()


def phase(hand, client, value, **values):
    """Let the connection stand so."""
    client.state.connection.phase = value
    for name, wanted in values.items():
        setattr(client.state.connection, name, wanted)
    client.tell(ch.ConnectionChanged())
    hand.settle()
