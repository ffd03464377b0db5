"""The commands about files, as they are typed."""

import json
from collections.abc import Callable

from chat_server.server import ChatServer
from chat_server.storage.core.records import FileRecord, NewFile, UserRecord
from tests.chat_server.console.conftest import Typist

MakeUser = Callable[..., UserRecord]


def add(server: ChatServer, user: UserRecord, name: str, size: int) -> FileRecord:
    room = server.parts.directory.find("Blabla")
    new = NewFile(
        room.id, user.id, name, name, size, "image/png", "ab" * 32, None, None, 0, "", server.parts.clock()
    )
    return server.parts.storage.files.add(new)


def test_files_shown(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """Totals and the largest files: of all, of a room, of a user; a name that hides does not."""
    assert "There is no file." in console.type("files")
    jules, marie = user("jules"), user("marie")
    add(server, jules, "small\u202e.png", 1_000)
    add(server, marie, "large.png", 5_000_000)
    shown = console.type("files")
    assert shown.index("large.png") < shown.index("small\\u202e.png")
    assert "5 MiB" in shown
    of_jules = json.loads(console.type("files @jules --json"))
    assert (of_jules["files"], of_jules["bytes"], len(of_jules["largest"])) == (1, 1_000, 1)
    assert of_jules["largest"][0]["room"] == "Blabla"
    assert json.loads(console.type("files Blabla --json"))["files"] == 2
    assert json.loads(console.type("files Marketing --json"))["files"] == 0


def test_file_removed(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """After a question a file is taken from everybody, which is in the audit."""
    file = add(server, user("jules"), "secret.png", 7)
    console.answers = ["n", "y"]
    assert "Nothing was done." in console.type(f"remove file {file.public_id}")
    assert "secret.png is removed." in console.type(f"remove file {file.public_id}")
    assert server.parts.storage.files.by_id(file.public_id) is None
    assert "There is no file “nosuch”." in console.type("remove file nosuch --yes")
    acts = [
        (entry.action, entry.target, entry.detail, entry.allowed) for entry in server.parts.audit.entries()
    ]
    assert ("remove file", file.public_id, "secret.png, 7 bytes", True) in acts


def test_quota(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """A user may be given more or less space than the others, and the same again."""
    add(server, user("jules"), "x.png", 1_048_576)
    assert "take 1.0 MiB and may take 2,048.0 MiB" in console.type("quota user jules")
    assert "may take 10.0 MiB" in console.type("quota user jules 10")
    assert json.loads(console.type("quota user jules --json"))["quota_bytes"] == 10 * 1_048_576
    assert "may take 2,048.0 MiB" in console.type("quota user jules 0")
    assert console.status("quota user nobody") == 1
