"""The client's end of TLS, without a socket."""

import contextlib
import ssl

from chat_server.net.encryption import TlsChannel


class Client:
    """The client's end of TLS, over memory buffers: the test decides what travels when.

    :param newest: the newest version that it speaks.
    """

    def __init__(self, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        settings = ssl.create_default_context()
        settings.check_hostname, settings.verify_mode = False, ssl.CERT_NONE
        settings.maximum_version = newest
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = settings.wrap_bio(self.incoming, self.outgoing)

    def go_on(self) -> bytes:
        """Take the handshake's next step; return what to send."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self.outgoing.read()

    def shake_hands(self, channel: TlsChannel) -> None:
        """Agree on keys with the server's channel."""
        done = False
        while not done:
            done = channel.handshake(self.go_on())
            self.incoming.write(channel.answer())
        self.tls.do_handshake()

    def read_all(self) -> bytes:
        """Return all bytes that have come."""
        data = b""
        try:
            while part := self.tls.read(65_536):
                data += part
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        return data
