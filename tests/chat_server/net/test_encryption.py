"""Bytes into ciphertext and back, over memory buffers: nothing is lost, and both ends say when they end."""

import ssl

import pytest

from chat_server.net.encryption import PlainChannel, TlsChannel
from tests.chat_server.net.tls_client import Client

NOTHING = memoryview(b"")


@pytest.fixture
def client() -> Client:
    """The other end."""
    return Client()


@pytest.fixture
def channel(context: ssl.SSLContext, client: Client) -> TlsChannel:
    """The server's end, after the handshake; what it has sent by then is read."""
    made = TlsChannel(context)
    client.shake_hands(made)
    client.incoming.write(made.answer())
    client.read_all()
    assert made.open(client.outgoing.read()) == b""
    return made


def test_without_encryption_bytes_are_themselves() -> None:
    """Nothing is agreed on, added or kept back, and the end is silent."""
    channel, room = PlainChannel(), memoryview(bytearray(4))
    assert channel.handshake(b"")
    assert channel.seal(b"one") == channel.open(b"one") == b"one"
    assert channel.inbox(room, NOTHING) is room
    assert channel.open_into(room[:3], room) == 3
    assert channel.answer() == channel.farewell() == b""


def test_handshake_goes_on_until_both_have_agreed(context: ssl.SSLContext, client: Client) -> None:
    """Before the first byte there is nothing to say; what is no TLS is refused."""
    channel = TlsChannel(context)
    assert not channel.handshake(b"")
    assert channel.answer() == b""
    client.shake_hands(channel)
    with pytest.raises(ssl.SSLError):
        TlsChannel(context).handshake(b"GET / HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize("size", [1, 16_384, 16_385, 50_000])
def test_any_amount_is_sealed_whole(channel: TlsChannel, client: Client, size: int) -> None:
    """However many records it takes."""
    data = bytes(number % 251 for number in range(size))
    client.incoming.write(channel.seal(memoryview(data)))
    assert client.read_all() == data


def test_complete_records_are_opened(channel: TlsChannel, client: Client) -> None:
    """All of them at once; half a record waits for the rest."""
    for part in (b"x" * 20_000, b"y" * 20_000):
        client.tls.write(part)
    sealed = client.outgoing.read()
    opened = channel.open(sealed[:-1])
    opened += channel.open(sealed[-1:])
    assert opened == b"x" * 20_000 + b"y" * 20_000
    assert channel.open(b"") == b""


def test_room_is_filled_and_the_rest_is_kept(channel: TlsChannel, client: Client) -> None:
    """What is received is put beside; a record that is longer than the room is not lost."""
    room, beside = memoryview(bytearray(10)), memoryview(bytearray(100))
    assert channel.inbox(room, beside) is beside
    client.tls.write(b"0123456")
    client.tls.write(b"789abc")
    assert channel.open_into(memoryview(client.outgoing.read()), room) == 10
    assert bytes(room) == b"0123456789"
    assert channel.open_into(NOTHING, room) == 3
    assert bytes(room[:3]) == b"abc"
    assert channel.open_into(NOTHING, room) == 0


def end(client: Client) -> bytes:
    """Return the client's last alert."""
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.unwrap()
    return client.outgoing.read()


def test_end_of_the_client_comes_behind_its_last_bytes(channel: TlsChannel, client: Client) -> None:
    """What came before it is given; where both have said so, nothing more is read."""
    client.tls.write(b"last")
    assert channel.open(client.outgoing.read() + end(client)) == b"last"
    assert channel.open(b"") == b""
    channel.farewell()
    with pytest.raises(ssl.SSLZeroReturnError):
        channel.open(b"")


def test_end_of_the_client_in_the_middle_of_a_file(channel: TlsChannel, client: Client) -> None:
    """As among frames."""
    room = memoryview(bytearray(10))
    client.tls.write(b"last")
    assert channel.open_into(memoryview(client.outgoing.read() + end(client)), room) == 4
    assert channel.open_into(NOTHING, room) == 0
    channel.farewell()
    with pytest.raises(ssl.SSLZeroReturnError):
        channel.open_into(NOTHING, room)


def test_forged_record_is_refused(channel: TlsChannel, client: Client) -> None:
    """And the answer is an alert, which the client understands."""
    client.tls.write(b"data")
    sealed = bytearray(client.outgoing.read())
    sealed[-1] ^= 1
    with pytest.raises(ssl.SSLError):
        channel.open(bytes(sealed))
    client.incoming.write(channel.answer())
    assert channel.answer() == b""
    with pytest.raises(ssl.SSLError, match=r"(?i)alert"):
        client.tls.read()


def test_farewell_is_the_end_for_the_client(channel: TlsChannel, client: Client) -> None:
    """It does not wait for the other side's."""
    client.incoming.write(channel.farewell())
    assert client.tls.read() == b""


def test_farewell_before_the_handshake_is_silent(context: ssl.SSLContext) -> None:
    """There is nobody who could read it."""
    assert TlsChannel(context).farewell() == b""
