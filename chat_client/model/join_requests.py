"""The requests to join that wait, as those see them who decide: by room; it asks for nothing."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from chat_protocol.objects import JoinRequest

#: More are shown once these are decided.
SHOWN_MAX: Final = 50


def by_room(requests: Iterable[JoinRequest]) -> list[tuple[str, list[JoinRequest]]]:
    """Return as many as are shown, in the order of the rooms' names, of each room those who asked first."""
    shown = sorted(list(requests)[:SHOWN_MAX], key=lambda request: (request.room.casefold(), request.room))
    return [(room, list(several)) for room, several in groupby(shown, key=lambda request: request.room)]
