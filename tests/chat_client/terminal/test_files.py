"""Files with the terminal client, as a program with a real server."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.chat_client.terminal.program import command, piped
from tests.support.server import ServerProcess
from tests.support.transfers import download, transfer_connection, uploaded
from tests.support.wire import WireClient


def test_files_are_sent_and_the_program_ends(
    server: ServerProcess, jules: WireClient, tmp_path: Path
) -> None:
    """`--send ROOM --file F` twice is one message with two files; then the status is 0."""
    paths = [tmp_path / "a large one.bin", tmp_path / "b.txt"]
    for path, size in zip(paths, (2_000_000, 5), strict=True):
        path.write_bytes(os.urandom(size))
    more = ["--register", "--send", "general", *(word for path in paths for word in ("--file", str(path)))]
    done = piped(command(server, tmp_path / "home", *more), "not read\n")
    assert (done.returncode, done.stderr) == (0, b""), done
    message = jules.event("message")
    assert (message["body"], [file["name"] for file in message["files"]]) == (
        "",
        ["a large one.bin", "b.txt"],
    )
    line = transfer_connection(server.port, jules.token)
    for file, path in zip(message["files"], paths, strict=True):
        assert download(line, file["id"]) == path.read_bytes()
    line.close()


def test_file_is_uploaded_and_downloaded_by_commands(
    server: ServerProcess, jules: WireClient, tmp_path: Path
) -> None:
    """`/download N PATH` saves what `/upload` or somebody else has sent, under a safe name in a folder."""
    data = os.urandom(300_000)
    line = transfer_connection(server.port, jules.token)
    file = uploaded(line, "general", data, name="CON.bin")
    line.close()
    seq = jules.ok("send", room="general", body="look", files=[file["id"]])["seq"]
    (tmp_path / "mine.txt").write_bytes(b"mine")
    (tmp_path / "saved").mkdir()
    words = command(server, tmp_path / "home", "--register", "--room", "general")
    home = tmp_path / "home"
    first = piped(words, f"/upload {tmp_path / 'mine.txt'}\n")
    assert first.returncode == 0, first
    assert jules.event("message")["files"][0]["name"] == "mine.txt"
    words.remove("--register")
    done = piped(words, f"/download {seq} {tmp_path / 'saved'}\n/download {seq} {tmp_path / 'saved'}\n")
    assert done.returncode == 0, done
    assert re.search(rb"look \[file: CON.bin, 293 KB, /download \d+\]", done.stdout)
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == ["_CON (2).bin", "_CON.bin"]
    found = (tmp_path / "saved" / "_CON.bin").read_bytes()
    assert hashlib.sha256(found).digest() == hashlib.sha256(data).digest()
    assert home.exists()


@pytest.mark.parametrize(
    "line", ["/upload", "/upload /nowhere/at.all", "/download 9999", "/download x", "/download 1.7"]
)
def test_what_cannot_be_done_is_said(server: ServerProcess, tmp_path: Path, line: str) -> None:
    """A mistake has its words, and the status says so."""
    words = command(server, tmp_path / "home", "--register", "--room", "general")
    done = piped(words, f"{line}\n")
    assert (done.returncode, done.stderr) == (1, b""), done


def test_send_and_file_go_together(server: ServerProcess, tmp_path: Path) -> None:
    """One without the other is a mistake on the command line."""
    for more in (["--send", "general"], ["--file", "x"]):
        assert piped(command(server, tmp_path / "home", *more), "").returncode == 2
