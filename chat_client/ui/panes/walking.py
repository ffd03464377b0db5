"""Where F6 takes the keyboard: rooms, timeline, composer, then the pane at the right; it shows no pane."""

import tkinter as tk

from chat_client.ui.panes.members_pane import MembersPane
from chat_client.ui.panes.pane_head import ListPane
from chat_client.ui.panes.rooms_pane import RoomsPane
from chat_client.ui.panes.search_pane import SearchPane
from chat_client.ui.room.room_view import RoomView


def walk(
    step: int,
    rooms: RoomsPane,
    view: RoomView,
    *asides: MembersPane | SearchPane | ListPane,
) -> None:
    """Take the keyboard to the next pane, or the one before."""
    stops: list[tk.Misc] = [rooms.list.canvas, view.timeline.paper, view.composer.text]
    for pane in asides:
        if pane.winfo_ismapped() and pane.list.winfo_ismapped():
            stops.append(pane.entry if isinstance(pane, SearchPane) else pane.list.canvas)
    present = view.focus_get()
    at = stops.index(present) if present in stops else -1
    target = stops[(at + step) % len(stops)]
    target.focus_set()
    if target is view.timeline.paper:
        view.actions.move_cursor(0)
