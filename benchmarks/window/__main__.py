"""The process with the window that is watched: the real program, told what to do by lines on its input.

Each line is a JSON object, and each is answered by one; no load is made here, and nothing is judged.
"""

import json
import logging
import resource
import sys
import time
import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.window.lines import Lines
from benchmarks.window.pulse import Pulse
from chat_client.engine.client import Client
from chat_client.model.keys import key_of
from chat_client.model.state import Phase, RoomState
from chat_client.store.accounts import Account
from chat_client.ui.app import App
from chat_client.ui.notify import Notifier

LOAD_TIMEOUT_S = 300.0
SETTLE_S = 0.5
#: So long are keys waited for that do not stand on the screen when a view ends.
KEYS_TIMEOUT_S = 5.0


class Watched:
    """One window, and what is done with it.

    :param order: where its settings are (`home`); `host`, `port` and the server's `fingerprint` (null: plain
        TCP); `name` and `token`; the `room` whose last `messages` are to be loaded, another room
        (`elsewhere`), and the window's `geometry`.
    """

    def __init__(self, order: dict[str, Any]) -> None:
        self._keys = {name: key_of(order[name]) for name in ("room", "elsewhere")}
        host, port, insecure = order["host"], order["port"], order["fingerprint"] is None
        client = Client(Path(order["home"]), insecure=insecure)
        if not insecure:
            client.known_servers.trust(host, port, order["fingerprint"])
        account = Account(host, port, order["name"], token=order["token"], insecure=insecure)
        client.accounts.keep(account)
        client.settings.set("last_account", account.id)
        self.app = App(client, Notifier(lambda _command: None), lambda: False)
        self.app.root.geometry(order["geometry"])
        self._load(order["messages"])
        assert self.app.main is not None
        self.pulse = Pulse(self.app.main.view.composer.text)
        self.lines = Lines(self.app.main.view.timeline, self.room)

    @property
    def room(self) -> RoomState:
        """The room where it is lively."""
        return self.app.client.state.rooms[self._keys["room"]]

    def _load(self, messages: int) -> None:
        """Sign in, open the room and page up, as somebody does who scrolls to the very top."""
        state = self.app.client.state
        self._until(lambda: state.connection.phase == Phase.ONLINE and self._keys["room"] in state.rooms)
        self._open("room")
        self._until(lambda: bool(self.room.messages))
        began = time.monotonic()
        while len(self.room.messages) < messages and not self.room.at_start:
            self.app.client.history.load_older(self.room.key)
            self._step()
            if time.monotonic() - began > LOAD_TIMEOUT_S:
                raise RuntimeError(f"only {len(self.room.messages)} messages could be loaded")

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LOAD_TIMEOUT_S
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("the window does not get on")
            self._step()

    def _step(self) -> None:
        self.app.root.update()
        self.app.tick()
        time.sleep(0.001)

    def _open(self, which: str) -> None:
        assert self.app.main is not None
        self.app.main.open_room(self._keys[which])

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Begin to record in a certain view, say which lines stand there, or end and say what was found."""
        if order["do"] == "lines":
            return {"stored": self.lines.stored, "cpu_s": time.process_time()}
        if order["do"] == "start":
            began = time.perf_counter()
            self._arrange(order["view"])
            shown_s = time.perf_counter() - began
            # What was just shown may still load what lies around it.
            settled = time.monotonic() + SETTLE_S
            self._until(lambda: time.monotonic() > settled)
            self.pulse.start()
            self.lines.start()
            return {"last_seq": self.room.last_seq, "shown_s": shown_s}
        self._let_come(order["keys"])
        self.pulse.stop()
        return {
            "late_s": self.pulse.late_s,
            "work_s": self.pulse.work_s,
            "shown": self.pulse.shown,
            "messages": len(self.room.messages),
            "last_seq": self.room.last_seq,
            "in_front": self.app.attention.in_front,
            "drawn": len(self.app.main.view.timeline.paper.entries) if self.app.main else 0,
            "cpu_s": time.process_time(),
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }

    def _let_come(self, keys: int) -> None:
        """Wait for so many keys to stand on the screen: those that do not come in time are lost."""
        deadline = time.monotonic() + KEYS_TIMEOUT_S
        while len(self.pulse.shown) < keys and time.monotonic() < deadline:
            self._step()

    def _arrange(self, view: str) -> None:
        """`newest`: at the end; `above`: scrolled up; `elsewhere`: another room."""
        main = self.app.main
        assert main is not None
        self._open("elsewhere" if view == "elsewhere" else "room")
        if view == "above":
            main.view.timeline.show_around(self.room.messages[len(self.room.messages) // 2].seq or 1)
        else:
            main.view.timeline.jump_to_newest()
        main.view.composer.text.focus_force()
        self.app.root.update()


def main() -> None:
    """Obey until the input ends."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    watched = Watched(json.loads(sys.stdin.readline()))
    root = watched.app.root

    def heard(_file: object, _mask: int) -> None:
        line = sys.stdin.readline()
        if line:
            say(watched.obey(json.loads(line)))
        else:
            root.deletefilehandler(sys.stdin)
            watched.app.close()

    root.createfilehandler(sys.stdin, tk.READABLE, heard)
    assert watched.app.main is not None
    say({"window": watched.app.main.view.composer.text.winfo_id(), "messages": len(watched.room.messages)})
    watched.app.run()


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
