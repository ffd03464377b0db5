"""The export of personal data: all about one user, nothing about others, and no secret."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_server.files.store import BlobStore
from chat_server.services.people.personal import PersonalData
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.records import NewFile, NewMessage, UserRecord
from tests.chat_server.fakes import START_MS
from tests.support.office import Office


@pytest.fixture
def personal(office: Office) -> PersonalData:
    return PersonalData(office.storage, office.audit)


@pytest.fixture
def jules(office: Office) -> UserRecord:
    return office.user("jules")


@pytest.fixture
def marie(office: Office) -> UserRecord:
    return office.user("marie")


def say(office: Office, room_id: int, sender: UserRecord, body: str) -> None:
    office.storage.messages.append([NewMessage(room_id, sender.id, body, f"{sender.id} {body}")], START_MS)


def exported(office: Office, personal: PersonalData, user: UserRecord, path: Path) -> dict[str, Any]:
    personal.export(office.admin, user, path)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_everything_about_one_user(
    office: Office, personal: PersonalData, jules: UserRecord, marie: UserRecord, tmp_path: Path
) -> None:
    """The file holds account, addresses, memberships, sanctions, audit and messages, and no one else's."""
    room = office.directory.find("Blabla")
    direct = office.storage.rooms.direct(jules.id, marie.id, START_MS)
    office.storage.members.join(room.id, jules.id)
    office.storage.avatars.set(jules.id, "12" * 16, "iVBORw0KGgo=")
    office.storage.users.seen([(jules.id, "192.0.2.7")], START_MS)
    office.storage.tokens.add(jules.id, "secret hash", START_MS)
    office.storage.sanctions.add("mute", jules.id, None, room.id, "spam", "boss", START_MS, START_MS + 1)
    office.audit.record(office.admin, "mute", "jules", "spam")
    say(office, room.id, jules, "Bonjour « à tous »\n👋")
    say(office, room.id, marie, "not his")
    say(office, direct.id, jules, "between us")
    found = exported(office, personal, jules, tmp_path / "jules.json")
    assert found["account"]["username"] == "jules"
    assert found["account"]["created_at"] == "2026-11-18T11:06:40.000Z"
    assert found["avatar"] == {"base64": "iVBORw0KGgo="}
    assert [one["address"] for one in found["addresses"]] == ["192.0.2.7"]
    assert len(found["devices"]) == 1
    assert [one["room"] for one in found["memberships"]] == ["Général", "Blabla", "@marie"]
    assert [(one["kind"], one["reason"]) for one in found["sanctions"]] == [("mute", "spam")]
    assert [(one["room"], one["until"]) for one in found["sanctions"]] == [
        ("Blabla", "2026-11-18T11:06:40.001Z")
    ]
    assert found["audit_on"][0]["at"] == "2026-11-18T11:06:40.000Z"
    assert "former_versions" not in found["messages"][0]
    assert "« à tous »" in (tmp_path / "jules.json").read_text(encoding="utf-8")
    assert office.audit.entries()[-1].detail.endswith("; 2 messages")
    assert [one["action"] for one in found["audit_on"]] == ["mute"]
    assert [(one["room"], one["body"]) for one in found["messages"]] == [
        ("Blabla", "Bonjour « à tous »\n👋"),
        ("@marie", "between us"),
    ]
    text = (tmp_path / "jules.json").read_text(encoding="utf-8")
    assert jules.password_hash not in text
    assert "secret hash" not in text


def test_nothing_said(office: Office, personal: PersonalData, jules: UserRecord, tmp_path: Path) -> None:
    """A user who never wrote has an export too."""
    assert exported(office, personal, jules, tmp_path / "file")["messages"] == []


def test_file_is_private_and_new(
    office: Office, personal: PersonalData, jules: UserRecord, tmp_path: Path
) -> None:
    """The file is its owner's alone and replaces nothing."""
    path = tmp_path / "jules.json"
    personal.export(office.admin, jules, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ChatError, match="is there already"):
        personal.export(office.admin, jules, path)
    with pytest.raises(ChatError, match="cannot be written"):
        personal.export(office.admin, jules, tmp_path / "none" / "file")
    assert list(tmp_path.glob("*.part")) == []


def test_audited(office: Office, personal: PersonalData, jules: UserRecord, tmp_path: Path) -> None:
    """An export stands in the audit, a refused one too."""
    personal.export(office.admin, jules, tmp_path / "file")
    with pytest.raises(ChatError):
        personal.export(Actor("marie", "moderator", "wire 192.0.2.1"), jules, tmp_path / "other")
    assert office.actions() == [("export user", "jules", True), ("export user", "jules", False)]
    assert not (tmp_path / "other").exists()


def test_erased(
    office: Office, personal: PersonalData, jules: UserRecord, marie: UserRecord, tmp_path: Path
) -> None:
    """After an erasure nothing tells who it was: the messages stay, and nobody's name with them."""
    room = office.directory.find("Blabla")
    direct = office.storage.rooms.direct(jules.id, marie.id, START_MS)
    say(office, room.id, jules, "I was here")
    say(office, direct.id, marie, "hello")
    office.storage.users.seen([(jules.id, "192.0.2.7")], START_MS)
    office.roles.erase(office.admin, jules)
    (message,) = office.storage.messages.after(room.id, 0, 10)
    assert (message.author, message.body) == (None, "I was here")
    assert office.storage.users.addresses(jules.id) == []
    assert office.storage.users.by_key("jules") is None
    found = exported(office, personal, marie, tmp_path / "marie.json")
    assert [one["room"] for one in found["messages"]] == ["former member"]
    assert office.actions()[0] == ("erase user", "jules", True)


def test_files_are_copied(office: Office, jules: UserRecord, marie: UserRecord, tmp_path: Path) -> None:
    """The user's files stand beside the JSON file, each under its id; other people's do not."""
    store = BlobStore(tmp_path / "files")
    store.prepare()
    room = office.directory.find("Blabla")
    ids = []
    for user, data in ((jules, b"one"), (jules, b"two"), (marie, b"not his")):
        digest = store.keep_bytes(data)
        new = NewFile(
            room.id, user.id, data.decode(), "../x", 3, "text/plain", digest, None, None, 0, "", START_MS
        )
        ids.append(office.storage.files.add(new).public_id)
    personal = PersonalData(office.storage, office.audit, store)
    found = exported(office, personal, jules, tmp_path / "jules.json")
    assert [(file["public_id"], file["copied_to"]) for file in found["files"]] == [
        (one, f"jules.json.files/{one}") for one in ids[:2]
    ]
    copies = tmp_path / "jules.json.files"
    assert {path.name: path.read_bytes() for path in copies.iterdir()} == {ids[0]: b"one", ids[1]: b"two"}
    assert stat.S_IMODE(copies.stat().st_mode) == 0o700
