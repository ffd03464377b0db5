"""A program is asked about a name and a password: what it is told, and what becomes of its answers."""

import json
import sys
import threading
from pathlib import Path

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.accounts import auth_command
from chat_server.services.accounts.auth_command import AT_A_TIME, AuthCommand, Verdict

SECRET = 'a secret: é "quoted" $(id) \n line'


def program(folder: Path, text: str, timeout_s: float = 20) -> AuthCommand:
    """A program that runs some Python."""
    path = folder / "a program.py"
    path.write_text(f"import json, os, sys\n{text}\n", encoding="utf-8")
    return AuthCommand(f'{sys.executable} -IS "{path}"', timeout_s)


def answering(folder: Path, answer: object) -> AuthCommand:
    """A program that gives one answer."""
    return program(folder, f"print({json.dumps(answer)!r})")


def test_question_and_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program reads one object, and finds the password in neither its arguments nor its environment."""
    monkeypatch.setenv("CHAT_DATABASE", "mysql://chat:of-the-database@localhost/chat")
    seen = tmp_path / "seen"
    command = program(
        tmp_path,
        f"question = json.load(sys.stdin)\n"
        f"seen = [question, open('/proc/self/cmdline').read(), dict(os.environ)]\n"
        f"json.dump(seen, open({str(seen)!r}, 'w'))\n"
        "said = {'ok': True, 'display_name': ' Ada  L. ', 'role': 'moderator', 'rooms': ['A', 7]}\n"
        "print(json.dumps(said))",
    )
    assert command.ask("ada", SECRET, "192.0.2.7") == Verdict("Ada L.", "moderator", ("A",))
    question, arguments, environment = json.loads(seen.read_text())
    assert question == {"name": "ada", "password": SECRET, "address": "192.0.2.7"}
    assert SECRET not in arguments
    assert "of-the-database" not in str(environment)


def test_no(tmp_path: Path) -> None:
    """A wrong password is no verdict."""
    assert answering(tmp_path, {"ok": False, "role": "admin"}).ask("ada", SECRET, "") is None


@pytest.mark.parametrize("name", [None, 7, "", " ", "a\u202eb", "\ud800", "x" * 500])
def test_odd_display_names(tmp_path: Path, name: object) -> None:
    """A name that cannot be shown keeps nobody out."""
    verdict = answering(tmp_path, {"ok": True, "display_name": name}).ask("ada", SECRET, "")
    assert verdict is not None
    assert verdict.display_name in ("", "x" * 60)


@pytest.mark.logged_errors
@pytest.mark.parametrize(
    "text",
    [
        "print('{\"later\": true}')",
        "print('{}')",
        "print('{\"ok\": 1}')",
        'print(\'{"ok": true, "role": "god"}\')',
        "print('yes')",
        "print('[' * 60_000)",
        "print('{\"ok\": true, \"x\": \"' + 'x' * 70_000 + '\"}')",
        "print('{\"ok\": true}'); sys.exit(1)",
        "print(json.load(sys.stdin)['password']); sys.exit(3)",
    ],
)
def test_later(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Whatever is no clear yes or no lets nobody in, is told as "later", and logged without a secret."""
    with pytest.raises(ChatError) as refused:
        program(tmp_path, text).ask("ada", SECRET, "")
    assert refused.value.code == "unavailable"
    assert "sign-ins cannot be checked" in caplog.text
    assert "a secret" not in caplog.text


def test_program_that_cannot_tell_is_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It says so itself: that is a warning, whatever else stands in the answer."""
    for answer in ({"later": True}, {"later": True, "ok": True}):
        caplog.clear()
        with pytest.raises(ChatError, match="try again"):
            answering(tmp_path, answer).ask("ada", SECRET, "")
        assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.logged_errors
def test_answer_has_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer one is not understood."""
    command = AuthCommand("unused", 5)
    answer = b'{"ok": true}'.ljust(auth_command.ANSWER_MAX_BYTES)
    monkeypatch.setattr(command, "_run", lambda _question: answer)
    assert command.ask("ada", SECRET, "") == Verdict()
    monkeypatch.setattr(command, "_run", lambda _question: answer + b" ")
    with pytest.raises(ChatError):
        command.ask("ada", SECRET, "")


@pytest.mark.logged_errors
def test_program_that_takes_too_long(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A program that does not answer is ended."""
    command = program(tmp_path, "import time\ntime.sleep(600)", timeout_s=0.2)
    with pytest.raises(ChatError, match="try again"):
        command.ask("ada", SECRET, "")
    assert "took more than 0.2 s" in caplog.text


@pytest.mark.logged_errors
@pytest.mark.parametrize("command", ["/nowhere/program", '"not closed'])
def test_program_that_is_not_there(command: str) -> None:
    """A program that cannot be started is "later", not a wrong password."""
    with pytest.raises(ChatError, match="try again"):
        AuthCommand(command, 5).ask("ada", SECRET, "")


def test_few_programs_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds no place soon is told "later"; places come back."""
    monkeypatch.setattr(auth_command, "PLACE_WAIT_S", 0.01)
    command = answering(tmp_path, {"ok": True})
    inside, leave = threading.Barrier(AT_A_TIME + 1), threading.Event()

    def run(_question: dict[str, str]) -> bytes:
        inside.wait(20)
        leave.wait(20)
        return b'{"ok": true}'

    monkeypatch.setattr(command, "_run", run)
    threads = [threading.Thread(target=command.ask, args=("ada", "x", "")) for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    inside.wait(20)
    with pytest.raises(ChatError, match="try again"):
        command.ask("zoe", "x", "")
    leave.set()
    for thread in threads:
        thread.join()
    inside = threading.Barrier(1)
    assert command.ask("zoe", "x", "") == Verdict()
