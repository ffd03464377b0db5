"""Reads where the broker of a cluster is from its URL; it must not open anything."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

REDIS_PORT: Final = 6379
SENTINEL_PORT: Final = 26379
EXAMPLE: Final = "redis://host:6379/0, or redis+sentinel://host1,host2/name"
_PLAIN: Final = ("redis", "rediss")
_SENTINEL: Final = "redis+sentinel"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A Redis or Valkey server, or the Sentinels that know which one is in charge; never a password.

    :param places: host and port of the broker, or of each Sentinel.
    :param service: by which name the Sentinels know the brokers; empty without Sentinels.
    :param encrypted: speak TLS, and hold the broker's certificate against the system's authorities.
    """

    places: tuple[tuple[str, int], ...]
    service: str = ""
    user: str = ""
    encrypted: bool = False

    def __str__(self) -> str:
        """Name the broker."""
        places = ",".join(f"{f'[{host}]' if ':' in host else host}:{port}" for host, port in self.places)
        if self.service:
            return f"{_SENTINEL}://{places}/{self.service}"
        return f"{_PLAIN[self.encrypted]}://{places}"


def parse_broker(url: str) -> BrokerAddress:
    """Read `redis://user@host:port/database`, `rediss://…` or `redis+sentinel://host:port,…/name/database`.

    A number of a database may stand there, as usual, and means nothing: what is published has none.

    :raises ValueError: when it is none of them, or holds a password; the text does not show it.
    """
    match = re.fullmatch(r"([a-z+]+)://(?:([^/?#]*)@)?([^/?#@]+)(/[^?#]*)?", url)
    if match is None or match[1] not in (*_PLAIN, _SENTINEL):
        raise ValueError(f"this is not the URL of a broker, as {EXAMPLE}")
    scheme, user, hosts, path = match[1], match[2] or "", match[3], unquote(match[4] or "")
    if ":" in user:
        raise ValueError("a password does not belong here: put it into CHAT_BROKER_PASSWORD")
    has_sentinels = scheme == _SENTINEL
    service, _, number = path.removeprefix("/").rpartition("/")
    if has_sentinels and not service:
        service, number = number, ""
    if has_sentinels != bool(service) or not re.fullmatch(r"[0-9]{0,4}", number):
        raise ValueError(f"this is not the URL of a broker, as {EXAMPLE}")
    usual = SENTINEL_PORT if has_sentinels else REDIS_PORT
    places = tuple(_place(each, usual) for each in hosts.split(","))
    if len(places) > 1 and not has_sentinels:
        raise ValueError(f"several brokers need Sentinels that know which one is in charge, as {EXAMPLE}")
    return BrokerAddress(places, service, unquote(user), scheme == "rediss")


def _place(text: str, usual_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"redis://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host:
        raise ValueError(f"{text!r} is no host of a broker, as in {EXAMPLE}")
    return host, usual_port if port is None else port
