"""The program's own picture, for the taskbar: drawn, so that no file has to be found. Tk thread only."""

import base64
import tkinter as tk

from chat_client.ui.look.look import Look
from chat_client.ui.look.raster import Mask, paint

SIZE = 64


def application_icon(root: tk.Misc, look: Look, unread: bool = False) -> tk.PhotoImage:
    """Draw two speech bubbles, one behind the other; with a dot where something is unread."""
    back, front, lines = Mask(SIZE, SIZE), Mask(SIZE, SIZE), Mask(SIZE, SIZE)
    back.rounded_rectangle(20, 6, 62, 38, 11)
    front.rounded_rectangle(2, 18, 50, 50, 12)
    front.stroke([(14, 46), (12, 58), (24, 48)], 6)
    for y, right in ((29, 38), (39, 28)):
        lines.stroke([(14, y), (right, y)], 4)
    layers = [(back, look.palette.mention), (front, "#14695a"), (lines, "#ffffff")]
    if unread:
        rim, dot = Mask(SIZE, SIZE), Mask(SIZE, SIZE)
        rim.rounded_rectangle(34, 0, 64, 30, 15)
        dot.rounded_rectangle(37, 3, 61, 27, 12)
        layers += [(rim, "#ffffff"), (dot, "#c62828")]
    data = paint(layers)
    return tk.PhotoImage(master=root, data=base64.b64encode(data))
