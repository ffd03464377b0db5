"""Accounts from a table: what is taken, what is refused with its line, and what is done once."""

import csv
from pathlib import Path

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.accounts.passwords import verify_password
from chat_server.services.people.importing import MISTAKES_SHOWN, Importing
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import Storage
from tests.chat_server.building import ADMIN, Building


@pytest.fixture
def importing(building: Building) -> Importing:
    return building.server.parts.importing


@pytest.fixture
def storage(building: Building) -> Storage:
    return building.storage


def _write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_each_line_gets_an_account(importing: Importing, storage: Storage, tmp_path: Path) -> None:
    """With role, rooms and a one-time password that opens it; the file is the server's user's alone."""
    lines = "username,display_name,role,rooms\nzoe,Zoé B.,moderator,Marketing|comptabilité\n\njules,,,\n"
    table = importing.read(_write(tmp_path, lines))
    passwords = tmp_path / "passwords.csv"
    assert importing.make(ADMIN, table.newcomers, passwords) == 2
    assert passwords.stat().st_mode & 0o777 == 0o600
    with passwords.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["username"], row["display_name"]) for row in rows] == [("zoe", "Zoé B."), ("jules", "jules")]
    zoe, jules = storage.users.by_key("zoe"), storage.users.by_key("jules")
    assert zoe is not None
    assert jules is not None
    assert (zoe.role, zoe.display_name, jules.role) == ("moderator", "Zoé B.", "member")
    assert zoe.one_time_password
    assert jules.one_time_password
    assert verify_password(rows[0]["one_time_password"], zoe.password_hash)


def test_repeating_leaves_out_who_is_there(importing: Importing, tmp_path: Path) -> None:
    """A second run makes nobody anew, and an old file of passwords is not written over."""
    path, passwords = _write(tmp_path, "username\nzoe\n"), tmp_path / "passwords.csv"
    importing.make(ADMIN, importing.read(path).newcomers, passwords)
    again = importing.read(_write(tmp_path, "username\nZoe\njules\n"))
    assert ([one.username for one in again.newcomers], again.known) == (["jules"], ["Zoe"])
    with pytest.raises(ChatError, match="is there already"):
        importing.make(ADMIN, again.newcomers, passwords)
    assert importing.read(path) == again


def test_name_taken_meanwhile_is_left_out(importing: Importing, storage: Storage, tmp_path: Path) -> None:
    """Somebody has registered between the look and the act: that account is not touched."""
    newcomers = importing.read(_write(tmp_path, "username\nzoe\njules\n")).newcomers
    storage.users.create("zoe", "zoe", "Zoé", "hash", 0, "member")
    assert importing.make(ADMIN, newcomers, tmp_path / "passwords.csv") == 1
    zoe = storage.users.by_key("zoe")
    assert zoe is not None
    assert zoe.password_hash == "hash"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_table_of_a_french_spreadsheet_is_read(importing: Importing, tmp_path: Path, encoding: str) -> None:
    """Semicolons between the fields, a mark at the beginning, and Windows' ends of lines."""
    path = _write(tmp_path, 'Username;Display_name\r\nzoe;"Bernard; Zoé"\r\n', encoding)
    (newcomer,) = importing.read(path).newcomers
    assert (newcomer.username, newcomer.display_name) == ("zoe", "Bernard; Zoé")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The first line must name the columns"),
        ("name\nzoe\n", "The first line must name the columns"),
        ("username,age\nzoe,3\n", "The first line must name the columns"),
        ("username\nzoe\nZOE\n", "line 3: ZOE stands there twice"),
        ("username,role\nzoe,king\n", "line 2: A role is one of"),
        ("username,rooms\nzoe,Sport\n", "line 2: There is no room “Sport”"),
        ("username\n\nzo e\n", "line 3: "),
    ],
)
def test_mistakes_are_told_with_their_line(
    importing: Importing, storage: Storage, tmp_path: Path, text: str, said: str
) -> None:
    """And nobody gets an account."""
    with pytest.raises(ChatError) as raised:
        importing.read(_write(tmp_path, text))
    assert said in raised.value.message
    assert storage.users.count() == 0


def test_many_mistakes_are_not_all_told(importing: Importing, tmp_path: Path) -> None:
    """A file of the wrong kind does not fill the screen."""
    with pytest.raises(ChatError, match="and 5 more"):
        importing.read(_write(tmp_path, "username\n" + "a b\n" * 25))


def test_file_that_cannot_be_read_is_told(importing: Importing, tmp_path: Path) -> None:
    """Missing, too large, or in another encoding."""
    with pytest.raises(ChatError, match="cannot be read"):
        importing.read(tmp_path / "nothing.csv")
    with pytest.raises(ChatError, match="is not UTF-8"):
        importing.read(_write(tmp_path, "username\nzoé\n", "latin-1"))
    with pytest.raises(ChatError, match="is larger than"):
        importing.read(_write(tmp_path, "username\n" + "x" * (4 << 20)))


def test_administrators_alone_make_accounts(importing: Importing, tmp_path: Path) -> None:
    """No file is left behind for anybody else."""
    newcomers = importing.read(_write(tmp_path, "username\nzoe\n")).newcomers
    passwords = tmp_path / "passwords.csv"
    with pytest.raises(ChatError):
        importing.make(Actor("mod", "moderator", "console"), newcomers, passwords)
    assert not passwords.exists()


def test_rooms_of_a_line_are_joined(building: Building, importing: Importing, tmp_path: Path) -> None:
    """From the first sign-in on; a line may have fewer fields than columns, and the audit says how many."""
    building.room("Ops")
    lines = "username,role,rooms\nzoe,,Ops\njules\n"
    table = importing.read(_write(tmp_path, lines))
    assert importing.make(ADMIN, table.newcomers, tmp_path / "passwords.csv") == 2
    room = building.services.directory.find("Ops")
    members = [user.username for user in building.storage.members.of_room(room.id, 9)]
    assert members == ["zoe"]
    entry = building.server.parts.audit.entries()[-1]
    assert (entry.action, entry.detail) == ("import users", "2 accounts")


@pytest.mark.parametrize("count", [MISTAKES_SHOWN, MISTAKES_SHOWN + 1])
def test_mistakes_that_are_not_told_are_counted(importing: Importing, tmp_path: Path, count: int) -> None:
    """Where all are told, nothing more is said."""
    path = _write(tmp_path, "username\n" + "!\n" * count)
    with pytest.raises(ChatError) as caught:
        importing.read(path)
    assert ("and 1 more" in str(caught.value)) is (count > MISTAKES_SHOWN)
    assert "and 0 more" not in str(caught.value)


def test_largest_table_is_read(importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more is refused."""
    path = _write(tmp_path, "username\nzoe\n")
    monkeypatch.setattr("chat_server.services.people.importing.BYTES_MAX", path.stat().st_size)
    assert [one.username for one in importing.read(path).newcomers] == ["zoe"]
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ChatError, match="larger"):
        importing.read(path)
