"""The URL of a broker, and what is refused without showing a password."""

import pytest

from chat_server.config.broker import BrokerAddress, parse_broker
from chat_server.config.layers import UsageError
from chat_server.options import parse_options


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("redis://h", BrokerAddress((("h", 6379),)), "redis://h:6379"),
        ("redis://h:7/3", BrokerAddress((("h", 7),)), "redis://h:7"),
        (
            "rediss://chat@[::1]:7",
            BrokerAddress((("::1", 7),), user="chat", encrypted=True),
            "rediss://[::1]:7",
        ),
        (
            "redis+sentinel://h1,h2:7/main",
            BrokerAddress((("h1", 26379), ("h2", 7)), "main"),
            "redis+sentinel://h1:26379,h2:7/main",
        ),
        (
            "redis+sentinel://h/main/2",
            BrokerAddress((("h", 26379),), "main"),
            "redis+sentinel://h:26379/main",
        ),
    ],
)
def test_urls(url: str, address: BrokerAddress, shown: str) -> None:
    """A broker, with TLS or without, or Sentinels; it is shown without the user."""
    assert parse_broker(url) == address
    assert str(address) == shown


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("h:6379", "not the URL of a broker"),
        ("http://h", "not the URL of a broker"),
        ("redis://", "not the URL of a broker"),
        ("redis://h/name", "not the URL of a broker"),
        ("redis://h:x", "is no host"),
        ("redis://h:99999", "is no host"),
        ("redis://h1,h2", "need Sentinels"),
        ("redis+sentinel://h", "not the URL of a broker"),
        ("redis://:secret@h", "put it into CHAT_BROKER_PASSWORD"),
        ("redis://chat:secret@h", "put it into CHAT_BROKER_PASSWORD"),
    ],
)
def test_what_is_refused(url: str, words: str) -> None:
    """The words say what to write, and never a password."""
    with pytest.raises(ValueError, match=words) as refused:
        parse_broker(url)
    assert "secret" not in str(refused.value)


def test_broker_is_for_a_cluster() -> None:
    """A server alone has nobody to ring at, and says so; the password is no option."""
    database = ["--database", "mysql://u:p@h/chat"]
    with pytest.raises(UsageError, match="--broker: it stands between the servers of a cluster"):
        parse_options([*database, "--broker", "redis://h"], {})
    options = parse_options(
        [*database, "--cluster", "--broker", "redis://h"], {"CHAT_BROKER_PASSWORD": "secret"}
    )
    assert (options.broker, options.broker_password) == ("redis://h", "secret")
    with pytest.raises(UsageError, match="unrecognized"):
        parse_options(["--broker-password", "secret"], {})
