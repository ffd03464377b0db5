"""People at real windows, for the tests that let them talk through a real server."""

import time
from collections.abc import Callable
from pathlib import Path

from chat_client.engine.client import Client
from chat_client.model.state import Phase
from chat_client.ui.app import App
from chat_client.ui.notify import Notifier

PASSWORD = "correct horse battery"
TIMEOUT_S = 30.0


class Person:
    """Somebody at a window."""

    def __init__(self, home: Path, name: str) -> None:
        self.home, self.name = home, name
        self.open()

    def open(self) -> None:
        client = Client(self.home)
        client.settings.set("language", "en")
        client.settings.set("desktop_notifications", False)
        self.app = App(client, Notifier(lambda _command: None), lambda: False)
        self.app.root.geometry("1000x640")

    def close(self) -> None:
        """Close the window."""
        self.app.close()

    @property
    def main(self):
        return self.app.main

    def timeline(self) -> str:
        return self.main.view.timeline.paper.get("1.0", "end") if self.main is not None else ""

    def rooms(self) -> dict[str, int]:
        """The rooms at the left with their badges."""
        return {row.title: row.badge for row in self.main.rooms.list.rows} if self.main is not None else {}

    def visible(self) -> str:
        status = self.app.status.words if self.main is not None else self.app.sign_in.message
        return f"{self.name}: {status!r}, {self.rooms()}\n{self.timeline()[-500:]}"

    def sign_up(self, server) -> None:
        """Fill in the form and press its button."""
        view = self.app.sign_in
        view.mode.set("up")
        view._switch_mode()
        for field, value in (
            (view.host, server.host), (view.port, str(server.port)), (view.name, self.name),
            (view.password, PASSWORD), (view.repeat, PASSWORD),
        ):  # fmt: skip
            field.set(value)
        view.button.invoke()

    def say(self, body: str) -> None:
        """Type a message and press Return."""
        field = self.main.view.composer.text
        field.focus_force()
        self.app.root.update()
        field.insert("insert", body)
        field.event_generate("<Return>")

    def look(self, front: bool = True) -> None:
        """Bring the window to the front, or put it behind."""
        self.app.attention.focus(front)


def until(people: list[Person], happened: Callable[[], object]) -> None:
    """Let all windows run until something is seen."""
    deadline = time.monotonic() + TIMEOUT_S
    while not happened():
        assert time.monotonic() < deadline, "\n\n".join(person.visible() for person in people)
        for person in people:
            if person.app.poll_timer:
                person.app.root.update()
                person.app.tick()
        time.sleep(0.005)


def trust(people: list[Person], server) -> None:
    """Compare the fingerprint with the server's own, and trust it."""
    for person in people:
        until(people, lambda person=person: person.app.client.state.connection.phase == Phase.FINGERPRINT)
        assert person.app.client.state.connection.fingerprint == server.fingerprint
        until(people, lambda person=person: person.app._fingerprint is not None)
        person.app._fingerprint.trust.invoke()
    until(people, lambda: all(person.main is not None and person.rooms() for person in people))
