"""The commands about retention and personal data, as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path

from chat_server.server import ChatServer
from chat_server.storage.core.records import NewMessage, UserRecord
from tests.chat_server.console.conftest import Typist

DAY_MS = 86_400_000
MakeUser = Callable[..., UserRecord]


def say(server: ChatServer, user: UserRecord, days_ago: int, count: int = 1) -> None:
    at = server.parts.clock() - days_ago * DAY_MS
    room = server.parts.directory.find("Blabla")
    server.parts.storage.messages.append(
        [NewMessage(room.id, user.id, "text", f"{days_ago} {number}") for number in range(count)], at
    )


def test_retention_shown(console: Typist) -> None:
    """Alone, the command shows the rules; forever takes one back, in a room it stands."""
    assert console.type("retention") == "Messages are kept for good in every room.\n"
    assert console.status("retention all 1y --yes") == 0
    assert console.status("retention Blabla 30d") == 0
    assert console.status("retention Marketing forever") == 0
    shown = console.type("retention").split()
    assert shown[-6:] == ["all", "1y", "Blabla", "4w2d", "Marketing", "forever"]
    assert console.type("retention Sport") == "Refused: There is no room “Sport”.\n"
    assert "Informatique  1y" in console.type("retention informatique")
    assert console.status("retention all forever") == 0
    assert "all" not in console.type("retention").split()


def test_retention_asks(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """A rule that removes messages is asked about with their number; a no leaves everything."""
    say(server, user("jules"), 10, count=3)
    console.answers = ["n", "y"]
    shown = console.type("retention Blabla 7d")
    assert "3 messages would be removed for good from Blabla." in shown
    assert "Nothing was done." in shown
    assert server.parts.retention.rules().rooms == {}
    console.type("retention Blabla 7d")
    assert server.parts.retention.apply() == 3


def test_retention_dry_run(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """A dry run shows what would go and changes nothing."""
    say(server, user("jules"), 10, count=3)
    shown = console.type("retention all 7d --dry-run")
    assert "Blabla" in shown
    assert "3 messages in all. Nothing was removed." in shown
    assert console.type("retention Blabla 2w --dry-run") == "Nothing would be removed.\n"
    assert json.loads(console.type("retention Blabla 7d --dry-run --json")) == {
        "would_be_removed": [{"room": "Blabla", "messages": 3}]
    }
    assert server.parts.retention.rules().everywhere is None
    assert server.parts.retention.apply() == 0


def test_retention_wrong(console: Typist, server: ChatServer) -> None:
    """A duration without a place sets nothing: all has to be said."""
    for line in ("retention 30d", "retention nowhere 30d", "retention all soon", "retention all 0d"):
        assert console.status(line) != 0
    assert server.parts.retention.rules().everywhere is None


def test_export_user(console: Typist, server: ChatServer, user: MakeUser, tmp_path: Path) -> None:
    """The export says where the file is and how much it holds, and stands in the audit."""
    say(server, user("jules"), 1, count=2)
    path = tmp_path / "a file.json"
    assert console.type(f'export user @jules "{path}"') == (
        f"All about jules, with 2 messages, is in {path}.\n"
    )
    assert len(json.loads(path.read_text(encoding="utf-8"))["messages"]) == 2
    assert "is there already" in console.type(f'export user jules "{path}"')
    assert console.status("export user nobody file.json") == 1
    assert "export user" in console.type("audit")


def test_people_imported(console: Typist, server: ChatServer, tmp_path: Path) -> None:
    """Shown first, then made once; the passwords are in the file and nowhere else."""
    table, passwords = tmp_path / "people.csv", tmp_path / "passwords.csv"
    table.write_text("username,display_name,rooms\nlea,Léa,Marketing\n", encoding="utf-8")
    shown = console.type(f'import users "{table}" --dry-run')
    assert "Léa" in shown
    assert "1 account would be made." in shown
    assert "Say which file" in console.type(f'import users "{table}"')
    assert "1 account made" in console.type(f'import users "{table}" "{passwords}" --yes')
    assert "lea,Léa," in passwords.read_text(encoding="utf-8")
    lea = server.parts.storage.users.by_key("lea")
    assert lea is not None
    assert lea.one_time_password
    assert "they have an account: lea" in console.type(f'import users "{table}" --dry-run')
    assert "import users" in console.type("audit")
