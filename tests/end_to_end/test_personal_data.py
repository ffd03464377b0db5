"""Erasure and retention as the clients and the administrator of a running server see them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from chat_protocol.times import now_ms
from chat_server.storage import open_storage
from chat_server.storage.core.records import NewMessage
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import connected

DAY_MS = 86_400_000
Start = Callable[..., ServerProcess]


def admin(server: ServerProcess, *words: str) -> str:
    """Carry out one command in the server's console."""
    done = subprocess.run(
        [sys.executable, "-m", "chat_server.admin", "--data-dir", str(server.data_dir), "--yes", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_private_conversation_with_a_former_member(server_process: Start, tmp_path: Path) -> None:
    """After an erasure the other one still reads what a former member said, and cannot answer any more."""
    server = server_process()
    with connected(server.port) as alice, connected(server.port) as bob:
        alice.register("alice")
        bob.register("bob")
        bob.ok("send", room="@alice", body="hello alice")
        export = tmp_path / "bob.json"
        admin(server, "export", "user", "bob", str(export))
        admin(server, "erase", "user", "bob")
        bob.event("killed")
    with connected(server.port) as alice:
        rooms = alice.login("alice")["rooms"]
        (direct,) = [room for room in rooms if room["kind"] == "direct"]
        assert direct["display_name"] == "former member"
        (message,) = alice.ok("history", room=direct["room"])["messages"]
        assert (message["from"], message["body"]) == ("former member", "hello alice")
        assert message["former"] is True
        assert alice.error("send", room=direct["room"], body="are you there?") == "no_such_user"
        assert alice.error("send", room="@bob", body="are you there?") == "no_such_user"
    assert json.loads(export.read_text(encoding="utf-8"))["messages"][0]["body"] == "hello alice"


def test_history_starts_later(server_process: Start, tmp_path: Path) -> None:
    """What retention removes is gone for everybody, the room tells where it starts, and the seqs go on."""
    write_long_ago(tmp_path / "data", 3)
    server = server_process()
    admin(server, "retention", "Général", "7d")
    server.wait_for_output("3 old messages removed, it starts at 4")
    with connected(server.port) as alice:
        (room,) = [room for room in alice.register("alice")["rooms"] if room["room"] == "Général"]
        assert (room["first_seq"], room["last_seq"], room["read_seq"]) == (4, 3, 3)
        assert alice.ok("history", room="Général")["messages"] == []
        assert alice.ok("send", room="Général", body="now")["seq"] == 4


def write_long_ago(data_dir: Path, count: int) -> None:
    """Store messages of ten days ago in the room where everyone is."""
    data_dir.mkdir(mode=0o700)
    storage = open_storage(f"sqlite:///{data_dir}/chat.db")
    writer = storage.users.create("writer", "writer", "Writer", "!", now_ms())
    room = storage.rooms.by_key("general")
    assert room is not None
    batch = [NewMessage(room.id, writer.id, "long ago", f"nonce {number}") for number in range(count)]
    storage.messages.append(batch, now_ms() - 10 * DAY_MS)
    storage.close()
