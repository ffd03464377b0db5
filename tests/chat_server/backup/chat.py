"""A small chat with something in every table, and words that databases stumble over. No pytest."""

import hashlib
from typing import Final

from chat_server.storage import Storage, open_storage
from chat_server.storage.core.database import Row
from chat_server.storage.core.records import NewFile, NewMessage
from chat_server.storage.schema.tables import TABLES

START_MS = 1_790_000_000_000
WORDS = (
    "bonjour",
    "ça va ?",
    "👋🏽",
    "日本語",
    "שלום",
    "%s ?",
    "'; --",
    "\\",
    '"],["',
    "\n",
    "\u2028",
    "e\u0301",
    "\0",
    " ",
    "",
    "x" * 4_000,
)


FILE: Final = b"123456789"
FILE_DIGEST: Final = hashlib.sha256(FILE).hexdigest()


def fill(storage: Storage, messages: int = 100) -> None:
    """Put something into every table."""
    alice = storage.users.create("Alice", "alice", "Alice Ünïcode", "hash of a", START_MS, "admin")
    bob = storage.users.create("Bob", "bob", "", "hash of b", START_MS + 1)
    gone = storage.users.create("Gone", "gone", "Gone", "hash", START_MS + 2)
    rooms = [*storage.rooms.all(), storage.rooms.direct(alice.id, bob.id, START_MS + 3)]
    for number in range(messages):
        room = rooms[number % len(rooms)]
        body = WORDS[number % len(WORDS)]
        sender = (alice, bob, gone)[number % 3]
        _say(storage, NewMessage(room.id, sender.id, body, f"nonce {number} {body[:30]}"))
    room = rooms[0]
    _say(storage, NewMessage(room.id, bob.id, "👍🏽", "r1", "react", 1))
    _say(storage, NewMessage(room.id, alice.id, "❤️", "r2", "react", 1))
    _say(storage, NewMessage(room.id, alice.id, "better", "e1", "edit", 1))
    _say(storage, NewMessage(room.id, alice.id, "", "d1", "delete", 7))
    _say(storage, NewMessage(room.id, alice.id, "an answer", "a1", reply_to=1))
    file = storage.files.add(
        NewFile(room.id, bob.id, "u1", "écran.png", 9, "image/png", FILE_DIGEST, 4, 3, 0, "", START_MS)
    )
    _say(storage, NewMessage(room.id, bob.id, "", "f1", files=(file,)))
    storage.members.request(rooms[2].id, bob.id, "please — 🙏", START_MS)
    storage.tokens.add(alice.id, "ab" * 32, START_MS)
    storage.invitations.add("cd" * 32, "Zoé", "member", "boss", START_MS, START_MS + 7 * 86_400_000)
    storage.settings.set("retention", '{"everywhere": null, "rooms": {}}')
    storage.users.seen([(alice.id, "2001:db8::1"), (bob.id, "192.0.2.1")], START_MS)
    storage.sanctions.add("mute", bob.id, None, room.id, "spam", "Alice", START_MS, START_MS + 60_000)
    storage.sanctions.add("ban", None, "198.51.100.0/24", None, "", "Alice", START_MS, None)
    storage.audit.add(START_MS, "Alice", "console", "mute", "Bob", "spam; 1 connection", True)
    bot = storage.users.create_bot("Alerts", "alerts", START_MS)
    storage.webhooks.add_incoming(bot.id, room.id, "cd" * 32, START_MS)
    storage.webhooks.add_outgoing(room.id, "relay", "relay", "https://x.example/", "ef" * 32, 5, START_MS)
    storage.own_settings.set(bot.id, room.id, "notify", '"none"', 9)
    storage.pending_notices.keep(bot.id, "r1", "{}")
    storage.saved.add(bot.id, room.id, 1, START_MS, 9)
    storage.avatars.set(alice.id, "12" * 16, "iVBORw0KGgo=")
    storage.pins.add(room.id, 1, alice.id, START_MS, 9)
    storage.users.erase(gone.id)


def filled(url: str, messages: int = 100) -> str:
    """Fill the database of a URL and return the URL."""
    storage = open_storage(url)
    try:
        fill(storage, messages)
    finally:
        storage.close()
    return url


def contents(storage: Storage) -> dict[str, list[Row]]:
    """Return every row of every table."""
    return {
        table: storage.database.rows(f"SELECT * FROM {table} ORDER BY {', '.join(key)}")
        for table, key in TABLES.items()
    }


def _say(storage: Storage, message: NewMessage) -> None:
    (result,) = storage.messages.append([message], START_MS + len(message.nonce))
    assert not isinstance(result, Exception), result
