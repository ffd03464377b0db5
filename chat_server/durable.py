"""Makes what was put into a folder outlive a loss of power; it must not know what that is."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Return when the entries of a folder are on the disk, a file renamed into it just now among them."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
