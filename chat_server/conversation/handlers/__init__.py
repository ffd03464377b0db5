"""The request handlers; importing this package fills the dispatch table. They see no socket and no SQL."""

from chat_server.conversation.handlers import (
    accounts,
    administration,
    files,
    messages,
    moderation,
    own,
    people,
    pins,
    rooms,
    search,
)

__all__ = [
    "accounts",
    "administration",
    "files",
    "messages",
    "moderation",
    "own",
    "people",
    "pins",
    "rooms",
    "search",
]
