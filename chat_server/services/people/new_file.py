"""A file for an administrator, on the server's machine; it must not know what is written there."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from chat_protocol.errors import ChatError, ErrorCode


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Give a file that is there whole when the block ends, and not at all when it fails.

    Only the server's user may read it.

    :raises ChatError: `bad_request` when it is there already, or cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        if path.exists():
            raise ChatError(ErrorCode.BAD_REQUEST, f"{path} is there already.")
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise ChatError(ErrorCode.BAD_REQUEST, f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
