"""In which order the guide is followed, where, and what must hold; it must not know how machines are made."""

from dataclasses import dataclass
from typing import Final

OLD: Final = "old"
NEW: Final = "new"
SOURCE: Final = "source"


@dataclass(frozen=True, slots=True)
class Step:
    """Blocks of one section, by their numbers.

    :param before: what the reader has by then, and a machine has not: the name of a method of the follower.
    :param check: what must hold afterwards: the name of a method of the follower.
    :param day: the name of the backup that is restored; empty: that of this night.
    :param user: who types.
    """

    machine: str
    section: str
    blocks: tuple[int, ...] = (1,)
    before: str = ""
    check: str = ""
    day: str = ""
    user: str = "tech"


STORY: Final = (
    Step(OLD, "Debian's package", before="release", check="runs_as_chat"),
    Step(OLD, "Backup", check="has_backup"),
    Step(OLD, "Restore", (1, 4), check="runs_as_chat"),
    Step(OLD, "The database", (1, 3, 4, 5, 6), check="uses_mariadb"),
    Step(OLD, "The address", (1, 2, 3), before="firewall", check="is_well"),
    Step(OLD, "Your own certificate", (1, 2, 3), before="certificate", check="has_certificate"),
    Step(OLD, "The first administrator, and an invitation", check="invites"),
    Step(OLD, "The client for colleagues", check="hands_out_client"),
    Step(OLD, "The client for colleagues", (3,), user="colleague", check="two_talk"),
    Step(OLD, "Is it well?", check="is_well"),
    Step(OLD, "Backup", check="has_backup"),
    Step(OLD, "Update", before="newer_release", check="is_newer"),
    Step(OLD, "Go back", check="refuses_newer_database"),
    Step(OLD, "Restore", (2, 3, 4), day="before-update", check="still_said"),
    Step(OLD, "Another machine"),
    Step(NEW, "Debian's package", before="release", check="runs_as_chat"),
    Step(NEW, "Another machine", (2,), before="carry"),
    Step(NEW, "The database", (1, 3)),
    Step(NEW, "Another machine", (3, 4), check="still_said"),
    Step(NEW, "Restore", (2, 3, 4), check="still_said"),
    Step(NEW, "Is it well?", check="promtool_agrees"),
    Step(NEW, "Remove", check="comes_back"),
    Step(NEW, "Remove", (), check="stays_disabled"),
    Step(NEW, "Remove", (2,), check="keeps_data"),
    Step(NEW, "Remove", (3,), check="is_gone"),
    Step(SOURCE, "From the source", before="release", check="runs_as_chat"),
    Step(SOURCE, "From the source", (2,), before="newer_release", check="runs_as_chat"),
    Step(SOURCE, "From the wheel", check="runs_wheel"),
)

#: What is not run, and why: whole blocks by their section and number, lines by their text.
BLOCKS_LEFT_OUT: Final = {
    ("The database", 2): "Debian has no MySQL; the tests of storage run on MySQL and MariaDB",
    ("The client for colleagues", 2): "a window; tests/packages opens it",
}
LINES_LEFT_OUT: Final = {
    "scp move.tar.gz new.example.org:": "no ssh between the machines; the file is carried",
}
