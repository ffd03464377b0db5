"""People and a real server over TLS: what one says the others read, once and in order."""

import subprocess
import sys
from pathlib import Path

from chat_client.model.changes import SignedIn
from chat_client.model.state import Phase, Status
from tests.chat_client.live import PASSWORD, Stage, all_until, clients, run_command
from tests.support.server import ROOT, start_server


def test_two_people_talk_in_a_room_and_privately(stage: Stage, tmp_path: Path) -> None:
    """Messages, edits, reactions, and a private conversation with its unread count."""
    with stage.act(tmp_path, "zoe", "jules") as both:
        zoe, jules = both
        zoe.client.rooms.open(None)
        zoe.say(f"bonjour @{jules.name} 👋")
        all_until(both, lambda: jules.heard == [f"bonjour @{jules.name} 👋"])
        assert jules.here.mentions == 1
        jules.client.outbox.react(jules.place, 1, "👍")
        zoe.until(lambda: not zoe.here.pending)
        zoe.client.outbox.edit(zoe.place, 1, "bonjour Jules")
        all_until(both, lambda: jules.heard == ["bonjour Jules"] and zoe.here.last_seq == 3)
        assert zoe.here.messages[0].reactions == {"👍": (jules.name,)}
        key = jules.client.rooms.direct(zoe.name.upper())
        jules.client.outbox.send(key, "entre nous")
        all_until(both, lambda: f"@{jules.name}" in zoe.state.rooms and zoe.bodies(f"@{jules.name}"))
        assert (zoe.bodies(f"@{jules.name}"), zoe.room(f"@{jules.name}").unread) == (["entre nous"], 1)


def test_paste_of_two_hundred_lines_arrives_once_and_in_order(stage: Stage, tmp_path: Path) -> None:
    """200 messages at once, then one of 4,000 characters of emoji."""
    with stage.act(tmp_path, "zoe", "jules") as both:
        zoe, jules = both
        said = [f"line {number}" for number in range(200)] + ["😀" * 4000]
        for body in said:
            zoe.say(body)
        all_until(both, lambda: len(jules.here.messages) >= len(said) and not zoe.here.pending)
        assert jules.heard == said
        assert zoe.heard == said


def test_who_was_away_finds_the_messages_unread(stage: Stage, tmp_path: Path) -> None:
    """A closed client shows at its next start what was said meanwhile."""
    with stage.act(tmp_path, "zoe", "jules") as (zoe, jules):
        jules.client.close()
        for number in range(60):
            zoe.say(f"news {number}")
        zoe.until(lambda: not zoe.here.pending)
        jules.restart()
        jules.until(lambda: jules.place in jules.state.rooms)
        assert jules.here.unread == 60
        jules.open(jules.place)
        jules.until(lambda: jules.here.messages)
        jules.client.history.mark_read(jules.place)
        assert jules.here.unread == 0
        jules.client.history.load_older(jules.place)
        jules.until(lambda: jules.here.at_start)
        assert jules.heard == [f"news {number}" for number in range(60)]


def test_two_clients_of_one_person_show_the_same(stage: Stage, tmp_path: Path) -> None:
    """What is said on one is one's own on the other; what is read on one is read on the other."""
    server = stage.server
    with stage.act(tmp_path, "zoe", "jules") as (zoe, jules), clients(tmp_path / "b", zoe.name) as (second,):
        second.client.known_servers.trust(server.host, server.port, server.fingerprint or "")
        second.client.session.sign_in(server.host, server.port, zoe.name.upper(), PASSWORD)
        second.until_online()
        second.place = zoe.place
        people = [zoe, second, jules]
        zoe.say("from my desk")
        jules.say("hello")
        all_until(people, lambda: all(len(person.here.messages) == 2 for person in people))
        assert [message.mine for message in second.here.messages].count(True) == 1
        assert second.here.unread == 1
        zoe.client.history.mark_read(zoe.place)
        all_until(people, lambda: second.here.unread == 0)


