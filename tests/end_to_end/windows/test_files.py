"""Files between two windows: a screenshot from the clipboard, and a large file through every kind of end."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.windows.signing_up import sign_up
from tests.end_to_end.windows.window import Window, desk
from tests.support.clipboard import offered
from tests.support.pictures import png
from tests.support.server import ServerProcess
from tests.support.transfers import sha256
from tests.support.waiting import until

LARGE_BYTES = 40_000_000
Start = Callable[..., ServerProcess]

pytestmark = pytest.mark.usefixtures("xvfb")


def to_the_newest_message(window: Window) -> None:
    """Bring the keyboard from the composer to the newest message."""
    window.bring_to_front()
    window.click("Write to Général")
    window.press("Shift-F6", "Up")


def test_screenshot_from_the_clipboard(server_process: Start, tmp_path: Path) -> None:
    """Ctrl+V and Enter; the other sees it, opens it and saves it: the same bytes."""
    server = server_process()
    picture = png(320, 200, (200, 80, 20))
    with desk(tmp_path) as open_window:
        zoe, jules = sign_up(open_window, "Zoé", server), sign_up(open_window, "Jules", server)
        zoe.bring_to_front()
        with offered("image/png", picture):
            zoe.press("Control-v")
            zoe.wait_for(r"[.]png")
        zoe.press("Return")
        jules.wait_for(r"[.]png +[0-9]+ KB")
        to_the_newest_message(jules)
        jules.press("v")
        jules.wait_for("320 × 200")
        saved = tmp_path / "saved.png"
        jules.save_as(saved, "s")
        until(saved.exists)
        assert sha256(saved.read_bytes()) == sha256(picture)
        jules.close()
        zoe.close()


def on_its_way(server: ServerProcess) -> int:
    """Return how much of an upload the server has."""
    return sum(path.stat().st_size for path in (server.data_dir / "files" / "partial").glob("*"))


@pytest.mark.long
@pytest.mark.timeout(180)
def test_file_through_ends_of_server_and_client(server_process: Start, tmp_path: Path) -> None:
    """Both are killed (-9) in the middle of an upload: it goes on, arrives once, and is what it was."""
    server = server_process("--no-limits")
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(LARGE_BYTES))
    before = sha256(path.read_bytes())
    with desk(tmp_path) as open_window:
        zoe, jules = sign_up(open_window, "Zoé", server), sign_up(open_window, "Jules", server)
        zoe.bring_to_front()
        with offered("text/uri-list", f"{path.as_uri()}\r\n".encode()):
            zoe.press("Control-v")
            zoe.wait_for("large[.]bin")
        zoe.press("Return")
        until(lambda: on_its_way(server) >= 1_000_000)
        server.kill()
        path.unlink()  # the client has a copy of its own
        came = on_its_way(server)
        assert came < LARGE_BYTES
        server = server_process("--no-limits", port=server.port)
        until(lambda: on_its_way(server) > came)
        zoe.kill()
        zoe = open_window("Zoé")
        shown = jules.wait_for("large[.]bin +38[.]1 MB")
        assert shown.count("large.bin") == 1
        to_the_newest_message(jules)
        saved = tmp_path / "saved.bin"
        jules.save_as(saved, "s")
        until(saved.exists)
        assert sha256(saved.read_bytes()) == before
        assert on_its_way(server) == 0
        jules.close()
        zoe.wait_for("^Write to Général$")
        zoe.close()
