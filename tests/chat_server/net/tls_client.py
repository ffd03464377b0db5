"""The client's end of TLS, without a socket."""

import contextlib
import ssl

from chat_server.net.encryption import TlsChannel


class Client:
    """The client's end of TLS, over memory buffers: the test decides what travels when."""

    def __init__(self) -> None:
        settings = ssl.create_default_context()
        settings.check_hostname, settings.verify_mode = False, ssl.CERT_NONE
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = settings.wrap_bio(self.incoming, self.outgoing)

    def shake_hands(self, channel: TlsChannel) -> None:
        """Agree on keys with the server's channel."""
        done = False
        while not done:
            with contextlib.suppress(ssl.SSLWantReadError):
                self.tls.do_handshake()
            done, answer = channel.handshake(self.outgoing.read())
            self.incoming.write(answer)
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
