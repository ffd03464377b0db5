"""Files through crashes, full disks and exclusions, on both databases: they arrive once, or leave nothing."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.admin import command
from tests.support.mariadb import MariaDb
from tests.support.server import ServerProcess
from tests.support.transfers import begin_upload, download, take, transfer_connection, upload, uploaded
from tests.support.waiting import until
from tests.support.wire import ConnectionEnded, Frame, WireClient, connect, connected

pytestmark = pytest.mark.long  # servers are killed and started again

ROOM = "General"
Start = Callable[..., ServerProcess]


def kept(server: ServerProcess) -> list[str]:
    """Return the digests of what is kept."""
    return sorted(path.name for path in (server.data_dir / "files").glob("??/*"))


def test_server_killed_in_the_middle(server_process: Start, database: str | None) -> None:
    """After `kill -9` an upload goes on from what had come, and its message arrives once."""
    server = server_process("--no-limits", database=database)
    data = os.urandom(5_000_000)
    with connected(server.port) as alice:
        token = alice.register("alice")["token"]
    line = transfer_connection(server.port, token)
    begin_upload(line, ROOM, data, nonce="u1")
    line.send_bytes(data[:2_000_000])
    partial = server.data_dir / "files" / "partial"
    until(lambda: sum(path.stat().st_size for path in partial.iterdir()) >= 1_000_000)
    server.kill()
    line.close()
    server = server_process("--no-limits", database=database)
    line = transfer_connection(server.port, token)
    answer = begin_upload(line, ROOM, data, nonce="u1")
    assert answer["offset"] >= 1_000_000
    line.send_bytes(data[answer["offset"] :])
    file = line.reply(answer["ref"])["file"]
    with connected(server.port) as alice:
        alice.resume(token)
        first = alice.ok("send", room=ROOM, body="", nonce="m1", files=[file["id"]])
        server.kill()
    line.close()
    server = server_process("--no-limits", database=database)
    with connected(server.port) as alice:
        alice.resume(token)
        again = alice.ok("send", room=ROOM, body="", nonce="m1", files=[file["id"]])
        assert again["seq"] == first["seq"]
        (message,) = alice.ok("history", room=ROOM)["messages"]
        assert message["files"] == [file]
    line = transfer_connection(server.port, token)
    assert download(line, file["id"]) == data
    assert begin_upload(line, ROOM, data, nonce="u1")["file"] == file
    line.close()
    assert len(kept(server)) == 1


def test_server_killed_at_any_moment(server_process: Start, database: str | None) -> None:
    """Whatever a client was told is kept is there, whole, after each `kill -9`."""
    server = server_process("--no-limits", database=database)
    with connected(server.port) as alice:
        token = alice.register("alice")["token"]
    acknowledged: dict[str, bytes] = {}
    for round_number in range(3):
        enough = threading.Event()

        def bring(number: int, line: WireClient, enough: threading.Event = enough) -> None:
            try:
                for count in range(15):  # a hundred may wait for their messages
                    data = os.urandom(50_000)
                    file = uploaded(line, ROOM, data, nonce=f"{number} {count} {os.urandom(8).hex()}")
                    acknowledged[file["id"]] = data
                    if count == 5:
                        enough.set()
            except (OSError, ConnectionEnded):
                pass
            finally:
                line.close()

        lines = [transfer_connection(server.port, token) for _ in range(2)]
        threads = [threading.Thread(target=bring, args=given) for given in enumerate(lines)]
        for thread in threads:
            thread.start()
        assert enough.wait(30)
        server.kill()
        for thread in threads:
            thread.join()
        server = server_process("--no-limits", database=database)
        line = transfer_connection(server.port, token)
        for file, data in acknowledged.items():
            assert download(line, file) == data, round_number
        line.close()


def test_disk_without_space(server_process: Start, database: str | None, tmp_path: Path) -> None:
    """A disk that would be too full is said before the first byte, and nothing is left."""
    settings = tmp_path / "chat.toml"
    settings.write_text(f"[limits]\nfiles_free_mib = {2**31 - 1}\n")
    server = server_process("--no-limits", "--config", str(settings), database=database)
    with connected(server.port) as alice:
        token = alice.register("alice")["token"]
    line = transfer_connection(server.port, token)
    assert upload(line, ROOM, b"data")["code"] == "no_space"
    assert line.ok("ping")
    line.close()
    assert list((server.data_dir / "files" / "partial").iterdir()) == []
    assert kept(server) == []


# What an administrator does, and what a user is told who comes back with the same token.
EXCLUSIONS: Final = {
    "kick {name} 1h": "kicked",
    "ban {name}": "banned",
    "kill {name}": "ok",
    "end device {name} all": "invalid_credentials",
    "remove {name} Archive": "no_such_file",
    "remove room Archive": "no_such_file",
}


def test_exclusion_in_the_middle(server_process: Start) -> None:
    """Who is excluded while a file comes gets no further byte, then or with the same token afterwards."""
    server = server_process("--no-limits")
    data = os.urandom(30_000_000)
    assert command(server, "add room Archive") == 0
    with connected(server.port) as alice:
        alice.register("alice")
        alice.ok("join", room="Archive")
        line = transfer_connection(server.port, alice.token)
        file = uploaded(line, "Archive", data)
        line.close()
        alice.ok("send", room="Archive", body="", nonce="m", files=[file["id"]])
    for number, (order, comes_back) in enumerate(EXCLUSIONS.items()):
        name = f"bob{number}"
        with connected(server.port) as bob:
            bob.register(name)
            bob.ok("join", room="Archive")
            _exclude(server, bob.token, order.format(name=name), file["id"], data)
            assert _asked_again(server, bob.token, file["id"]) == comes_back


def _exclude(server: ServerProcess, token: str, order: str, file: str, data: bytes) -> None:
    """Give an order while somebody brings a file and has one."""
    down, up = (transfer_connection(server.port, token) for _ in range(2))
    announced = down.ok("download", file=file)["length"]
    begin_upload(up, "Archive", data, nonce="up")
    up.send_bytes(data[:1_000])
    assert command(server, order) == 0
    found = take(down, announced)
    assert len(found) < announced
    assert data.startswith(found)
    ended: list[Frame] = up.wait_closed()
    assert all(frame["type"] != "ok" for frame in ended), ended
    for client in (down, up):
        client.close()


def _asked_again(server: ServerProcess, token: str, file: str) -> str:
    """Come back for the file; return what was said."""
    client = connect(server.port)
    try:
        answer = client.request("resume", token=token)
        if answer["type"] == "ok":
            client.ok("quiet")
            answer = client.request("download", file=file)
        return str(answer.get("code", answer["type"]))
    finally:
        client.close()


@pytest.mark.logged_errors
def test_database_away_at_the_end(server_process: Start) -> None:
    """Bytes whose row cannot be written are not acknowledged; the same upload goes on when it can be."""
    with MariaDb() as own_mariadb:
        server = server_process("--no-limits", database=own_mariadb.new_database())
        with connected(server.port) as alice:
            token = alice.register("alice")["token"]
        line = transfer_connection(server.port, token)
        answer = begin_upload(line, ROOM, b"data", nonce="u1")
        line.send_bytes(b"dat")
        own_mariadb.kill()
        line.send_bytes(b"a")
        refused = line.reply(answer["ref"])
        assert (refused["type"], refused["code"]) == ("error", "unavailable")
        line.wait_closed()
        line.close()
        own_mariadb.start()
        with connected(server.port) as alice:
            until(lambda: alice.request("resume", token=token)["type"] == "ok")
        found: list[str] = []

        def is_there() -> bool:
            line = transfer_connection(server.port, token)
            answer = upload(line, ROOM, b"data", nonce="u1")
            if answer["type"] == "ok":
                found.append(answer["file"]["id"])
                assert download(line, found[0]) == b"data"
            else:  # what is refused for the moment is repeated, on another connection
                assert answer["code"] == "unavailable"
            line.close()
            return bool(found)

        until(is_there)


def test_server_without_files(server_process: Start) -> None:
    """A server that keeps no files says so in `hello`, knows neither request, and makes no folder."""
    server = server_process("--no-limits", "--no-files")
    client = connect(server.port, hello=False)
    hello = client.frame()
    assert "files" not in hello["capabilities"]
    assert hello["limits"] == {"frame": 65_536, "body": 4_000}
    client.register("alice")
    client.ok("quiet")
    assert begin_upload(client, ROOM, b"x")["code"] == "unknown_type"
    assert client.error("download", file="f1") == "unknown_type"
    assert client.error("send", room=ROOM, body="", files=["f1"]) == "no_such_file"
    client.close()
    assert not (server.data_dir / "files").exists()


def test_limits_are_told(server_process: Start, tmp_path: Path) -> None:
    """`hello` tells the limits in force, and the files stand where the administrator said."""
    settings = tmp_path / "chat.toml"
    settings.write_text("[limits]\nfile_max_mib = 7\n")
    elsewhere = tmp_path / "elsewhere"
    server = server_process("--no-limits", "--config", str(settings), "--files-dir", str(elsewhere))
    client = connect(server.port, hello=False)
    hello = client.frame()
    assert "files" in hello["capabilities"]
    assert hello["limits"] == {
        "frame": 65_536, "body": 4_000, "file": 7 * 1024 * 1024, "files": 10, "preview": 65_536,
    }  # fmt: skip
    client.register("alice")
    client.ok("quiet")
    uploaded(client, ROOM, b"data")
    client.close()
    assert len(list(elsewhere.glob("??/*"))) == 1
