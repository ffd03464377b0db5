"""As whom a command may be run that the system has just refused; it must not know what the command does."""

import contextlib
import grp
import os
import pwd
import stat
from pathlib import Path


def reason_of(error: Exception, path: Path) -> str:
    """Return why a file or folder cannot be used: what the system says, and as whom it can be."""
    said = str(getattr(error, "strerror", None) or error)
    user = user_of(path) if isinstance(error, PermissionError) else ""
    return f"{said}; put `sudo -u {user}` before the command" if user else said


def user_of(path: Path) -> str:
    """Return the user who may use a file or folder, or nothing when that is this one, or nobody can tell.

    What is root's and may be read by a group is for the server, whose user has a group of the same name.
    """
    for place in (path, *path.parents):
        with contextlib.suppress(OSError, KeyError):
            found = place.stat()
            user = pwd.getpwuid(found.st_uid)
            if found.st_uid == 0 and found.st_mode & stat.S_IRGRP and found.st_gid != 0:
                with contextlib.suppress(KeyError):
                    user = pwd.getpwnam(grp.getgrgid(found.st_gid).gr_name)
            return "" if user.pw_uid == os.geteuid() else user.pw_name
    return ""
