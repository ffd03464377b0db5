"""The pictures of people that have come, under the names of their contents; it fetches and decodes none."""

import contextlib
import os
import re
import time
from pathlib import Path
from typing import Final

from chat_client.model.pictures import check_avatar
from chat_protocol.limits import AVATAR_MAX_BYTES

FOLDER: Final = "avatars"
#: More are not kept: those used longest ago go first.
KEPT_MAX: Final = 1_000
_NAME: Final = re.compile("[0-9a-f]{32}")


def read_avatar(path: Path) -> bytes:
    """Return a picture that is small enough to be shown as somebody's.

    :raises PictureRefused: it is no picture, damaged or too large.
    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        picture = file.read(AVATAR_MAX_BYTES + 1)
    check_avatar(picture)
    return picture


class AvatarCache:
    """A folder of small files.

    :param home: the settings folder.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._known: dict[str, Path | None] = {}  # what was looked for, so that drawing asks no disk

    def find(self, name: str) -> Path | None:
        """Return the file of a picture; None where it has not come."""
        if name not in self._known:
            path = self._folder / name
            there = bool(_NAME.fullmatch(name)) and path.is_file()
            if there:
                with contextlib.suppress(OSError):
                    os.utime(path)
            self._known[name] = path if there else None
        return self._known[name]

    def put(self, name: str, picture: bytes) -> None:
        """Keep a picture that has come.

        :raises OSError: the disk does not take it.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / name
        beside = path.with_name(f"{name}.{time.time_ns()}.new")
        beside.write_bytes(picture)
        beside.replace(path)
        self._known[name] = path
        self._let_go()

    def drop(self, name: str) -> None:
        """Throw a picture away that nobody shows any more."""
        path, self._known[name] = self.find(name), None
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()

    def _let_go(self) -> None:
        files = list(self._folder.iterdir())
        if len(files) <= KEPT_MAX:
            return
        for path in sorted(files, key=lambda each: each.stat().st_mtime)[: KEPT_MAX // 10]:
            self._known[path.name] = None
            path.unlink(missing_ok=True)
