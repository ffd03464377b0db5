"""Programs run on any standard streams: in every locale, with pipes closed early, and without a stream."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

import pytest

from chat_protocol.standard_streams import CLOSED_PIPE
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import connected

LOCALES: Final = (
    {"LC_ALL": "C"},
    {"LC_ALL": "xx_YY"},
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C.UTF-8"},
)
TOPIC: Final = "é😀 日本"
Start = Callable[..., ServerProcess]


def _run(*words: str, environ: dict[str, str], shell: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", *words]
    if shell:
        command = ["bash", "-o", "pipefail", "-c", f'"$@" {shell}', "bash", *command]
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    return subprocess.run(command, cwd=ROOT, env=kept | environ, capture_output=True, check=False, timeout=60)


@pytest.fixture
def server(server_process: Start) -> ServerProcess:
    server = server_process(tls=False)
    server.wait_for_output("no console here")
    with connected(server.port, tls=False) as zoe:
        zoe.register("zoe", display_name=TOPIC)
        zoe.ok("send", room="general", body=TOPIC)
    return server


def _words(server: ServerProcess, *words: str) -> list[str]:
    return ["chat_server.admin", "--data-dir", str(server.data_dir), *words]


@pytest.mark.long
def test_admin_program_shows_any_text_in_any_locale(server: ServerProcess) -> None:
    """What users said is shown, escaped where the locale lacks it; words given reach the server as typed."""
    for environ in LOCALES:
        for form in ([], ["--json"]):
            done = _run(*_words(server, *form, "messages", "2h", "general"), environ=environ)
            assert (done.returncode, done.stderr) == (0, b""), (environ, form, done)
        done = _run(*_words(server, "topic", "general", TOPIC), environ=environ)
        assert (done.returncode, done.stderr) == (0, b""), (environ, done)
        with connected(server.port, tls=False) as zoe:
            rooms = zoe.login("zoe")["rooms"]
        assert next(room["topic"] for room in rooms if room["room"] == "Général") == TOPIC, environ


def test_programs_live_with_closed_streams(server: ServerProcess) -> None:
    """A reader that goes early ends a program without a word; one without streams does its work."""
    environ = LOCALES[-1]
    for words in (
        _words(server, "help"),
        _words(server, "--json", "users"),
        ["chat_server.backup", "--help"],
    ):
        done = _run(*words, environ=environ, shell="| true")
        assert (done.returncode, done.stderr) in ((CLOSED_PIPE, b""), (0, b"")), (words, done)
        done = _run(*words, environ=environ, shell="<&- >&- 2>&-")
        assert done.returncode == 0, words
        done = _run(*words, environ=environ, shell="<&-")
        assert (done.returncode, done.stderr) == (0, b""), (words, done)


def test_reader_that_goes_early_has_a_status_of_its_own(server: ServerProcess) -> None:
    """The output goes to a pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", *_words(server, "help")]
    with subprocess.Popen(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == CLOSED_PIPE


def test_password_that_cannot_be_read_is_one_line(server: ServerProcess) -> None:
    """Bytes that the locale cannot read are refused in words."""
    done = _run(
        *_words(server, "create-admin", "boss"),
        environ={"PYTHONIOENCODING": "ascii"},
        shell="<<< 'a pässword to keep'",
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"The input is not text in ascii")
