"""A private room at three real windows: two talk in it, the third has no trace of it anywhere.

Nor does anything of it come to who was removed, after that.
"""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end.windows.memory import remembered
from tests.end_to_end.windows.signing_up import sign_up
from tests.end_to_end.windows.window import Window, desk
from tests.support.cutting_proxy import CuttingProxy
from tests.support.server import ServerProcess
from tests.support.wire import PASSWORD, WireClient, connect

TITLE: Final = "Nightshade project"
SECRET: Final = "the velvet lantern is lit"
ANSWER: Final = "a copper kettle as well"
LATER: Final = "an ivory button was lost"
DRAFT: Final = "half a sentence about"
MESSAGES: Final = 150  # several pages of history

Start = Callable[..., ServerProcess]

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("xvfb")]


class Stranger:
    """The third window, and all places where it could have something of the room."""

    def __init__(self, window: Window, home: Path, proxy: CuttingProxy) -> None:
        self.window, self._home, self._proxy = window, home, proxy

    def has(self, *words: str) -> list[str]:
        """Return which texts stand on its screen, in its memory, in its folder, or came over the wire."""
        files = [path.read_bytes() for path in self._home.rglob("*") if path.is_file()]
        kept = [*files, bytes(self._proxy.answers), self.window.wait_for("").encode()]
        found = [word for word in words if any(word.encode() in data for data in kept)]
        return [*found, *remembered(self.window.process.pid, words)]

    def goes_by_name(self) -> None:
        """Try the quick way to any room."""
        self.window.bring_to_front()
        self.window.press("Control-k")
        self.window.type("nightsh")
        self.window.wait_for("^Nothing has that name")
        self.window.press("Escape")

    def searches(self) -> None:
        """Search for a word that was said in the room."""
        self.window.press("Control-f")
        self.window.wait_for("^Words, or from:zoe")
        self.window.type("lantern")
        self.window.press("Return")
        self.window.wait_for("^Nothing found")


def make_room(zoe: Window) -> None:
    """Make the room as a user does, with Jules in it."""
    zoe.bring_to_front()
    zoe.press("Control-k")
    zoe.type("new room")
    zoe.wait_for("^New room…")
    zoe.press("Return")
    zoe.wait_for("^Who may enter$")
    zoe.paste(TITLE)
    zoe.click("@Jules")
    zoe.wait_for("^1 person")
    zoe.click("Create the room")
    zoe.wait_for(f"^Write to {TITLE}$")


def talk(zoe: Window, jules: Window) -> None:
    """Both write, and read each other."""
    zoe.write(SECRET)
    jules.bring_to_front()
    jules.click(TITLE)
    jules.wait_for(f"^{SECRET}", f"^Write to {TITLE}$")
    jules.write(ANSWER)
    zoe.wait_for(f"^{ANSWER}")


def read_and_write(zoe: WireClient, jules: Window, room: str) -> None:
    """Let there be a long history, of which Jules reads an old part with a message half written."""
    for number in range(MESSAGES):
        zoe.ok("send", room=room, body=f"line {number}")
    jules.wait_for(f"^line {MESSAGES - 1}$")
    jules.bring_to_front()
    jules.type(DRAFT)
    jules.press("Shift-F6", "Home", "Prior", "Prior")
    jules.wait_for(f"^{DRAFT}$")


@pytest.mark.timeout(180)
def test_private_room_is_its_members_alone(server_process: Start, tmp_path: Path) -> None:
    """Before, during and after: nothing on the third screen, in its memory, its folder, nor on its wire."""
    server = server_process("--no-limits", tls=False)
    proxy = CuttingProxy(server.port, 1, gentle=True, keep=True)
    with closing(proxy), ExitStack() as at_end, desk(tmp_path) as open_window:
        zoe, jules = (sign_up(open_window, name, server) for name in ("Zoé", "Jules"))
        nadia = sign_up(open_window, "Nadia", server, port=proxy.port)
        stranger = Stranger(nadia, tmp_path / "Nadia", proxy)
        assert stranger.has(TITLE, SECRET) == []
        make_room(zoe)
        talk(zoe, jules)
        other = at_end.enter_context(closing(connect(server.port, tls=False)))
        rooms = other.login("Zoé", PASSWORD)["rooms"]
        (place,) = [room for room in rooms if room["room"].startswith(TITLE)]
        words = (TITLE, SECRET, ANSWER, place["room"], place["id"])
        assert set(words) <= set(remembered(jules.process.pid, words))
        stranger.goes_by_name()
        read_and_write(other, jules, place["id"])
        assert stranger.has(*words) == []

        other.ok("room.remove", room=place["id"], username="Jules", reason="you moved on")
        shown = jules.wait_for(rf"^You are no longer a member\s+of “{TITLE}”", "^you moved on$", DRAFT)
        assert f"Write to {TITLE}" not in shown
        zoe.bring_to_front()
        zoe.write(LATER)
        zoe.wait_for(f"^{LATER}")
        jules.bring_to_front()
        jules.click("Copy it")
        jules.click("Go on")
        jules.wait_for("^Write to Général$")
        jules.press("Control-v")
        jules.wait_for(f"^{DRAFT}$")
        jules.wait_until_gone(f"^{TITLE}")
        assert remembered(jules.process.pid, (LATER,)) == []
        stranger.goes_by_name()
        stranger.searches()
        assert stranger.has(*words, LATER, "line 77") == []
        for window in (nadia, jules, zoe):
            window.close()
