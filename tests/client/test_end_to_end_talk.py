"""Two people and a real server over TLS: what one says the other reads, once and in order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from chat_client.model.changes import SignedIn
from chat_client.model.state import Phase, Status
from tests.client.live import PASSWORD, all_until, clients
from tests.support.server import ROOT, ServerProcess

Start = Callable[..., ServerProcess]


def test_two_people_talk_in_a_room_and_privately(server_process: Start, tmp_path: Path) -> None:
    """Messages, a private conversation and its unread count, edits and reactions."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules") as (zoe, jules):
        zoe.sign_up(server).open("general")
        jules.sign_up(server).open("general")
        zoe.controller.send("general", "bonjour @jules 👋")
        both = [zoe, jules]
        all_until(both, lambda: jules.bodies("general") == ["bonjour @jules 👋"])
        assert jules.room("general").mentions == 1
        jules.controller.react("general", 1, "👍")
        zoe.until(lambda: zoe.room("general").pending == [])
        zoe.controller.edit("general", 1, "bonjour Jules")
        all_until(
            both, lambda: jules.bodies("general") == ["bonjour Jules"] and zoe.room("general").last_seq == 3
        )
        assert zoe.room("general").messages[0].reactions == {"👍": ("jules",)}
        key = jules.controller.direct("Zoé")
        jules.controller.send(key, "entre nous")
        all_until(both, lambda: "@jules" in zoe.state.rooms and zoe.room("@jules").unread == 1)
        assert zoe.bodies("@jules") == ["entre nous"]


def test_paste_of_two_hundred_lines_arrives_once_and_in_order(server_process: Start, tmp_path: Path) -> None:
    """200 messages at once, then one of 4,000 characters of emoji."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules") as (zoe, jules):
        zoe.sign_up(server)
        jules.sign_up(server)
        said = [f"line {number}" for number in range(200)] + ["😀" * 4000]
        for body in said:
            zoe.controller.send("general", body)
        all_until([zoe, jules], lambda: len(jules.room("general").messages) >= len(said))
        zoe.until(lambda: not zoe.room("general").pending)
        assert jules.bodies("general") == said
        assert zoe.bodies("general") == said


def test_who_was_away_finds_the_messages_unread(server_process: Start, tmp_path: Path) -> None:
    """A closed client shows at its next start what was said meanwhile."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules") as (zoe, jules):
        zoe.sign_up(server)
        jules.sign_up(server)
        jules.controller.close()
        for number in range(60):
            zoe.controller.send("general", f"news {number}")
        zoe.until(lambda: not zoe.room("general").pending)
        jules.restart()
        jules.until(lambda: "general" in jules.state.rooms and jules.room("general").messages)
        assert jules.room("general").unread == 60
        jules.open("general")
        jules.controller.mark_read("general")
        jules.until(lambda: not jules.room("general").unread)
        jules.controller.load_older("general")
        jules.until(lambda: jules.room("general").at_start)
        assert jules.bodies("general") == [f"news {number}" for number in range(60)]


def test_two_clients_of_one_person_show_the_same(server_process: Start, tmp_path: Path) -> None:
    """What is said on one is one's own on the other; what is read on one is read on the other."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules") as (zoe, jules), clients(tmp_path / "second", "zoe") as (second,):
        zoe.sign_up(server)
        jules.sign_up(server)
        second.controller.known_servers.trust(server.host, server.port, server.fingerprint or "")
        second.controller.sign_in(server.host, server.port, "ZOE", PASSWORD)
        second.until_online()
        people = [zoe, second, jules]
        zoe.controller.send("general", "from my desk")
        jules.controller.send("general", "hello")
        all_until(people, lambda: all(len(person.room("general").messages) == 2 for person in people))
        assert [message.mine for message in second.room("general").messages].count(True) == 1
        assert second.room("general").unread == 1
        zoe.controller.mark_read("general")
        all_until(people, lambda: second.room("general").unread == 0)


def test_join_leave_and_ask_to_join(server_process: Start, tmp_path: Path) -> None:
    """A public room opens at once, a moderated one waits; a stranger to a room cannot write there."""
    server = server_process()
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        zoe.controller.join("blabla")
        zoe.controller.join("marketing", "I work there")
        zoe.until(lambda: zoe.room("blabla").joined and zoe.room("marketing").membership == "pending")
        zoe.controller.send("blabla", "anybody?")
        zoe.until(lambda: zoe.bodies("blabla") == ["anybody?"])
        zoe.controller.leave("blabla")
        zoe.until(lambda: not zoe.room("blabla").joined)
        zoe.controller.send("blabla", "still there?")
        zoe.until(lambda: [m.status for m in zoe.room("blabla").pending] == [Status.REFUSED])
        assert zoe.room("blabla").pending[0].error == "not_a_member"


def test_changed_certificate_gets_no_password(server_process: Start, tmp_path: Path) -> None:
    """A server that shows another certificate than the first time is refused, with the reason."""
    server = server_process()
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        pins = zoe.controller.known_servers
        zoe.controller.log_out()
        pins.trust(server.host, server.port, "AB" * 32)
        zoe.controller.sign_in(server.host, server.port, "zoe", PASSWORD)
        zoe.until(lambda: zoe.state.connection.phase == Phase.REFUSED)
        assert zoe.state.connection.code == "fingerprint_changed"
        assert zoe.state.connection.fingerprint == server.fingerprint


def test_wrong_password_is_refused_and_the_right_one_lets_in(server_process: Start, tmp_path: Path) -> None:
    """The same client goes from the refusal to the sign-in."""
    server = server_process()
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        zoe.controller.log_out()
        zoe.controller.sign_in(server.host, server.port, "zoe", "not the password")
        zoe.until(lambda: zoe.state.connection.phase == Phase.REFUSED)
        assert zoe.state.connection.code == "invalid_credentials"
        zoe.changes.clear()
        zoe.controller.sign_in(server.host, server.port, "zoe", PASSWORD)
        zoe.until_online()
        assert SignedIn(fresh=True) in zoe.changes


def test_terminal_client_talks_with_the_other_clients(server_process: Start, tmp_path: Path) -> None:
    """The program for terminals signs up, says what it reads from its input, and ends."""
    server = server_process()
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server).open("general")
        program = [sys.executable, "-m", "chat_client.terminal", f"{server.host}:{server.port}"]
        done = subprocess.run(
            [*program, "--user", "jules", "--register", "--home", str(tmp_path / "jules")],
            input="yes\nhello from a terminal\n//not a command\n/msg zoe psst\n/nonsense\n",
            env={"CHAT_PASSWORD": PASSWORD, "PATH": "", "PYTHONUTF8": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "there is no /nonsense" in done.stdout
        zoe.until(lambda: zoe.bodies("general") == ["hello from a terminal", "/not a command"])
        zoe.until(lambda: "@jules" in zoe.state.rooms and zoe.bodies("@jules") == ["psst"])
