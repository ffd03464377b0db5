"""Starting the client: its command line, and what it says where there is no Tk or no screen."""

import builtins
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chat_client import __main__ as program
from chat_client import options
from chat_client.options import Options, parse_window_options, start_log, started_by
from chat_protocol.invitations import Invitation
from tests.support.server import ROOT

FINGERPRINT = ":".join(["AB"] * 32)


def parse(tmp_path: Path, *arguments: str) -> Options:
    return parse_window_options(["--home", str(tmp_path / "home"), *arguments])


@pytest.mark.parametrize(
    ("arguments", "invitation"),
    [
        ([], None),
        (["--host", "chat.example"], Invitation("chat.example", 5000)),
        (["--host", "chat.example", "--port", "6000"], Invitation("chat.example", 6000)),
        (["--port", "6000"], Invitation("127.0.0.1", 6000)),
        (["--invite", f"chat://h:1/?fp={'ab' * 32}"], Invitation("h", 1, FINGERPRINT)),
        ([f"chat://h:1/?fp={'ab' * 32}"], Invitation("h", 1, FINGERPRINT)),
    ],
)
def test_options_name_the_server(tmp_path: Path, arguments: list[str], invitation: Invitation | None) -> None:
    """A host, a port or an invitation fill in the first window."""
    assert parse(tmp_path, *arguments).invitation == invitation


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--port", "0"],
        ["--port", "x"],
        ["--invite", "nonsense at all"],
        ["nonsense at all"],
        ["--host", "chat.example", "--insecure"],
        ["--log-level", "loud"],
        ["--nonsense"],
    ],
)
def test_options_that_are_wrong_end_with_status_2(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what is wrong, without a traceback."""
    with pytest.raises(SystemExit) as ended:
        parse(tmp_path, *arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_options_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A settings folder under a file is a mistake of the command line."""
    (tmp_path / "home").write_text("")
    with pytest.raises(SystemExit):
        parse(tmp_path)


def test_options_insecure_is_for_this_machine(tmp_path: Path) -> None:
    """Plain TCP to a loopback address is allowed."""
    options = parse(tmp_path, "--host", "localhost", "--insecure", "--lang", "fr")
    assert (options.insecure, options.language, options.home) == (True, "fr", tmp_path / "home")


@pytest.mark.parametrize(
    ("platform", "words"),
    [("linux", "apt-get install python3-tk"), ("darwin", "brew install python-tk"), ("win32", "tcl/tk")],
)
def test_missing_tk_says_how_to_get_it(platform: str, words: str) -> None:
    """Each platform has its own way, and there is a client without a window."""
    text = program.missing_tk(platform)
    assert words in text
    assert "chat_client.terminal" in text


def test_started_by_is_what_this_copy_is_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the tree, the one file, the wheel's scripts or frozen: each is named as its user types it."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    assert started_by() == "python3 -m chat_client"
    assert started_by(terminal=True) == "python3 -m chat_client.terminal"
    archive = tmp_path / "chat-client.pyz"
    archive.touch()
    with monkeypatch.context() as packed:
        packed.setattr(options, "__file__", str(archive / "chat_client" / "options.py"))
        assert started_by() == "python3 chat-client.pyz"
        assert started_by(terminal=True) == "python3 chat-client.pyz terminal"
    for script in ("chat-client", "chat-terminal"):
        (tmp_path / script).touch()
    assert started_by(terminal=True) == str(tmp_path / "chat-terminal")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "chat-client"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert (started_by(), started_by(terminal=True)) == ("chat-client", "chat-client terminal")


def test_main_without_tk_ends_with_the_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The package may be there and the library under it missing: the import tells."""
    real_import = builtins.__import__

    def without_tk(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] in ("tkinter", "_tkinter"):
            raise ImportError(name)
        return real_import(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_tk)
    assert program.main(["--home", str(tmp_path)]) == 1
    assert "needs Tk" in capsys.readouterr().err


def test_log_goes_to_the_settings_folder(tmp_path: Path) -> None:
    """Support can ask for the file."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        start_log(parse(tmp_path, "--log-level", "info"))
        logging.getLogger("chat.client.test").info("a line")
        assert "a line" in (tmp_path / "home" / "client.log").read_text()
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = before, level


def test_window_without_a_screen_says_so(tmp_path: Path) -> None:
    """Over a plain SSH session there is a sentence instead of a traceback."""
    pytest.importorskip("tkinter", reason="Tk is missing; install it with: sudo apt-get install python3-tk")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "chat_client", "--home", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "no screen" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_window_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C in the terminal of the client is an exit status, and no traceback."""

    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("chat_client.ui.start.run", interrupted)
    monkeypatch.setattr(program, "start_log", lambda options: None)
    assert program.main(["--home", str(tmp_path)]) == program.INTERRUPTED
