"""What the tests of connections share."""

import ssl

import pytest

from chat_server.net.certificate import ensure_certificate, make_context


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The TLS settings of a server, with a certificate made for it."""
    return make_context(*ensure_certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1"))
