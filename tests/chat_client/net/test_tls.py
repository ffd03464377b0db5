"""Which hosts are this machine itself."""

import pytest

from chat_client.net.tls import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, True) for host in ("127.0.0.1", "::1", "[::1]", "LOCALHOST", "127.8.8.8")),
        *((host, False) for host in ("192.0.2.1", "localhost.example", "", "chat.example")),
    ],
)
def test_loopback_is_known_without_asking_a_name_server(host: str, expected: bool) -> None:
    """Only this machine's own addresses may be spoken to in the clear."""
    assert is_loopback(host) is expected
