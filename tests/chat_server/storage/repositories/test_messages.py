"""Reading messages, and what edits, deletions, reactions and replies do to them."""

from typing import Any

import pytest

from chat_server.storage import NoSuchTarget, Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, Stored, UserRecord
from tests.chat_server.storage.conftest import START_MS


@pytest.fixture
def ten(storage: Storage, room: RoomRecord, alice: UserRecord) -> RoomRecord:
    """The arrival room with ten messages in it."""
    for number in range(1, 11):
        storage.messages.append(
            [NewMessage(room.id, alice.id, f"text {number}", f"n{number}")], START_MS + number
        )
    return room


def test_history_pages(storage: Storage, ten: RoomRecord) -> None:
    """A page goes up from after, or down from before, and is always in ascending order."""

    def seqs(*arguments: Any, after: bool) -> list[int]:
        read = storage.messages.after if after else storage.messages.before
        return [message.seq for message in read(ten.id, *arguments)]

    assert seqs(0, 3, after=True) == [1, 2, 3]
    assert seqs(8, 5, after=True) == [9, 10]
    assert seqs(2, 50, 5, after=True) == [3, 4, 5]
    assert seqs(10, 5, after=True) == []
    assert seqs(None, 3, after=False) == [8, 9, 10]
    assert seqs(4, 50, after=False) == [1, 2, 3]
    assert seqs(1, 50, after=False) == []
    assert storage.messages.after(99, 0, 10) == []


def test_message_found(storage: Storage, ten: RoomRecord, alice: UserRecord) -> None:
    """One message comes with all that is known of it."""
    found = storage.messages.get(ten.id, 3)
    assert found is not None
    assert (found.author, found.author_id, found.body) == ("Alice", alice.id, "text 3")
    assert (found.sent_at, found.kind, found.target, found.reply_to) == (START_MS + 3, "text", None, None)
    assert (found.edited_at, found.deleted, found.reactions) == (None, False, {})
    assert storage.messages.get(ten.id, 11) is None


def test_messages_since(storage: Storage, ten: RoomRecord, bob: UserRecord) -> None:
    """The latest messages since a time come in the order of their times, of one room or author or of all."""
    blabla = storage.rooms.by_key("blabla")
    assert blabla is not None
    storage.messages.append([NewMessage(blabla.id, bob.id, "there", "n1")], START_MS + 11)
    since = storage.messages.since
    assert [message.body for message in since(START_MS + 9)] == ["text 9", "text 10", "there"]
    assert [message.body for message in since(0, limit=2)] == ["text 10", "there"]
    assert [message.body for message in since(0, room_id=blabla.id)] == ["there"]
    assert [message.body for message in since(0, author_id=bob.id)] == ["there"]
    assert since(START_MS + 12) == []


def test_last_seqs(storage: Storage, ten: RoomRecord) -> None:
    """The last seq of a silent room is 0; a room that is not there is left out."""
    assert storage.messages.last_seqs([ten.id, 2, 99]) == {ten.id: 10, 2: 0}
    assert storage.messages.last_seqs([]) == {}


def test_edit(storage: Storage, ten: RoomRecord, alice: UserRecord) -> None:
    """An edit takes its own place and changes its target; the earlier texts are kept."""
    for number, text in enumerate(("second", "third"), start=1):
        storage.messages.append(
            [NewMessage(ten.id, alice.id, text, f"e{number}", "edit", 4)], START_MS + 100 + number
        )
    target, first, second = (storage.messages.get(ten.id, seq) for seq in (4, 11, 12))
    assert target is not None
    assert (target.body, target.edited_at, target.sent_at) == ("third", START_MS + 102, START_MS + 4)
    assert first is not None
    assert second is not None
    assert (first.kind, first.target, first.body) == ("edit", 4, "second")
    assert second.body == "third"
    versions = storage.messages.versions(ten.id, 4)
    assert [(version.version_seq, version.body) for version in versions] == [(11, "text 4"), (12, "second")]


