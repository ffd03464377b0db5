"""Two people at two windows: from a key press through the database to the other's screen."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.windows.signing_up import sign_up
from tests.end_to_end.windows.window import Window, desk
from tests.support.mariadb import MariaDb
from tests.support.server import ServerProcess

ROWS = """
    SELECT rooms.kind, messages.seq, users.username, messages.body
    FROM messages JOIN rooms ON rooms.id = messages.room_id JOIN users ON users.id = messages.sender_id
    ORDER BY rooms.id, messages.seq
"""


@pytest.mark.long
@pytest.mark.usefixtures("xvfb")
def test_two_windows_talk_and_messages_wait_for_the_one_that_was_closed(
    server_process: Callable[..., ServerProcess],
    database: str | None,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Sign up, talk in a room and privately, close a window, write on, open it again: unread, then read."""
    server = server_process(database=database)
    with desk(tmp_path) as open_window:
        zoe = sign_up(open_window, "Zoé", server)
        jules = sign_up(open_window, "Jules", server)
        talk_in_the_first_room(zoe, jules)
        talk_privately(zoe, jules)
        jules.close()
        write_to_the_absent(zoe)
        jules = open_window("Jules")
        find_what_waited(jules)
        jules.close()
        zoe.close()
        assert stored(server, database, request) == [
            ("public", "1", "Zoé", "good morning"),
            ("public", "2", "Jules", "Ça va, Zoé ? 🎉"),
            ("public", "3", "Zoé", "the meeting is at 3"),
            ("direct", "1", "Jules", "Entre nous : été à l’Île-d’Yeu 🌊"),
            ("direct", "2", "Zoé", "Œuf corse"),
            ("direct", "3", "Zoé", "still there?"),
            ("direct", "4", "Zoé", "à demain 👋"),
        ]


def talk_in_the_first_room(zoe: Window, jules: Window) -> None:
    """Zoé types in the arrival room, Jules answers; neither sees anything unread for long."""
    zoe.bring_to_front()
    zoe.type("good morning")
    zoe.press("Return")
    jules.wait_for("^good morning$", r"^\(1\) Général", "^Général  1$")
    jules.bring_to_front()
    jules.wait_for("^Général$")
    jules.wait_until_gone(r"^\(1\)")
    jules.write("Ça va, Zoé ? 🎉")
    zoe.wait_for("^Ça va, Zoé [?] (🎉|:party_popper:)")


def talk_privately(zoe: Window, jules: Window) -> None:
    """Jules finds Zoé by name and writes to her; she sees it come, opens it and answers."""
    jules.press("Control-k")
    jules.type("zo")
    jules.wait_for("^@Zoé$")
    jules.press("Return")
    jules.wait_for("^Write to Zoé$")
    jules.write("Entre nous : été à l’Île-d’Yeu 🌊")
    zoe.wait_for("^Jules  1$")
    zoe.bring_to_front()
    zoe.click("Jules")
    zoe.wait_for("^Entre nous : été à l’Île-d’Yeu (🌊|:water_wave:)", "^Write to Jules$")
    zoe.wait_until_gone("^Jules  1$")
    zoe.write("Œuf corse")
    jules.wait_for("^Œuf corse$", r"^\(1\) Zoé")
    jules.bring_to_front()
    jules.wait_until_gone(r"^\(1\)")


def write_to_the_absent(zoe: Window) -> None:
    """Zoé sees that Jules has gone, and writes two messages to him and one into the room."""
    zoe.wait_for("^Offline$")
    zoe.bring_to_front()
    zoe.write("still there?")
    zoe.write("à demain 👋")
    zoe.click("Général")
    zoe.wait_for("^Write to Général$")
    zoe.write("the meeting is at 3")
    zoe.wait_for("^the meeting is at 3")


def find_what_waited(jules: Window) -> None:
    """Without a question the window signs in again where it was left; what is read is unread no more."""
    jules.wait_for(r"^\(3\) ", "^Général  1$", "^Zoé  2$")
    jules.bring_to_front()
    shown = jules.wait_for("^Write to Zoé$", "^à demain (👋|:waving_hand_sign:)", r"^\(1\) Zoé")
    bodies = ["Entre nous", "Œuf corse", "still there?", "à demain"]
    assert re.findall("|".join(map(re.escape, bodies)), shown) == bodies
    jules.click("Général")
    jules.wait_for("^the meeting is at 3$", "^Général$")
    jules.wait_until_gone(r"^Zoé  \d+$|^\(\d")


def stored(
    server: ServerProcess, database: str | None, request: pytest.FixtureRequest
) -> list[tuple[str, ...]]:
    """Look the messages up: in MariaDB by its own client program, in SQLite's file directly."""
    if database is None:
        connection = sqlite3.connect(f"file:{server.data_dir / 'chat.db'}?mode=ro", uri=True)
        try:
            return [tuple(map(str, row)) for row in connection.execute(ROWS)]
        finally:
            connection.close()
    mariadb: MariaDb = request.getfixturevalue("mariadb")
    shown = mariadb.sql(f"SET NAMES utf8mb4; {ROWS}", database.rpartition("/")[2])
    return [tuple(line.split("\t")) for line in shown.splitlines()]