def test_join_leave_and_ask_to_join(stage: Stage, tmp_path: Path) -> None:
    """A public room opens at once, a moderated one waits; a stranger to a room cannot write there."""
    with stage.act(tmp_path, "zoe") as (zoe,):
        zoe.client.rooms.join("marketing", "I work there")
        zoe.until(lambda: zoe.room("marketing").membership == "pending")
        zoe.say("anybody?")
        zoe.until(lambda: zoe.heard == ["anybody?"])
        zoe.client.rooms.leave(zoe.place)
        zoe.until(lambda: not zoe.here.joined)
        zoe.say("still there?")
        zoe.until(lambda: [message.status for message in zoe.here.pending] == [Status.REFUSED])
        assert zoe.here.pending[0].error == "not_a_member"


def test_changed_certificate_gets_no_password(stage: Stage, tmp_path: Path) -> None:
    """A server that shows another certificate than the first time is refused, with the reason."""
    server = stage.server
    with stage.act(tmp_path, "zoe") as (zoe,):
        zoe.client.session.log_out()
        zoe.client.known_servers.forget(server.host, server.port)
        zoe.client.known_servers.trust(server.host, server.port, "AB" * 32)
        zoe.client.session.sign_in(server.host, server.port, zoe.name, PASSWORD)
        zoe.until(lambda: zoe.state.connection.phase == Phase.REFUSED)
        assert zoe.state.connection.code == "fingerprint_changed"
        assert zoe.state.connection.fingerprint == server.fingerprint


def test_wrong_password_is_refused_and_the_right_one_lets_in(stage: Stage, tmp_path: Path) -> None:
    """The same client goes from the refusal to the sign-in."""
    server = stage.server
    with stage.act(tmp_path, "zoe") as (zoe,):
        zoe.client.session.log_out()
        zoe.client.session.sign_in(server.host, server.port, zoe.name, "not the password")
        zoe.until(lambda: zoe.state.connection.phase == Phase.REFUSED)
        assert zoe.state.connection.code == "invalid_credentials"
        zoe.changes.clear()
        zoe.client.session.sign_in(server.host, server.port, zoe.name, PASSWORD)
        zoe.until_online()
        assert SignedIn(fresh=True) in zoe.changes


def test_terminal_client_talks_with_the_other_clients(stage: Stage, tmp_path: Path) -> None:
    """The program for terminals signs up, says what it reads from its input, and ends."""
    server = stage.server
    with stage.act(tmp_path, "zoe") as (zoe,):
        name = zoe.name.replace("zoe", "terminal")
        program = [sys.executable, "-m", "chat_client.terminal", f"{server.host}:{server.port}"]
        lines = ["yes", f"/join {zoe.here.name}", "hello from a terminal", "//not a command"]
        done = subprocess.run(
            [*program, "--user", name, "--register", "--home", str(tmp_path / name)],
            input="\n".join([*lines, f"/msg {zoe.name} psst", "/nonsense", ""]),
            env={"CHAT_PASSWORD": PASSWORD, "PATH": "", "PYTHONUTF8": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "There is no /nonsense" in done.stdout
        zoe.until(lambda: zoe.heard == ["hello from a terminal", "/not a command"])
        zoe.until(lambda: f"@{name}" in zoe.state.rooms and zoe.bodies(f"@{name}") == ["psst"])


def test_announced_certificate_locks_nobody_out(tmp_path: Path) -> None:
    """Who was told of it comes back without a question, and keeps the new pin alone."""
    server = start_server(tmp_path / "data")  # with a certificate that it makes for itself
    try:
        with clients(tmp_path, "zoe") as (zoe,):
            zoe.sign_up(server)
            known, place = zoe.client.known_servers, (server.host, server.port)
            first = known.fingerprint(*place)
            run_command(server, ["certificate", "announce"])
            zoe.until(lambda: known.next_fingerprint(*place))
            announced = known.next_fingerprint(*place)
            run_command(server, ["certificate", "use"])
            run_command(server, ["kill", zoe.name])
            zoe.until(lambda: zoe.state.connection.phase == Phase.REFUSED)
            zoe.restart()
            zoe.until_online()
            assert (known.fingerprint(*place), known.next_fingerprint(*place)) == (announced, "")
            assert announced != first
    finally:
        assert server.stop() == 0