def test_delete(storage: Storage, ten: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """A deletion empties the message and its edits, and keeps the text for the administrator."""
    storage.messages.append([NewMessage(ten.id, alice.id, "secret", "e1", "edit", 4)], START_MS)
    storage.messages.append([NewMessage(ten.id, bob.id, "", "d1", "delete", 4)], START_MS + 200)
    history = storage.messages.after(ten.id, 0, 50)
    assert [(message.body, message.deleted) for message in history if message.seq in (4, 11, 12)] == [
        ("", True),
        ("", False),
        ("", False),
    ]
    assert (history[11].kind, history[11].target) == ("delete", 4)
    versions = storage.messages.versions(ten.id, 4)
    assert [(version.body, version.replaced_by) for version in versions] == [
        ("text 4", alice.id),
        ("secret", bob.id),
    ]


@pytest.mark.parametrize("target", [99, 11, 4], ids=["unknown", "not a text", "deleted"])
@pytest.mark.parametrize("kind", ["edit", "delete", "react"])
def test_effect_on_nothing(
    storage: Storage, ten: RoomRecord, alice: UserRecord, kind: str, target: int
) -> None:
    """What is not there, no text, or deleted, can be neither changed nor reacted to; no place is lost."""
    storage.messages.append([NewMessage(ten.id, alice.id, "", "d1", "delete", 4)], START_MS)
    (result,) = storage.messages.append([NewMessage(ten.id, alice.id, "x", "n", kind, target)], START_MS)
    assert isinstance(result, NoSuchTarget)
    assert storage.messages.last_seqs([ten.id]) == {ten.id: 11}


def test_reactions(storage: Storage, ten: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """Reactions are counted once per user and sign, and taken back by their users."""

    def react(user: UserRecord, nonce: str, emoji: str, on: bool = True) -> None:
        message = NewMessage(ten.id, user.id, emoji, nonce, "react", 2, on=on)
        storage.messages.append([message], START_MS + len(nonce))

    react(alice, "r1", "👍")
    react(bob, "r2", "👍")
    react(bob, "r3", "👍")
    react(bob, "r4", "❤️")
    found = storage.messages.get(ten.id, 2)
    assert found is not None
    assert found.reactions == {"👍": ("Alice", "Bob"), "❤️": ("Bob",)}
    react(bob, "r5", "👍", on=False)
    react(alice, "r6", "❤️", on=False)
    history = storage.messages.after(ten.id, 0, 50)
    assert history[1].reactions == {"👍": ("Alice",), "❤️": ("Bob",)}
    assert all(not message.reactions for message in history if message.seq != 2)
    assert [message.on for message in history[10:]] == [True, True, True, True, False, False]


def test_effects_in_the_batch_of_their_target(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A message may be edited, answered and reacted to in the batch that stores it."""
    batch = [
        NewMessage(room.id, alice.id, "tpyo", "n1"),
        NewMessage(room.id, alice.id, "typo", "n2", "edit", 1),
        NewMessage(room.id, alice.id, "answer", "n3", reply_to=1),
        NewMessage(room.id, alice.id, "👍", "n4", "react", 1),
    ]
    storage.messages.append(batch, START_MS)
    history = storage.messages.after(room.id, 0, 10)
    assert [message.body for message in history] == ["typo", "typo", "answer", "👍"]
    assert history[2].reply_to == 1
    assert history[0].reactions == {"👍": ("Alice",)}


def test_effect_repeated(storage: Storage, ten: RoomRecord, alice: UserRecord) -> None:
    """An edit that is offered twice is carried out once."""
    edit = NewMessage(ten.id, alice.id, "edited", "e1", "edit", 4)
    (first,) = storage.messages.append([edit], START_MS)
    (second,) = storage.messages.append([edit], START_MS + 1)
    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert [(result.seq, result.repeated) for result in (first, second)] == [(11, False), (11, True)]
    assert len(storage.messages.versions(ten.id, 4)) == 1
