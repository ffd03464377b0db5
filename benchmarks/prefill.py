"""Fills a database before the server starts: users who can sign in by token, rooms, a library of messages."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from chat_protocol.names import room_key, username_key
from chat_protocol.times import now_ms
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord

MESSAGES_A_BATCH = 1_000
# No password has this hash: these users sign in by token only.
NO_PASSWORD = "!"
COMMON_WORDS = 2_000
# About one message in so many holds the rare word.
RARE_WORD, RARE_EVERY = "hippopotame", 10_000
# And one in so many this one.
FREQUENT_WORD, FREQUENT_EVERY = "réunion", 3
WORDS_A_MESSAGE = 12


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a token of theirs."""

    user: UserRecord
    token: str


def add_account(storage: Storage, name: str) -> Account:
    """Make a user who is a member of nothing and can sign in with a token."""
    now = now_ms()
    user = storage.users.create(name, username_key(name), name, NO_PASSWORD, now)
    for membership in storage.members.of_user(user.id):
        storage.members.remove(membership.room_id, user.id)
    token = secrets.token_urlsafe(32)
    storage.tokens.add(user.id, hash_secret(token), now)
    return Account(user, token)


def add_room(storage: Storage, name: str, members: list[Account]) -> RoomRecord:
    """Make a room with these members."""
    now = now_ms()
    room = storage.rooms.create(name, room_key(name), "public", "", now)
    for member in members:
        storage.members.join(room.id, member.user.id)
    return room


def add_library(storage: Storage, room: RoomRecord, writer: Account, messages: int) -> None:
    """Have *writer* say so many things in the room; the words are the same on every run."""
    texts = bodies(random.Random(1))
    for start in range(0, messages, MESSAGES_A_BATCH):
        count = min(MESSAGES_A_BATCH, messages - start)
        batch = [
            NewMessage(room.id, writer.user.id, next(texts), f"library-{number}")
            for number in range(start, start + count)
        ]
        failed = [
            result for result in storage.messages.append(batch, now_ms()) if isinstance(result, Exception)
        ]
        if failed:
            raise failed[0]


def bodies(choice: random.Random) -> Iterator[str]:
    """Texts of twelve words, with one frequent and one rare word at known rates."""
    vocabulary = [f"mot{number}" for number in range(COMMON_WORDS)]
    number = 0
    while True:
        number += 1
        words = choice.choices(vocabulary, k=WORDS_A_MESSAGE)
        if number % FREQUENT_EVERY == 0:
            words[3] = FREQUENT_WORD
        if number % RARE_EVERY == 0:
            words[5] = RARE_WORD
        yield " ".join(words)
