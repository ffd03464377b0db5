"""How much a user has not read: others' messages that were not deleted, and which of them mention the user.

Runs on client threads. It must not know the wire.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chat_protocol.mentions import mentions
from chat_protocol.objects import Room
from chat_server.storage import Storage

# What a sign-in counts of each room; who is further behind asks for the numbers (`read` with `counts`).
SIGN_IN_MAX: Final = 10_000
# What a client that asks gets counted: some 20 ms of a database's time.
ASKED_MAX: Final = 200_000


def with_unread(storage: Storage, user_id: int, username: str, views: Mapping[int, Room]) -> list[Room]:
    """Return rooms as a user sees them with the numbers of what is unread.

    :param views: the rooms by their numbers. Of those with more than :data:`SIGN_IN_MAX` seqs to read
        nothing is counted.
    """
    marks = {
        room_id: (view.read_seq, view.last_seq)
        for room_id, view in views.items()
        if view.membership == "joined" and view.last_seq - view.read_seq <= SIGN_IN_MAX
    }
    counts = count_unread(storage, user_id, username, marks)
    return [
        replace(view, unread=counts[room_id][0], mentions=counts[room_id][1]) if room_id in counts else view
        for room_id, view in views.items()
    ]


def count_unread(
    storage: Storage, user_id: int, username: str, marks: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """Count the unread messages and those of them that mention the user.

    :param marks: room number -> the last seq that was read, and the last one to count.
    :return: room number -> unread messages, mentions.
    """
    behind = {room_id: mark for room_id, mark in marks.items() if mark[0] < mark[1]}
    unread = storage.messages.count_others(user_id, behind)
    found = dict.fromkeys(unread, 0)
    for room_id, body in storage.messages.others_with_at(user_id, behind):
        found[room_id] = found.get(room_id, 0) + mentions(body, username)
    return {room_id: (unread.get(room_id, 0), found.get(room_id, 0)) for room_id in marks}
