"""Turn a client's bytes into ciphertext and back; it touches no socket, and Connection holds its lock."""

import contextlib
import ssl
from typing import Final

_RECORD_BYTES: Final = 16_384  # what one read returns at most (RFC 8446, 5.1); asking for more costs memory


class PlainChannel:
    """No encryption: loopback tests, or behind a proxy that ends TLS."""

    def handshake(self, received: bytes) -> bool:
        """Return that nothing is left to do."""
        return True

    def seal(self, data: bytes | memoryview) -> bytes | memoryview:
        """Return what goes on the wire for `data`."""
        return data

    def open(self, received: bytes) -> bytes:
        """Return the client's bytes of what was received."""
        return received

    def inbox(self, room: memoryview, beside: memoryview) -> memoryview:
        """Return where to receive what :meth:`open_into` is to put into the room: there, or beside it."""
        return room

    def open_into(self, received: memoryview, room: memoryview) -> int:
        """Put the client's bytes of what was received in the inbox into the room; return how many.

        What has no place there is kept.
        """
        return len(received)

    def answer(self) -> bytes:
        """Return what the channel itself wants to send: after reading, or for the handshake."""
        return b""

    def farewell(self) -> bytes:
        """Return the last bytes of the wire."""
        return b""


class TlsChannel(PlainChannel):
    """TLS over memory buffers, so that a reader that waits for bytes never keeps a writer waiting.

    An `SSLObject` may not be used by two threads at once: every call is made under the connection's lock.

    :param context: the server's certificate and settings.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def handshake(self, received: bytes) -> bool:
        """Go on with the handshake; return whether it is done. What to send is in :meth:`answer`.

        :raises ssl.SSLError: when the other side does not speak TLS, or nothing that this side accepts.
        """
        self._incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def seal(self, data: bytes | memoryview) -> bytes:
        """Encrypt `data` into records.

        :raises ssl.SSLError: before the handshake is done, and after the client sent what is no TLS.
        """
        written = self._tls.write(data)
        while written < len(data):
            written += self._tls.write(memoryview(data)[written:])
        return self._outgoing.read()

    def open(self, received: bytes) -> bytes:
        """Decrypt all complete records.

        The client's close_notify alone is no error: the end of its connection follows it.

        :raises ssl.SSLError: when a record is forged, or both sides have ended (`SSLZeroReturnError`).
        """
        self._incoming.write(received)
        parts = []
        try:
            while part := self._tls.read(_RECORD_BYTES):
                parts.append(part)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            if not parts:
                raise
        return b"".join(parts)

    def inbox(self, room: memoryview, beside: memoryview) -> memoryview:
        """Return the place beside: what is received is not what the client wrote."""
        return beside

    def open_into(self, received: memoryview, room: memoryview) -> int:
        """Decrypt into the room until it is full or no complete record is left.

        The client's close_notify alone is no error: the end of its connection follows it.

        :raises ssl.SSLError: when a record is forged, or both sides have ended (`SSLZeroReturnError`).
        """
        self._incoming.write(received)
        filled = 0
        try:
            # The types know only the form of `read` that returns bytes.
            while filled < len(room) and (count := int(self._tls.read(_RECORD_BYTES, room[filled:]))):
                filled += count
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            if not filled:
                raise
        return filled

    def answer(self) -> bytes:
        """Return the handshake's own bytes, or alerts and key updates that reading has caused."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def farewell(self) -> bytes:
        """Return the close_notify alert (RFC 8446, section 6.1)."""
        with contextlib.suppress(
            ssl.SSLError, ValueError
        ):  # it waits for the other side's alert, which nobody needs
            self._tls.unwrap()
        return self._outgoing.read()
