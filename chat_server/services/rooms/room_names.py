"""Names for rooms that are made or renamed: what is taken, and for whom; it must not know who asks.

The name of a private room is never taken: a refusal would tell strangers of the other one. The server puts a
random mark behind what people choose, so that all names differ all the same.
"""

import secrets
from collections.abc import Callable
from typing import Final, TypeVar

from chat_protocol.errors import bad_request
from chat_protocol.limits import TOPIC_MAX_CHARS
from chat_protocol.names import (
    PRIVATE_MARK_ALPHABET,
    PRIVATE_MARK_CHARS,
    clean_private_title,
    clean_room_name,
    private_room_name,
    room_key,
)
from chat_server.storage.core.errors import DuplicateKey, StorageError

T = TypeVar("T")
_TRIES: Final = 20  # of some 900,000 marks for each name


def store_under_name(kind: str, name: str, store: Callable[[str, str], T], *, field: str = "room") -> T:
    """Store a room under the name that was chosen for it.

    :param store: is given the name and its key, and raises `DuplicateKey` when that is taken.
    :param field: the field of the request that is at fault when the name is.
    :raises ChatError: `bad_request` for a name that is not allowed, or, unless the room is private, taken.
    """
    if kind != "private":
        clean = clean_room_name(name, field)
        try:
            return store(clean, room_key(clean))
        except DuplicateKey:
            text = f"There is a room “{clean}” already, or one that differs only in case or accents."
            raise bad_request(field, text) from None
    title = clean_private_title(name, field)
    for _ in range(_TRIES):
        mark = "".join(secrets.choice(PRIVATE_MARK_ALPHABET) for _ in range(PRIVATE_MARK_CHARS))
        marked = private_room_name(title, mark)
        try:
            return store(marked, room_key(marked))
        except DuplicateKey:
            continue
    raise StorageError(f"no mark was free for {title!r}")


def clean_topic(topic: str) -> str:
    """Return a topic without outer spaces and line ends.

    :raises ChatError: `bad_request` when it is too long.
    """
    clean = " ".join(topic.split())
    if len(clean) > TOPIC_MAX_CHARS:
        raise bad_request("topic", f"A topic has at most {TOPIC_MAX_CHARS} characters.")
    return clean
