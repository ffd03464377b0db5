"""Two real windows talk through a real server, over TLS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_client.controller import Controller
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
        controller = Controller(self.home)
        controller.settings.set("language", "en")
        controller.settings.set("desktop_notifications", False)
        self.app = App(controller, Notifier(lambda _command: None), lambda: False)
        self.app.root.geometry("1000x640")

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
        self.app._focus(front)


@pytest.fixture
def together(xvfb: str, tmp_path: Path) -> Iterator[Callable[..., list[Person]]]:
    people: list[Person] = []

    def open_windows(*names: str) -> list[Person]:
        people.extend(Person(tmp_path / name, name) for name in names)
        return people

    yield open_windows
    for person in people:
        if person.app.poll_timer:
            person.app.close()


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
        until(people, lambda person=person: person.app.controller.state.connection.phase == Phase.FINGERPRINT)
        assert person.app.controller.state.connection.fingerprint == server.fingerprint
        until(people, lambda person=person: person.app._fingerprint is not None)
        person.app._fingerprint.trust.invoke()
    until(people, lambda: all(person.main is not None and person.rooms() for person in people))


def test_two_people_talk(together, server_process):
    """Two sign up, talk in Général and in private; what one misses waits, unread."""
    server = server_process()
    zoe, jules = people = together("zoe", "jules")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))
    for person in people:
        person.main.open_room("general")

    zoe.say("Hello **Jules**")
    until(people, lambda: "Hello Jules\n" in jules.timeline())
    jules.say("Hello @zoe")
    until(people, lambda: "Hello @zoe\n" in zoe.timeline())
    until(people, lambda: not zoe.main.view.timeline.paper.tag_ranges("pending"))

    zoe.main.open_direct("jules")
    zoe.say("between us")
    until(people, lambda: jules.rooms().get("zoe") == 1)
    jules.main.open_room("@zoe")
    until(people, lambda: "between us" in jules.timeline())

    jules.app.close()
    zoe.main.open_room("general")
    zoe.say("are you there?")
    until([zoe], lambda: not zoe.main.room.pending and zoe.main.room.last_seq == 3)
    jules.open()
    until(people, lambda: jules.main is not None and jules.main.room is not None)
    jules.look()
    until(people, lambda: "are you there?" in jules.timeline())
    assert [rule.label for rule in jules.main.view.timeline.paper.embedded("n")] == ["New messages"]
    until(people, lambda: jules.main.room.unread == 0)


def test_messages_wait_for_the_server(together, server_process):
    """While the server is gone the window says so and keeps what is written; then it goes out, once."""
    server = server_process()
    [zoe] = people = together("zoe")
    zoe.sign_up(server)
    trust(people, server)
    until(people, lambda: zoe.main.room is not None)
    server.stop()
    until(people, lambda: "Trying again" in zoe.app.status.words)
    zoe.say("is anybody there?")
    until(people, lambda: zoe.main.view.timeline.paper.tag_ranges("pending"))
    server_process(port=server.port)
    zoe.app.status.retry.invoke()
    until(people, lambda: not zoe.main.room.pending and zoe.main.room.messages)
    until(people, lambda: zoe.app.status.words.endswith("encrypted"))
    assert zoe.timeline().count("is anybody there?") == 1


def test_changed_certificate_is_refused(together, server_process, tmp_path):
    """Another certificate at the same place is refused before a password is sent."""
    server = server_process()
    [zoe] = people = together("zoe")
    zoe.app.controller.known_servers.trust(server.host, server.port, ":".join(["AB"] * 32))
    zoe.sign_up(server)
    until(people, lambda: "your password was not sent" in zoe.app.sign_in.message)
    assert zoe.app.sign_in._forget.winfo_manager()
