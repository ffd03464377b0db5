"""Databases of version 1.0.0 are opened by this version with nothing lost, on the wire and in the console."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.filemap import ROOT
from tests.support.mariadb import MariaDb
from tests.support.server import ServerProcess
from tests.support.wire import WireClient, connected

LEFT = Path(__file__).with_name("v1")
Start = Callable[..., ServerProcess]


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.long)])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest, server_process: Start, tmp_path: Path) -> ServerProcess:
    """This version's server on a database that version 1.0.0 wrote."""
    if kind == "sqlite":
        folder = tmp_path / "data"
        folder.mkdir(mode=0o700)
        file = folder / "chat.db"
        file.write_bytes(gzip.decompress((LEFT / "sqlite.db.gz").read_bytes()))
        file.chmod(0o600)
        return server_process()
    mariadb: MariaDb = request.getfixturevalue("mariadb")
    url = mariadb.new_database()
    mariadb.sql(gzip.decompress((LEFT / "mariadb.sql.gz").read_bytes()).decode(), url.rpartition("/")[2])
    return server_process(database=url)


def come_back(client: WireClient, kind: str, name: str) -> dict[str, Any]:
    """Sign in with a token of version 1.0.0; return the answer."""
    return client.ok("resume", token=json.loads((LEFT / "tokens.json").read_text("utf-8"))[kind][name])


def room(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["rooms"] if one["room"] == name)
    return found


def console(server: ServerProcess, *words: str) -> Any:
    """Carry out one command in the console; return what it answers."""
    command = [
        sys.executable,
        "-m",
        "chat_server.admin",
        "--data-dir",
        str(server.data_dir),
        "--json",
        *words,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_messages_and_rooms_are_there(server: ServerProcess, kind: str) -> None:
    """Every kind of message, the private conversation, the read mark and the memberships have stayed."""
    with connected(server.port) as elodie:
        answer = come_back(elodie, kind, "Élodie")
        history = elodie.ok("history", room="Général", limit=100)["messages"]
        private = elodie.ok("history", room="@alice", limit=100)["messages"]
        members = {one["username"] for one in elodie.ok("members", room="Général")["members"]}
    said = {message["seq"]: message for message in history}
    assert [said[seq].get("kind", "text") for seq in range(1, 9)] == [
        "text", "text", "text", "text", "edit", "react", "delete", "text",
    ]  # fmt: skip
    assert (said[1]["body"], "edited_at" in said[1]) == ("message 1, edited", True)
    assert said[2]["reactions"] == {"👍": ["Élodie"]}
    assert (said[3]["body"], said[3]["deleted"]) == ("", True)
    assert (said[4]["body"], said[4]["reply_to"]) == ("réponse 🎉", 1)
    assert (said[8]["body"], said[8]["former"]) == ("I was here", True)
    assert [(message["from"], message["body"]) for message in private] == [("alice", "between us")]
    assert room(answer, "Général")["read_seq"] == 4
    assert room(answer, "Général")["last_seq"] == 8
    assert room(answer, "Blabla")["membership"] == "joined"
    assert room(answer, "Blabla")["topic"] == "Anything goes"
    assert room(answer, "Comptabilité")["membership"] == "pending"
    assert {"alice", "Élodie", "carol"} <= members


def test_conversation_goes_on(server: ServerProcess, kind: str) -> None:
    """What is said next takes the next place; a nonce of 1.0.0 is known; what was said is found."""
    with connected(server.port) as alice, connected(server.port) as elodie:
        assert come_back(alice, kind, "alice")["user"] == {
            "username": "alice", "display_name": "Alice A.", "role": "admin",
        }  # fmt: skip
        come_back(elodie, kind, "Élodie")
        assert alice.ok("send", room="Général", body="message 2", nonce="a2")["seq"] == 2
        assert alice.ok("send", room="Général", body="and on", nonce="new")["seq"] == 9
        assert elodie.event("message")["body"] == "and on"
        found = alice.ok("search", query="réponse")["messages"]
        assert [message["seq"] for message in found] == [4]


def test_what_waited_is_told(server: ServerProcess, kind: str) -> None:
    """A sanction, the welcome message and a decision kept for the next sign-in are still there."""
    with connected(server.port) as carol:
        assert come_back(carol, kind, "carol")["user"]["role"] == "moderator"
        assert carol.event("notice")["text"] == "Welcome to the office"
        decision = carol.event("membership")
        assert (decision["room"], decision["membership"]) == ("Marketing", "none")
        assert decision["reason"] == "not yet"
        carol.ok("join", room="Blabla")
        refused = carol.request("send", room="Blabla", body="hello")
        assert (refused["code"], refused["reason"]) == ("muted", "too loud")
        assert carol.request("register", username="x", password="y" * 12)["type"] == "error"
        pending = carol.ok("moderation.pending")["requests"]
        assert [(one["username"], one["reason"]) for one in pending] == [("Élodie", "I count")]


def test_console_knows_what_was_done(server: ServerProcess, kind: str) -> None:
    """Sanctions, retention, closed registration and the audit have stayed."""
    for command, wanted in (
        ("sanctions", ("203.0.113.7", "too loud")),
        ("retention", ("Blabla", "12w6d")),
        ("registration", ("closed",)),
        ("audit 2026-11-01", ("erase user", "refuse", "topic", "motd")),
    ):
        shown = json.dumps(console(server, *command.split()))
        missing = [text for text in wanted if text not in shown]
        assert not missing, shown
