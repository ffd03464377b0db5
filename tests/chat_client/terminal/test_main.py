"""The terminal client's command line: where it goes, how it signs in, and how failures end it."""

import argparse
import getpass
import io
import runpy
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat_client import i18n
from chat_client.engine.client import Client
from chat_client.i18n import error_text
from chat_client.options import Options
from chat_client.store.files import NewerFileError
from chat_client.terminal import __main__ as program
from chat_client.terminal.line_input import LineInput
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Invitation

OFFICE = Invitation("chat.example", 5000)


def _refuse(error: BaseException) -> Any:
    def refused(*_arguments: object, **_options: object) -> None:
        raise error

    return refused


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ChatError("rate_limited", "slowly"), error_text("rate_limited")),
        (EOFError(), "othing was done"),
    ],
)
def test_failed_sign_in_is_told_and_ends_with_status_1(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    words: str,
) -> None:
    """In words, on the stream for errors."""
    monkeypatch.setattr(program, "_sign_in", _refuse(error))
    assert program.main(["127.0.0.1:1", "--home", str(tmp_path)]) == program.FAILED
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""


def test_settings_of_a_later_version_end_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the file is stands in the message."""
    monkeypatch.setattr(program, "Client", _refuse(NewerFileError(tmp_path / "settings.json")))
    assert program.main(["127.0.0.1:1", "--home", str(tmp_path)]) == program.FAILED
    assert "settings.json" in capsys.readouterr().err


def test_invitation_in_the_program_s_own_file_is_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is named; another one that is named comes before it."""
    monkeypatch.setattr(program, "enclosed_invitation", lambda: OFFICE)
    options, _given = program._parse(["--home", str(tmp_path)])
    assert options.invitation == OFFICE
    options, _given = program._parse(["other.example:6000", "--home", str(tmp_path)])
    assert options.invitation == Invitation("other.example", 6000)


def test_server_that_is_not_named_is_a_mistake_on_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing could ask for it; the usage begins with what starts this client."""
    monkeypatch.setattr(program, "enclosed_invitation", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SystemExit) as ended:
        program._parse(["--home", str(tmp_path)])
    assert ended.value.code == 2
    assert "usage: python -m chat_client.terminal " in (told := capsys.readouterr().err)
    assert "the server is missing" in told


class Account:
    """Stands for the client, and for what it remembers; keeps what it is asked for."""

    def __init__(self, token: str = "") -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.accounts = SimpleNamespace(
            get=lambda id_: SimpleNamespace(id=id_, token=token) if token else None
        )
        self.trust = SimpleNamespace(accept_invitation=lambda server: self.asked.append(("trust", server)))
        self.session = SimpleNamespace(
            resume=lambda id_: self.asked.append(("resume", id_)),
            sign_in=lambda *words, **more: self.asked.append(("sign_in", *words, more)),
            sign_up=lambda *words, **more: self.asked.append(("sign_up", *words, more)),
        )


WHO = ("chat.example", 5000, "zoe", "secret")


@pytest.mark.parametrize(
    ("token", "given", "code", "asked"),
    [
        ("t", {}, "", ("resume",)),
        ("t", {"stay": False}, "", ("sign_in", *WHO, {"stay": False})),
        ("t", {"register": True}, "", ("sign_up", *WHO, {"stay": True, "code": ""})),
        ("", {}, "", ("sign_in", *WHO, {"stay": True})),
        ("", {}, "c0de", ("sign_up", *WHO, {"stay": True, "code": "c0de"})),
    ],
)
def test_sign_in_takes_the_kept_token_or_the_password(
    monkeypatch: pytest.MonkeyPatch, token: str, given: dict[str, bool], code: str, asked: tuple[Any, ...]
) -> None:
    """A new account, or a sign-in that is not kept, asks for the password though there is a token."""
    monkeypatch.setenv("CHAT_PASSWORD", "secret")
    account = Account(token)
    words = argparse.Namespace(**{"user": "zoe", "stay": True, "register": False, **given})
    program._sign_in(cast(Client, account), Invitation("chat.example", 5000, code=code), words)
    trusted, found = account.asked
    assert trusted == ("trust", Invitation("chat.example", 5000, code=code))
    assert found[: len(asked)] == asked


def test_new_password_is_asked_for_until_it_is_the_same_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody sees what he types, and a slip would lock him out; one that signs in is asked once."""
    typed = iter(["long enough 1", "long enough 2", "long enough", "long enough", "the only one"])
    monkeypatch.delenv("CHAT_PASSWORD", raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda _question: next(typed))
    account = Account("")
    for register in (True, False):
        words = argparse.Namespace(user="zoe", stay=True, register=register)
        program._sign_in(cast(Client, account), Invitation("chat.example", 5000), words)
    assert [asked[4] for asked in account.asked if asked[0] != "trust"] == ["long enough", "the only one"]
    assert "The two passwords are not the same." in capsys.readouterr().err


class Stand:
    """Stands for the terminal: keeps how it was made, and what is read."""

    def __init__(self, _client: Client, _write: object, **options: Any) -> None:
        self.options = options
        self.lines: list[str] | None = None
        made.append(self)

    def read(self, lines: Any) -> None:
        self.lines = list(lines)

    def run(self) -> int:
        return 7


made: list[Stand] = []


