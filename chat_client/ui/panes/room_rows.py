"""The rows of the list of rooms, made again only where their room has changed. Tk thread only."""

from chat_client.model.state import ClientState, RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_of, room_row
from chat_client.ui.widgets.row_list import Row


class RoomRows:
    """Keeps the row of each room: of five hundred, a message changes one or two."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._rows: dict[str, tuple[tuple[object, ...], Row]] = {}

    def row(self, state: ClientState, room: RoomState) -> Row:
        """Give the row of a room as it stands now."""
        active = room.key == state.open_room
        shown = (active, *_shown(state, room))
        kept = self._rows.get(room.key)
        if kept is None or kept[0] != shown:
            kept = self._rows[room.key] = shown, room_row(self._look, state, room, active=active)
        return kept[1]


def _shown(state: ClientState, room: RoomState) -> tuple[object, ...]:
    """Give all of a room on which its row depends."""
    partner = person_of(state, room.partner) if room.is_direct else None
    return (
        room.name,
        room.display_name,
        room.kind,
        room.archived,
        room.membership,
        room.unread,
        room.mentions,
        room.notify,
        room.news,
        bool(room.draft.strip()),
        partner and (partner.display_name, partner.status),
    )
