"""The pictures of the open room: which are shown, brought while in view, decoded singly. Tk thread only."""

import tkinter as tk
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from chat_client.engine.client import Client
from chat_client.engine.pictures import told_fault
from chat_client.i18n import _
from chat_client.model.pictures import GIF, PNG, Fault, PictureRefused, Size
from chat_client.model.state import MessageState, RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.look.photos import decode, decoded_kinds, shrunk
from chat_client.ui.room.timeline.placed_pictures import RIM, Placed, framed
from chat_client.ui.room.timeline.view import TimelineView
from chat_client.ui.timer import Timer
from chat_protocol.objects import File

HEIGHT_MAX: Final = 360  # units
#: Larger files are not brought by themselves: they stay a name, which can be opened.
FILE_MAX_BYTES: Final = 16 * 1024 * 1024
#: Pixels of the decoded pictures that are kept, also out of view: what is scrolled back to is there at once.
KEPT_MAX: Final = 16_000_000

#: The small picture of a larger file is shown until the file has come.
PREVIEWED_FROM_BYTES: Final = 256 * 1024

_Key = tuple[str, Size, bool]  # the last: whether it is made from the small picture


class RoomPictures:
    """Fills the places of pictures in the timeline.

    :param opened: called with the file of a picture that is to be opened.
    """

    def __init__(self, look: Look, client: Client, opened: Callable[[File], object]) -> None:
        self._look, self._client, self.open = look, client, opened
        self._timeline: TimelineView | None = None
        self._in_view: list[Placed] = []
        self._images: OrderedDict[_Key, tk.PhotoImage] = OrderedDict()
        self._looking = Timer(look.root, self._look_around)
        self._decoding = Timer(look.root, self._decode_next)

    def serve(self, timeline: TimelineView) -> None:
        """Fill the places of a timeline from now on."""
        self._timeline = timeline
        timeline.paper.size_of = self._size
        timeline.paper.on_places = self.look_soon

    # Which

    def shows(self, file: File) -> bool:
        """Say whether a file stands in the timeline as a picture."""
        return bool(self._stages(file))

    def _stages(self, file: File) -> list[bool]:
        """Return from what a file can be shown, the best first: the whole, or (True) its small picture."""
        stages = []
        whole = file.size <= FILE_MAX_BYTES and self.opens(file) and self._fault(file) is None
        if whole:
            stages.append(False)
        if file.preview and file.width and file.height and not (whole and file.size < PREVIEWED_FROM_BYTES):
            found = self._client.pictures.found(file, preview=True)
            if found is None or found.fault is None:
                stages.append(True)
        return stages

    def opens(self, file: File) -> bool:
        """Say whether a file can be opened in the viewer."""
        return bool(file.id) and file.type in decoded_kinds() and told_fault(file) is None

    def complaint(self, file: File) -> str:
        """Say why a picture is not shown; nothing of what is none, or of a kind that cannot be shown here."""
        fault = self._fault(file) if file.id and file.type in decoded_kinds() | {PNG, GIF} else None
        return _(f"picture.{fault.value}") if fault is not None else ""

    def _fault(self, file: File) -> Fault | None:
        found = self._client.pictures.found(file)
        return found.fault if found is not None else None

    def of_room(self, room: RoomState) -> list[File]:
        """Return the pictures in the messages of a room that are loaded, the oldest first."""
        return [file for message in (*room.messages, *room.pending) for file in self.of(message)]

    def of(self, message: MessageState) -> list[File]:
        """Return the pictures of a message that can be opened."""
        return [file for file in message.files if not message.deleted and self.opens(file)]

    # Places

    def _size(self, file: File, column: int) -> Size:
        """Return how large a picture is shown in a column of a width in pixels."""
        own = Size(file.width or 1, file.height or 1)
        return shrunk(own, column - 2 * RIM, self._look.px(HEIGHT_MAX))

    def look_soon(self) -> None:
        """Bring and show what is in view, once this event has been handled."""
        self._looking.soon()

    def _look_around(self) -> None:
        timeline = self._timeline
        if timeline is None or not timeline.winfo_exists():
            return
        was, self._in_view = self._in_view, timeline.paper.pictures.in_view()
        ids = {placed.file.id for placed in self._in_view}
        for placed in was:
            if placed.file.id not in ids:
                self._client.pictures.leave(placed.file)
        for placed in self._missing():
            stages = self._stages(placed.file)
            keys = [(placed.file.id, placed.size, stage) for stage in stages]
            best = next((place for place, key in enumerate(keys) if key in self._images), len(keys))
            if best < len(keys):
                timeline.paper.pictures.show(placed, self._images[keys[best]])
            for stage in stages[:best]:  # the small one last: the latest wish comes first
                self._client.pictures.want(placed.file, preview=stage)
        self._decode_soon()

    def _missing(self) -> list[Placed]:
        """Return the places in view where the best picture is not shown that there can be."""
        if self._timeline is None:
            return []
        shown = self._timeline.paper.pictures.shown
        missing = []
        for placed in self._in_view:
            stages = self._stages(placed.file)
            best = self._images.get((placed.file.id, placed.size, stages[0])) if stages else None
            if stages and (best is None or shown(placed) is not best):
                missing.append(placed)
        return missing

    def changed(self, file: str) -> None:
        """Show a picture that has come (by its file's id), or say in its place why it is not shown."""
        if self._timeline is not None and any(
            placed.file.id == file and (self._fault(placed.file) is not None or not self.shows(placed.file))
            for placed in self._in_view
        ):
            self._timeline.rewrite(lambda entry: _names(entry.message, file))
        self.look_soon()

    # Decoding

    def _decode_soon(self) -> None:
        """Decode after what the user does: one picture, then what else is due, then the next."""
        if self._next() is not None:
            self._decoding.later(1)

    def _decode_next(self) -> None:
        due = self._next()
        if due is None:
            return
        placed, preview, path = due
        kind = PNG if preview else placed.file.type
        try:
            picture = decode(self._look.root, path, kind, placed.size)
        except PictureRefused as refused:
            self._client.pictures.refuse(placed.file, refused.fault, preview=preview)
            return
        self._images[placed.file.id, placed.size, preview] = framed(self._look, picture, placed.size)
        self._let_go()
        self.look_soon()

    def _next(self) -> tuple[Placed, bool, Path] | None:
        """Return what is to be decoded next: its place, whether it is the small picture, and its file."""
        for placed in self._missing():
            for preview in self._stages(placed.file):
                if (placed.file.id, placed.size, preview) in self._images:
                    break  # what is shown meanwhile is no worse than the others
                found = self._client.pictures.found(placed.file, preview=preview)
                if found is not None and found.path is not None:
                    return placed, preview, found.path
        return None

    def _let_go(self) -> None:
        """Let the longest unseen pictures go when there are too many."""
        for placed in self._in_view:
            for preview in (True, False):
                if (key := (placed.file.id, placed.size, preview)) in self._images:
                    self._images.move_to_end(key)
        pixels = sum(image.width() * image.height() for image in self._images.values())
        while pixels > KEPT_MAX and len(self._images) > max(1, len(self._in_view)):
            gone = self._images.popitem(last=False)[1]
            pixels -= gone.width() * gone.height()
            if self._timeline is not None:
                self._timeline.paper.pictures.take_out(gone)


def _names(message: MessageState | None, file: str) -> bool:
    return message is not None and any(one.id == file for one in message.files)
