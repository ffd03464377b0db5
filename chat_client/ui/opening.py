"""Opens a file with the system's program for it, where its kind does no harm; it must not know messages."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from chat_client.engine.client import Client
from chat_client.store.attachments import save_copy
from chat_client.store.files import make_private_folder
from chat_client.store.saving import free_path, safe_name
from chat_protocol.errors import ChatError
from chat_protocol.objects import File

#: What is opened, and the ending under which it is: the system chooses the program by that, and never
#: runs what has one of these.
ENDINGS: Final = {
    "image/png": ".png",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
_KEPT_S: Final = 24 * 3600.0


def is_harmless(file: File) -> bool:
    """Say whether a file may be opened: by what its bytes are, whatever its name says."""
    return file.type in ENDINGS


def open_outside(client: Client, file: File, failed: Callable[[], object]) -> None:
    """Bring a harmless file and open a copy of it.

    :param failed: called where that is not possible.
    """

    def brought(error: ChatError | None) -> None:
        found = client.files.cached(file)
        if error is not None or found is None:
            failed()
            return
        try:
            start(copy_to_open(client.home / "opened", found, file))
        except OSError:
            failed()

    client.files.bring(file, brought)


def copy_to_open(folder: Path, found: Path, file: File) -> Path:
    """Make the copy that is opened: its ending is that of its kind. What is older than a day goes.

    :raises OSError: it cannot be written.
    """
    make_private_folder(folder)
    for old in folder.iterdir():
        with contextlib.suppress(OSError):  # still open in its program, or gone: another day
            if time.time() - old.stat().st_mtime > _KEPT_S:
                old.unlink()
    stem = Path(safe_name(file.name)).stem
    target = free_path(folder, f"{stem}{ENDINGS[file.type]}")
    save_copy(found, target)
    target.chmod(0o600)
    return target


def start(path: Path) -> None:
    """Have the system open a file, without waiting for it.

    :raises OSError: it has no program for that.
    """
    if sys.platform == "win32":
        os.startfile(path)
    else:
        command = "open" if sys.platform == "darwin" else "xdg-open"
        nothing = subprocess.DEVNULL
        subprocess.Popen([command, str(path)], stdin=nothing, stdout=nothing, stderr=nothing)
