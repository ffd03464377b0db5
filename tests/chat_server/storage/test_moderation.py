"""Sanctions, the audit and the settings."""

from chat_server.storage import Storage
from chat_server.storage.core.records import RoomRecord, UserRecord
from tests.chat_server.storage.conftest import START_MS


def test_sanction_laid(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A sanction is active until its end, or until it is lifted."""
    kick = storage.sanctions.add("kick", alice.id, None, None, "Spam 🚫", "root", START_MS, START_MS + 100)
    ban = storage.sanctions.add("ban", None, "2001:db8::/32", None, "", "root", START_MS, None)
    mute = storage.sanctions.add("mute", alice.id, None, room.id, "", "root", START_MS, START_MS + 200)
    assert storage.sanctions.active(START_MS) == [kick, ban, mute]
    assert storage.sanctions.active(START_MS + 100) == [ban, mute]
    assert storage.sanctions.lift(ban.id, "other", START_MS + 150)
    assert not storage.sanctions.lift(ban.id, "third", START_MS + 160)
    assert storage.sanctions.active(START_MS + 160) == [mute]
    assert storage.sanctions.of_user(alice.id) == [kick, mute]
    latest = storage.sanctions.listing(2)
    assert [sanction.id for sanction in latest] == [ban.id, mute.id]
    assert (latest[0].lifted_by, latest[0].lifted_at) == ("other", START_MS + 150)


def test_audit(storage: Storage) -> None:
    """Acts are listed by time, actor and target, the latest of them, the oldest first."""
    for number, (actor, target) in enumerate([("root", "bob"), ("Root", "eve"), ("root", "eve")]):
        storage.audit.add(START_MS + number, actor, "console", "kick", target, "reason é", number != 1)
    acts = storage.audit.listing()
    assert [(act.at - START_MS, act.actor, act.target, act.allowed) for act in acts] == [
        (0, "root", "bob", True),
        (1, "Root", "eve", False),
        (2, "root", "eve", True),
    ]
    assert acts[0].detail == "reason é"
    assert storage.audit.listing(by="root") == [acts[0], acts[2]]
    assert storage.audit.listing(on="eve", since=START_MS + 2) == [acts[2]]
    assert storage.audit.listing(limit=2) == acts[1:]
    assert storage.audit.listing(limit=2, before=acts[2].id) == acts[:2]
    assert storage.audit.listing(by="root", before=acts[2].id) == acts[:1]


def test_settings(storage: Storage) -> None:
    """A setting is None until it is set, and then what it was set to last."""
    assert storage.settings.get("motd") is None
    storage.settings.set("motd", "Bienvenue 👋")
    storage.settings.set("Motd", "another")
    storage.settings.set("motd", "")
    assert (storage.settings.get("motd"), storage.settings.get("Motd")) == ("", "another")
