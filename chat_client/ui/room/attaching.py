"""The files that go with the next message: chosen, listed above the composer, taken off; Tk thread only.

It sends through the client; what becomes of a file then is shown by the timeline.
"""

import contextlib
import tkinter as tk
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tkinter import filedialog, ttk

from chat_client.engine.client import Client
from chat_client.file_words import size_words
from chat_client.i18n import _, error_text
from chat_client.model.pictures import SentPicture
from chat_client.ui.look.look import Look
from chat_client.ui.look.previews import sent_picture
from chat_client.ui.room.composer import Composer
from chat_client.ui.room.pasting import clipboard_files, keep
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import fit, icon_button
from chat_client.ui.widgets.words import Words
from chat_protocol.limits import FILES_MAX


class Attaching:
    """The files of each room's next message, and the bar that lists those of the room shown.

    :param editing: says whether the composer changes a message that was sent, which takes no files.
    """

    def __init__(
        self, look: Look, client: Client, composer: Composer, editing: Callable[[], bool] = lambda: False
    ) -> None:
        self._look, self._client, self._composer, self._editing = look, client, composer, editing
        self._waiting: dict[str, list[Path]] = {}
        #: What is known of the files as pictures, by path and by what tells that a file has changed.
        self._pictures: dict[tuple[Path, int], SentPicture | None] = {}
        self._looking = Timer(look.root, self._look_at_next)
        self._room = ""
        composer.on_attach, composer.on_paste = self.choose, self.paste
        composer.takes_file, composer.on_text_file = self.takes_one, self.add_text
        self.bar = ttk.Frame(composer, style="Paper.TFrame")

    @property
    def paths(self) -> list[Path]:
        """The files that go with the next message of the room shown."""
        return list(self._waiting.get(self._room, ()))

    def show_room(self, room: str) -> None:
        """List what is attached in another room (by its key)."""
        self._room = room
        self._draw()

    def choose(self) -> None:
        """Let the user choose files."""
        if not self._client.files.available:
            self._composer.notice(error_text("files_off"))
            return
        names = filedialog.askopenfilenames(parent=self._composer, title=_("attach.title"))
        self.add(Path(name) for name in names or ())

    def drop(self, paths: list[Path]) -> None:
        """Attach files that were dropped onto the room."""
        if not self._client.files.available:
            self._composer.notice(error_text("files_off"))
        elif paths and self._room and not self._editing():
            self.add(paths)

    def paste(self) -> bool:
        """Attach the files or the picture on the clipboard; False where there are none, or may be none."""
        if not self._client.files.available:
            return False
        found = clipboard_files(self._composer, self._folder)
        if found:
            self.add(found)
        return bool(found)

    @property
    def _folder(self) -> Path:
        return self._client.home / "pasted"

    @property
    def _most(self) -> int:
        return self._client.state.connection.limits.get("files", FILES_MAX)

    def takes_one(self) -> bool:
        """Say whether the next message takes one more file."""
        return self._client.files.available and not self._editing() and len(self.paths) < self._most

    def add_text(self, text: str) -> bool:
        """Attach a text as a file; False where it cannot be written, which is said."""
        try:
            self.add([keep(self._folder, text.encode("utf-8", "replace"), "txt")])
        except OSError:
            self._composer.notice(_("attach.not_written"))
            return False
        return True

    def add(self, paths: Iterable[Path]) -> None:
        """Attach files to the next message; past the limit of a message they are left out, which is said."""
        kept = self._waiting.setdefault(self._room, [])
        kept += [path for path in dict.fromkeys(paths) if path not in kept]
        if len(kept) > self._most:
            del kept[self._most :]
            self._composer.notice(_("attach.too_many", most=self._most))
        self._look_soon()
        self._draw()
        self._composer.text.focus_set()

    def remove(self, path: Path) -> None:
        """Take a file off again."""
        self._waiting[self._room].remove(path)
        self._draw()
        self._composer.text.focus_set()

    def send(self, room: str, body: str, reply_to: int | None) -> None:
        """Send them with a text or none.

        :raises ChatError: they cannot be sent; they stay attached.
        """
        paths = self.paths
        self._client.files.send(room, paths, body, reply_to, pictures=[self._picture(path) for path in paths])
        self._waiting.pop(room, None)
        self._pictures.clear()
        self._draw()

    # Pictures

    def _look_soon(self) -> None:
        """Look at one file after the other, after what the user does: decoding takes a while."""
        if self._unknown():
            self._looking.later(1)

    def _look_at_next(self) -> None:
        if unknown := self._unknown():
            self._picture(unknown[0])
        self._look_soon()

    def _unknown(self) -> list[Path]:
        return [path for path in self.paths if _version(path) not in self._pictures]

    def _picture(self, path: Path) -> SentPicture | None:
        version = _version(path)
        if version not in self._pictures:
            self._pictures[version] = sent_picture(self._look.root, path)
        return self._pictures[version]

    def _draw(self) -> None:
        for child in self.bar.winfo_children():
            child.destroy()
        paths = self.paths
        for path in paths:
            self._row(path)
        if paths:
            self.bar.pack(fill="x", before=self._composer.box, pady=(0, self._look.px(6)))
        else:
            self.bar.pack_forget()
        self._composer.has_files = bool(paths)

    def _row(self, path: Path) -> None:
        look = self._look
        row = ttk.Frame(self.bar, style="Paper.TFrame", padding=(look.px(2), 0, look.px(2), look.px(2)))
        row.pack(fill="x")
        ttk.Label(row, style="Paper.TLabel", image=look.pictures.icon("clip", "accent_text", 15)).pack(
            side="left", padx=(0, look.px(8))
        )
        close = icon_button(row, look, "close", _("attach.remove"), partial(self.remove, path), size=14)
        close.pack(side="right")
        size = ""
        with contextlib.suppress(OSError):
            size = f"  {size_words(path.stat().st_size)}"
        font = look.mixed("small")
        width = max(look.px(120), self._composer.winfo_width() - look.px(110)) - font.measure(size)
        name = Words(row, look, "Paper.Small", fit(look.line(path.name), font, width) + size, filled=True)
        name.pack(side="left", fill="x", expand=True)


def _version(path: Path) -> tuple[Path, int]:
    """Return what is another when a file has changed."""
    try:
        return path, path.stat().st_mtime_ns
    except OSError:
        return path, 0


def ask_where(parent: tk.Misc, name: str) -> Path | None:
    """Ask where a file of this (safe) name is to be saved; None: nowhere."""
    chosen = filedialog.asksaveasfilename(parent=parent, initialfile=name, title=_("action.save_files"))
    return Path(chosen) if chosen else None


def ask_folder(parent: tk.Misc) -> Path | None:
    """Ask in which folder several files are to be saved; None: in none."""
    chosen = filedialog.askdirectory(parent=parent, mustexist=True, title=_("action.save_files"))
    return Path(chosen) if chosen else None
