"""Which rooms stand where in the list: sections, their order and what fits a filter; it draws nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from chat_client.model.state import ClientState, RoomState
from chat_protocol.names import fold_text

FAVOURITES: Final = "favourites"
JOINED: Final = "joined"
DIRECT: Final = "direct"
OTHER: Final = "other"
ARCHIVED: Final = "archived"
#: Those whose rooms one belongs to, and so walks through.
OWN: Final = (FAVOURITES, JOINED, DIRECT)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the list."""

    id: str
    rooms: list[RoomState]

    @property
    def unread(self) -> int:
        """How much is unread in it, which its heading tells while it is folded."""
        return sum(room.unread for room in self.rooms if room.joined)


def sections(
    state: ClientState, *, query: str = "", favourites: Collection[str] = (), unread_first: bool = False
) -> list[Section]:
    """Give the sections that have a room.

    :param query: leaves those rooms whose name, or a word of it, begins so; accents and case do not count.
    :param favourites: what is kept of these rooms stands under these names (`RoomState.kept_as`).
    :param unread_first: rooms with something unread come first in their section.
    """
    joined, direct = state.joined_rooms(), state.conversations()
    chosen = [room for room in (*joined, *direct) if room.kept_as in favourites]
    found = [
        Section(FAVOURITES, chosen),
        Section(JOINED, [room for room in joined if room.kept_as not in favourites]),
        Section(DIRECT, [room for room in direct if room.kept_as not in favourites]),
        Section(OTHER, state.other_rooms()),
        Section(ARCHIVED, state.archived_rooms()),
    ]
    wanted = fold_text(query.strip())
    if wanted:
        found = [Section(each.id, [room for room in each.rooms if fits(room, wanted)]) for each in found]
    if unread_first:
        for each in found:
            each.rooms.sort(key=lambda room: not (room.joined and room.unread))
    return [each for each in found if each.rooms]


def fits(room: RoomState, wanted: str) -> bool:
    """Say whether a room's name, or a word of it, begins with folded text; of a person both names count."""
    names = [room.display_name or room.title, room.partner] if room.is_direct else [room.title]
    folded = [fold_text(name) for name in names]
    return any(f" {name}".find(f" {wanted}") >= 0 for name in folded)
