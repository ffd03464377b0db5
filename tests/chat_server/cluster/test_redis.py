"""The doorbell on a real Redis: killed, frozen, with a password, behind Sentinels."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.cluster import doorbell as module
from chat_server.cluster.broker import PackageMissing, open_broker
from chat_server.cluster.doorbell import Bells, BrokerUnavailable, Doorbell
from tests.support.mariadb import free_port, lasting_port
from tests.support.redis import Redis
from tests.support.waiting import until

PASSWORD = "p@ss word"


class Both:
    """Two doorbells on one broker; what the second one hears."""

    def __init__(self, url: str, password: str = "") -> None:
        self.rooms: dict[int, int] = {}
        self.doorbells = [Doorbell(open_broker(url, password), name, "chat") for name in ("one", "two")]
        self.doorbells[1].on_heard = self._hear
        for each in self.doorbells:
            each.start()

    def _hear(self, bells: Bells) -> None:
        self.rooms |= bells.rooms

    def until_up(self, *, up: bool = True) -> None:
        until(lambda: all(each.is_up is up for each in self.doorbells))

    def ring_until_heard(self, room_id: int) -> None:
        """A connection may be a moment younger than the bell: ring again, as the next message does."""

        def heard() -> bool:
            self.doorbells[0].ring({room_id: 1})
            return room_id in self.rooms

        until(heard)

    def stop(self) -> None:
        for each in self.doorbells:
            each.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter pauses than those that spare a broker."""
    monkeypatch.setattr(module, "DEAF_AFTER_S", 1.0)
    monkeypatch.setattr(module, "BEAT_EVERY_S", 0.2)
    monkeypatch.setattr(module, "HEAR_S", 0.05)
    monkeypatch.setattr(module, "PAUSE_MAX_S", 0.2)
    monkeypatch.setattr("chat_server.cluster.redis_client.ANSWER_MAX_S", 0.3)


@pytest.fixture
def redis(need_redis: None) -> Iterator[Redis]:
    """A private Redis of the test's own."""
    with Redis() as server:
        yield server


def test_killed_and_frozen_broker(quick: None, redis: Redis) -> None:
    """It is noticed, nobody waits for it, and bells go on when it is back."""
    both = Both(redis.url)
    try:
        both.until_up()
        both.ring_until_heard(1)
        redis.kill()
        both.until_up(up=False)
        _nobody_waits(both.doorbells[0])
        redis.start()
        both.until_up()
        both.ring_until_heard(2)
        redis.stop()
        both.until_up(up=False)
        _nobody_waits(both.doorbells[0])
        redis.cont()
        both.until_up()
        both.ring_until_heard(3)
    finally:
        both.stop()


def _nobody_waits(doorbell: Doorbell) -> None:
    """Ten thousand bells take no time that a broker could be waited for in."""
    began = time.thread_time()
    for seq in range(10_000):
        doorbell.ring({1: seq})
        doorbell.changed()
        doorbell.typing(1, seq)
    assert time.thread_time() - began < 2.0


def test_password(quick: None, need_redis: None) -> None:
    """It comes from elsewhere than the URL; a wrong one is told without it, and so is none."""
    with Redis("--requirepass", PASSWORD) as redis:
        both = Both(redis.url, PASSWORD)
        try:
            both.until_up()
        finally:
            both.stop()
        for wrong in ("", "another one"):
            with pytest.raises(BrokerUnavailable) as refused:
                open_broker(redis.url, wrong).speaker().say("chat", "{}")
            assert "another" not in str(refused.value)


def test_encryption(need_redis: None, tls_files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker's certificate is held against the system's authorities, its name included."""
    certificate, key = map(str, tls_files)
    port, options = lasting_port(), ("--bind", "127.0.0.1", "127.0.0.2", "--tls-auth-clients", "no")
    files = ("--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate)
    with Redis("--tls-port", str(port), *files, *options):
        strange = open_broker(f"rediss://127.0.0.1:{port}", "")
        with pytest.raises(BrokerUnavailable, match="certificate verify failed"):
            strange.speaker().say("chat", "{}")
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        open_broker(f"rediss://127.0.0.1:{port}", "").speaker().say("chat", "{}")
        with pytest.raises(BrokerUnavailable, match="certificate verify failed"):
            open_broker(f"rediss://127.0.0.2:{port}", "").speaker().say("chat", "{}")


def test_broker_that_comes_later(quick: None, redis: Redis) -> None:
    """A server starts without it, and uses it when it is there."""
    redis.kill()
    both = Both(redis.url)
    try:
        until(lambda: all(each.failures > 1 for each in both.doorbells))
        assert not any(each.is_up for each in both.doorbells)
        redis.start()
        both.until_up()
    finally:
        both.stop()


def test_sentinel_names_the_broker(quick: None, redis: Redis, tmp_path: Path) -> None:
    """The broker in charge is asked for at each connection; a Sentinel that is gone is passed over.

    When that broker dies and another one takes over, the servers go there by themselves.
    """
    config = tmp_path / "sentinel.conf"
    config.write_text(
        f"sentinel monitor chat 127.0.0.1 {redis.port} 1\nsentinel down-after-milliseconds chat 300\n"
    )
    redis.ask("CONFIG SET repl-diskless-sync-delay 0")
    with Redis("--replicaof", "127.0.0.1", str(redis.port)) as heir:
        until_told(heir, "INFO replication", "master_link_status:up")
        with Redis(sentinel=config) as sentinel:
            url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/chat"
            both = Both(url)
            try:
                both.until_up()
                both.ring_until_heard(1)
                until_told(sentinel, "SENTINEL REPLICAS chat", str(heir.port))
                redis.kill()
                both.until_up(up=False)
                both.until_up()
                both.ring_until_heard(2)
            finally:
                both.stop()
            with pytest.raises(BrokerUnavailable, match="other"):
                open_broker(url.replace("/chat", "/other"), "").speaker()


def until_told(server: Redis, command: str, words: str) -> None:
    """Wait until the answer to a command has these words."""
    until(lambda: words in server.ask(command), lambda: server.ask(command))


def test_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.delitem(sys.modules, "chat_server.cluster.redis_client", raising=False)
    with pytest.raises(PackageMissing, match=r"--broker needs the package redis \(pip install -r requ"):
        open_broker("redis://127.0.0.1:1/0", "")