@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("files", [[], ["a.txt"]])
def test_program_reads_lines_or_sends_files(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, files: list[str]
) -> None:
    """Files are sent as from a pipe, and no line is read; else a thread reads that holds no end up."""
    monkeypatch.setattr(program, "Terminal", Stand)
    threads: list[dict[str, Any]] = []

    def thread(**options: Any) -> SimpleNamespace:
        threads.append(options)
        return SimpleNamespace(start=options["target"])

    monkeypatch.setattr(threading, "Thread", thread)
    lines = SimpleNamespace(is_terminal=is_terminal, write=print, lines=lambda: ["one"])
    given = argparse.Namespace(file=files, send="Lobby" if files else "", room="Board", quiet=True)
    assert program._converse(cast(Client, None), cast(LineInput, lines), given) == 7
    stand = made.pop()
    assert stand.options == {
        "room": "Lobby" if files else "Board",
        "typed": is_terminal and not files,
        "quiet": True,
        "files": [Path(name) for name in files],
    }
    assert stand.lines == ([] if files else ["one"])
    assert [options["daemon"] for options in threads] == ([] if files else [True])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["office:5000", "--send", "Lobby"], "go together"),
        (["office:5000", "--file", "a.txt"], "go together"),
        (["office:99999"], "'office:99999'"),
    ],
)
def test_command_line_that_says_too_little_or_nonsense_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    """With a line that says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        program._parse([*words, "--home", str(tmp_path)])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "ends"), [("office:6000", None), (EOFError(), 2), (KeyboardInterrupt(), program.INTERRUPTED)]
)
def test_person_is_asked_for_the_server_that_is_not_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str | BaseException,
    ends: int | None,
) -> None:
    """In the language that was chosen; who ends the question ends the program."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(program, "enclosed_invitation", lambda: None)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", ask)
    words = ["--home", str(tmp_path), "--lang", "fr"]
    try:
        if ends is None:
            options, _given = program._parse(words)
            assert options.invitation == Invitation("office", 6000)
        else:
            with pytest.raises(SystemExit) as ended:
                program._parse(words)
            assert ended.value.code == ends
            assert ("the server is missing" in capsys.readouterr().err) == (ends == 2)
        assert asked == [i18n._("terminal.server")]
        assert i18n.language() == "fr"
    finally:
        i18n.use("en")


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (None, 7)])
def test_program_leaves_terminal_and_client_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | None, status: int
) -> None:
    """However it ends; its status is that of the conversation, or the shell's for an interrupted one."""
    closed: list[str] = []
    lines = SimpleNamespace(close=lambda: closed.append("lines"))
    client = SimpleNamespace(close=lambda: closed.append("client"))

    def converse(*_arguments: object) -> int:
        if error is not None:
            raise error
        return 7

    monkeypatch.setattr(program, "Client", lambda *_words, **_more: client)
    monkeypatch.setattr(program, "standard_input", lambda _secrets: lines)
    monkeypatch.setattr(program, "_sign_in", lambda _client, server, _given: closed.append(server.host))
    monkeypatch.setattr(program, "_converse", converse)
    assert program.main(["office:1", "--home", str(tmp_path)]) == status
    assert closed == ["office", "lines", "client"]


@pytest.mark.parametrize(
    ("given", "server", "typed", "name"),
    [("zoe", "", "", "zoe"), ("", "ada", "", "ada"), ("zoe", "ada", "", "zoe"), ("", "", "jules", "jules")],
)
def test_name_is_that_of_the_line_the_invitation_or_the_answer(
    monkeypatch: pytest.MonkeyPatch, given: str, server: str, typed: str, name: str
) -> None:
    """In this order; the password is asked for where the environment has none."""
    monkeypatch.delenv("CHAT_PASSWORD", raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: typed)
    monkeypatch.setattr("getpass.getpass", lambda _question: "asked")
    account = Account()
    words = argparse.Namespace(user=given, stay=True, register=False)
    program._sign_in(cast(Client, account), Invitation("chat.example", 5000, username=server), words)
    _trusted, (kind, *found) = account.asked
    assert (kind, found[2], found[3]) == ("sign_in", name, "asked")


@pytest.mark.parametrize(("language", "words"), [("en", "nothing was done"), ("fr", "rien n’a été fait")])
def test_program_speaks_the_chosen_language_and_keeps_a_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    words: str,
) -> None:
    """From its first word on."""
    logged: list[Options] = []
    monkeypatch.setattr(program, "_sign_in", _refuse(EOFError()))
    monkeypatch.setattr(program, "start_log", logged.append)
    program.main(["office:1", "--home", str(tmp_path), "--lang", language])
    assert words in capsys.readouterr().err.casefold()
    assert [options.home for options in logged] == [tmp_path]


USUAL: dict[str, Any] = {
    "user": "",
    "register": False,
    "stay": True,
    "room": "",
    "quiet": False,
    "send": "",
    "file": [],
}


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ([], {}),
        (["--user", "zoe", "--register"], {"user": "zoe", "register": True}),
        (["--no-stay", "--quiet"], {"stay": False, "quiet": True}),
        (["--room", "Lobby"], {"room": "Lobby"}),
        (["--send", "Lobby", "--file", "a", "--file", "b"], {"send": "Lobby", "file": ["a", "b"]}),
    ],
)
def test_command_line_chooses_how_the_client_runs(
    tmp_path: Path, words: list[str], chosen: dict[str, Any]
) -> None:
    """What is not said is as usual."""
    _options, given = program._parse(["office:5000", "--home", str(tmp_path), *words])
    assert {name: getattr(given, name) for name in USUAL} == USUAL | chosen


def test_program_that_is_started_as_one_ends_with_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m chat_client.terminal` runs it."""
    monkeypatch.setattr(sys, "argv", ["chat_client.terminal", "--send", "Lobby"])
    monkeypatch.delitem(sys.modules, program.__name__)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(program.__name__, run_name="__main__")
    assert ended.value.code == 2
