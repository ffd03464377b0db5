"""Speaks with Redis or Valkey, alone of all modules; it must not know what is said.

The client's own defaults wait long for a broker that is away: here each call ends within a second.
"""

from contextlib import closing
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from chat_server.cluster.doorbell import BrokerUnavailable, Listener, Speaker
from chat_server.config.broker import BrokerAddress

ANSWER_MAX_S: Final = 1.0


class RedisBroker:
    """Opens connections to the broker.

    :param password: of the broker's user, and of no one where it is empty.
    """

    def __init__(self, address: BrokerAddress, password: str) -> None:
        self._address = address
        self._password = password

    def __str__(self) -> str:
        """Name the broker, without its password."""
        return str(self._address)

    def speaker(self) -> Speaker:
        """Return a connection that publishes.

        :raises BrokerUnavailable: when the broker is away.
        """
        return _Speaker(self._connect())

    def listener(self, channel: str) -> Listener:
        """Return a connection that hears what is published.

        :raises BrokerUnavailable: when the broker is away.
        """
        return _Listener(self._connect(), channel)

    def _connect(self) -> "redis.Redis":
        address = self._address
        try:
            host, port = self._in_charge() if address.service else address.places[0]
            secret: dict[str, Any] = {"username": address.user or None, "password": self._password or None}
            # Said, since version 4 of the package does not hold the name against the certificate by itself.
            tls: dict[str, Any] = {"ssl": True, "ssl_check_hostname": True} if address.encrypted else {}
            return redis.Redis(host=host, port=port, **tls, **secret, **_limits())
        except (RedisError, OSError) as error:
            raise BrokerUnavailable(str(error)) from error

    def _in_charge(self) -> tuple[str, int]:
        """Ask the Sentinels which broker is in charge."""
        sentinel = Sentinel(list(self._address.places), sentinel_kwargs=_limits())
        try:
            host, port = sentinel.discover_master(self._address.service)
            return str(host), int(port)
        finally:
            for each in sentinel.sentinels:
                each.close()


def _limits() -> dict[str, Any]:
    return {
        "socket_timeout": ANSWER_MAX_S,
        "socket_connect_timeout": ANSWER_MAX_S,
        "retry": Retry(NoBackoff(), 0),
    }


class _Speaker:
    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    def say(self, channel: str, text: str) -> None:
        try:
            self._client.publish(channel, text)
        except (RedisError, OSError) as error:
            raise BrokerUnavailable(str(error)) from error

    def close(self) -> None:
        self._client.close()


class _Listener:
    def __init__(self, client: "redis.Redis", channel: str) -> None:
        self._client = client
        self._channel = client.pubsub(ignore_subscribe_messages=True)
        try:
            self._channel.subscribe(channel)
        except (RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def hear(self, timeout_s: float) -> bytes | None:
        try:
            message = self._channel.get_message(timeout=timeout_s)
        except (RedisError, OSError) as error:
            raise BrokerUnavailable(str(error)) from error
        return None if message is None else bytes(message["data"])

    def close(self) -> None:
        with closing(self._client):
            self._channel.close()
