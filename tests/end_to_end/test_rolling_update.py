"""A cluster is updated server by server while people talk: the old and the new program on one MariaDB."""

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from chat_client.model.changes import RequestFailed
from chat_server import __version__
from tests.chat_client.live import PASSWORD, LiveClient, all_until, clients
from tests.cluster.__main__ import NAMES, invitation
from tests.support import later_release
from tests.support.certificate import make_certificate
from tests.support.later_release import VERSION, later_sql
from tests.support.mariadb import lasting_port
from tests.support.server import LOGGED_ERROR, ServerProcess, refusal, start_server

pytestmark = pytest.mark.long  # servers are started one after the other

AT_A_TIME = 10
MOVED_MAX_S = 10.0
ADDING = {
    "adding": "-- Readable from: 20\nALTER TABLE messages ADD COLUMN later INTEGER NOT NULL DEFAULT 7;\n"
}
REMOVING = {"removing": "CREATE TABLE later (id INTEGER);\n"}


class Servers:
    """The two servers of a cluster, each started again and again on its port and with its data folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        self._ports = {name: lasting_port() for name in NAMES}
        self._tls_files = make_certificate(folder)
        self._running: dict[str, ServerProcess] = {}
        self.output = ""

    def start(self, name: str, later: Mapping[str, str] | None = None) -> ServerProcess:
        """Start a server, with what `later_sql` returned one of the later release."""
        self._running[name] = start_server(
            self._folder / name,
            *self.arguments,
            port=self._ports[name],
            database=self._url,
            module=later_release.__name__ if later else "",
            environ=later,
        )
        return self._running[name]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What all of them are started with."""
        certificate, key = map(str, self._tls_files)
        return ("--cluster", "--no-files", "--tls-cert", certificate, "--tls-key", key)

    def stop(self, name: str, *, killed: bool = False) -> None:
        """End a server as a service manager does, or as a power cut does."""
        server = self._running.pop(name)
        if killed:
            server.kill()
        else:
            assert server.stop() == 0, server.output
        self.output += server.output

    def close(self) -> None:
        """Stop what still runs."""
        for name in list(self._running):
            self.stop(name)

    @property
    def places(self) -> list[tuple[str, int]]:
        """Where they are."""
        return [("127.0.0.1", port) for port in self._ports.values()]


def arrive(person: LiveClient, servers: list[ServerProcess], place: tuple[str, int]) -> None:
    """Make an account on one of the servers, knowing both, and open the first room."""
    link = invitation(servers)
    person.client.trust.accept_invitation(link)
    first, others = (link.host, link.port), [(link.host, link.port), *link.also]
    person.client.known_servers.keep_places(*first, [place, *[each for each in others if each != place]])
    person.client.session.sign_up(*first, person.name, PASSWORD)
    person.until_online()
    person.open(person.place)


def test_each_server_is_updated_while_people_talk(tmp_path: Path, mariadb_url: str) -> None:
    """Nobody loses or is asked anything; an old server that dies in between comes back beside the new one."""
    later = later_sql(tmp_path / "sql", ADDING)
    servers = Servers(tmp_path, mariadb_url)
    with clients(tmp_path / "homes", "zoe", "jules", "carol") as people:
        zoe, jules, carol = people
        present, said, numbers = [zoe, jules], list[str](), itertools.count()

        def talk() -> None:
            for number in itertools.islice(numbers, AT_A_TIME):
                for person in present:
                    said.append(f"{person.name} {number}")
                    person.say(said[-1])

        def has_all(person: LiveClient) -> bool:
            return set(said) <= set(person.heard)

        def until_all_heard() -> None:
            all_until(present, lambda: all(map(has_all, present)), MOVED_MAX_S)

        try:
            both = [servers.start(name) for name in NAMES]
            for person, place in zip(present, servers.places, strict=True):
                arrive(person, both, place)
            talk()
            until_all_heard()
            talk()
            servers.stop("one")
            both[0] = servers.start("one", later)
            arrive(carol, both, servers.places[0])
            present.append(carol)
            talk()
            until_all_heard()
            talk()
            servers.stop("two", killed=True)
            both[1] = servers.start("two")
            talk()
            until_all_heard()
            servers.stop("two")
            talk()
            servers.start("two", later)
            talk()
            until_all_heard()
            all_until(people, lambda: not any(person.here.pending for person in people))
            assert all(len(person.heard) == len(set(person.heard)) for person in people)
            assert zoe.heard == jules.heard
            assert not [
                change for each in people for change in each.changes if isinstance(change, RequestFailed)
            ]
        finally:
            servers.close()
    assert not LOGGED_ERROR.search(servers.output), servers.output
    assert (f"Chat {VERSION} " in servers.output, f"Chat {__version__} " in servers.output) == (True, True)


def test_what_an_old_server_cannot_read_waits_for_its_end(tmp_path: Path, mariadb_url: str) -> None:
    """The new one says whom it waits for, then goes on; an old one is not let in again."""
    servers = Servers(tmp_path, mariadb_url)
    old = servers.start("one")
    new = ServerProcess(
        tmp_path / "two",
        ["--host", "127.0.0.1", "--port", "0", *servers.arguments],
        {"CHAT_DATABASE": mariadb_url, **later_sql(tmp_path / "sql", ADDING | REMOVING)},
        module=later_release.__name__,
    )
    try:
        new.wait_for_output(rf"waits for the end .* read it: \S+:{old.port} \(version {__version__}\); stop")
        assert "Listening" not in new.output
        servers.stop("one")
        new.wait_until_ready()
        assert "start a newer program" in refusal(tmp_path / "one", mariadb_url, "--cluster")
    finally:
        servers.close()
        assert new.stop() == 0
    assert not LOGGED_ERROR.search(servers.output + new.output), new.output
