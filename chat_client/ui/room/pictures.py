"""The pictures of the open room: which are shown, brought while in view, decoded singly. Tk thread only."""

import tkinter as tk
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from chat_client.engine.client import Client
from chat_client.engine.pictures import told_fault
from chat_client.i18n import _
from chat_client.model.pictures import Fault, PictureRefused, Size
from chat_client.model.state import MessageState, RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.look.photos import decode, decoded_kinds, shrunk
from chat_client.ui.room.timeline.picture_frame import PictureFrame
from chat_client.ui.room.timeline.view import TimelineView
from chat_protocol.objects import File

HEIGHT_MAX: Final = 360  # units
#: Larger files are not brought by themselves: they stay a name, which can be opened.
FILE_MAX_BYTES: Final = 16 * 1024 * 1024
#: Decoded pictures that are kept, also out of view: what is scrolled back to is there at once.
KEPT_MAX: Final = 60

_COMPLAINED_OF: Final = ("image/png", "image/gif")


class RoomPictures:
    """Fills the frames of the timeline.

    :param opened: called with the file of a picture that was clicked.
    """

    def __init__(self, look: Look, client: Client, opened: Callable[[File], object]) -> None:
        self._look, self._client, self._opened = look, client, opened
        self._in_view: list[PictureFrame] = []
        self._images: OrderedDict[tuple[str, Size], tk.PhotoImage] = OrderedDict()
        self._decoding = ""
        self._timeline: TimelineView | None = None

    def serve(self, timeline: TimelineView) -> None:
        """Fill the frames of a timeline from now on."""
        self._timeline = timeline
        timeline.paper.frame_of = self.frame

    def open(self, file: File) -> None:
        """Open a picture in the viewer."""
        self._opened(file)

    # Which

    def shows(self, file: File) -> bool:
        """Say whether a file stands in the timeline as a picture."""
        small = file.size <= FILE_MAX_BYTES
        return small and self.opens(file) and self._fault(file) is None

    def opens(self, file: File) -> bool:
        """Say whether a file can be opened in the viewer."""
        return bool(file.id) and file.type in decoded_kinds() and told_fault(file) is None

    def complaint(self, file: File) -> str:
        """Say why a picture is not shown; nothing of what is none, or of a kind that cannot be shown here."""
        fault = self._fault(file) if file.id and file.type in decoded_kinds() | set(_COMPLAINED_OF) else None
        return _(f"picture.{fault.value}") if fault is not None else ""

    def _fault(self, file: File) -> Fault | None:
        found = self._client.pictures.found(file)
        return found.fault if found is not None else None

    # Frames

    def frame(self, parent: tk.Misc, file: File, column: int) -> PictureFrame:
        """Make the place of a picture in a column of a width in pixels; filled when it is in view."""
        room = shrunk(Size(file.width or 1, file.height or 1), column - 2, self._look.px(HEIGHT_MAX))
        made = PictureFrame(parent, self._look, file, room, self._moved, self._opened)
        if (image := self._images.get((file.id, room))) is not None:
            made.show(image)
        return made

    def _moved(self, frame: PictureFrame, in_view: bool) -> None:
        if in_view:
            if frame not in self._in_view:
                self._in_view.append(frame)
            self._client.pictures.want(frame.file)
            self._decode_soon()
        elif frame in self._in_view:
            self._in_view.remove(frame)
            if all(other.file.id != frame.file.id for other in self._in_view):
                self._client.pictures.leave(frame.file)

    def changed(self, file: str) -> None:
        """Show a picture that has come (by its file's id), or say in its place why it is not shown."""
        if self._timeline is not None and any(
            frame.file.id == file and self._fault(frame.file) is not None for frame in self._in_view
        ):
            self._timeline.rewrite(lambda entry: _names(entry.message, file))
        self._decode_soon()

    def _decode_soon(self) -> None:
        """Decode after what the user does: one picture, then what else is due, then the next."""
        if not self._decoding and any(frame.image is None for frame in self._in_view):
            self._decoding = self._look.root.after(1, self._decode_next)

    def _decode_next(self) -> None:
        self._decoding = ""
        for frame in self._in_view:
            if frame.image is None and (image := self._image(frame)) is not None:
                frame.show(image)
                self._decode_soon()
                return

    def _image(self, frame: PictureFrame) -> tk.PhotoImage | None:
        file, key = frame.file, (frame.file.id, frame.shown_size)
        image = self._images.get(key)
        found = self._client.pictures.found(file)
        if image is None and found is not None and found.path is not None:
            try:
                image = decode(self._look.root, found.path, file.type, frame.shown_size)
            except PictureRefused as refused:
                self._client.pictures.refuse(file, refused.fault)
                return None
            self._images[key] = image
            if len(self._images) > KEPT_MAX:
                self._images.popitem(last=False)
        if image is not None:
            self._images.move_to_end(key)
        return image

    def of_room(self, room: RoomState) -> list[File]:
        """Return the pictures in the messages of a room that are loaded, the oldest first."""
        return [file for message in room.messages for file in self.of(message)]

    def of(self, message: MessageState) -> list[File]:
        """Return the pictures of a message that can be opened."""
        return [file for file in message.files if not message.deleted and self.opens(file)]


def _names(message: MessageState | None, file: str) -> bool:
    return message is not None and any(one.id == file for one in message.files)
