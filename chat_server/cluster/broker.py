"""Opens the broker of a URL, where the package for it is installed; it must not know what is said."""

from chat_server.cluster.doorbell import Broker
from chat_server.config.broker import parse_broker


class PackageMissing(Exception):
    """A setting needs a package that is not installed; the text says which."""


def open_broker(url: str, password: str) -> Broker:
    """Return the broker; nothing is connected yet.

    :raises PackageMissing: with one line for a person.
    """
    address = parse_broker(url)
    try:
        from chat_server.cluster.redis_client import RedisBroker  # needed where there is a broker alone
    except ModuleNotFoundError as error:
        raise PackageMissing(
            f"--broker needs the package redis (pip install -r requirements-cluster.txt): {error}"
        ) from None
    return RedisBroker(address, password)
