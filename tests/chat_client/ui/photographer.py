"""Takes pictures of a window from the frame buffer that Xvfb keeps in a file; it knows no client's state."""

import os
import select
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_client.ui.app import App
from chat_client.ui.look.raster import encode_png

PATIENCE_S = 30.0


@contextmanager
def screen(folder: Path, size: str) -> Iterator[Path]:
    """Run Xvfb, name it in DISPLAY, and yield the file that holds its picture."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", size, "-dpi", "96", "-nolisten", "tcp"]
    command += ["-nocursor", "-fbdir", str(folder)]
    with subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL) as server:
        os.close(write_end)
        try:
            if not select.select([read_end], [], [], PATIENCE_S)[0]:
                raise RuntimeError("Xvfb did not start")
            os.environ["DISPLAY"] = f":{int(os.read(read_end, 16))}"
            yield folder / "Xvfb_screen0"
        finally:
            os.close(read_end)
            server.terminate()


def picture(buffer: Path, width: int, height: int) -> bytes:
    """Read the upper left part of the screen from its file (the format of ``xwd``) as PNG."""
    data = buffer.read_bytes()
    header = struct.unpack(">25I", data[:100])
    start, stride = header[0] + header[19] * 12, header[12]
    pixels = bytearray()
    for y in range(min(height, header[5])):
        row = data[start + y * stride : start + y * stride + width * 4]
        turned = bytearray(b"\xff" * len(row))
        turned[0::4], turned[1::4], turned[2::4] = row[2::4], row[1::4], row[0::4]
        pixels += turned
    return encode_png(width, min(height, header[5]), bytes(pixels))


class Photographer:
    """One window at a time, and the folder that its pictures go to."""

    def __init__(self, buffer: Path, folder: Path, suffix: str) -> None:
        self._buffer = buffer
        self._folder = folder
        self._suffix = suffix

    def take(self, name: str, app: App, ready: Callable[[], object] = lambda: True) -> None:
        """Let the window run until it is ready and still, then keep its picture."""
        deadline = time.monotonic() + PATIENCE_S
        still_since = time.monotonic()
        # No window manager runs here that would give the window the keyboard.
        app.root.focus_lastfor().focus_force()
        while not ready() or time.monotonic() - still_since < 0.4:
            assert time.monotonic() < deadline, name
            if not ready():
                still_since = time.monotonic()
            app.root.update()
            app.tick()
            time.sleep(0.01)
        path = self._folder / f"{name}{self._suffix}.png"
        path.write_bytes(picture(self._buffer, app.root.winfo_width(), app.root.winfo_height()))
        print(path)
