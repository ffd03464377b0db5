"""The terminal client as a program: in a pseudo-terminal, on pipes, in any locale, in both languages."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from chat_client.store.accounts import Accounts
from chat_client.terminal.__main__ import main
from chat_protocol.invitations import parse_invitation
from tests.chat_client.live import run_command
from tests.chat_client.terminal.program import command, piped
from tests.support.pty_server import PtyServer
from tests.support.server import ROOT, ServerProcess
from tests.support.waiting import until
from tests.support.wire import PASSWORD, WireClient, connected

Start = Callable[..., ServerProcess]
EMOJI: Final = "é😀 日本"


@pytest.fixture
def typing(
    server: ServerProcess, jules: WireClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PtyServer]:
    """The client in a terminal, signed in, with a room open."""
    monkeypatch.setenv("CHAT_PASSWORD", PASSWORD)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    program = PtyServer(*command(server, tmp_path / "home", "--register"))
    program.wait_for(r"\* Général")
    yield program
    if program.process.poll() is None:
        program.close()


def test_long_line_is_sent_whole(typing: PtyServer, jules: WireClient) -> None:
    """A message of four thousand characters, eight thousand bytes, arrives as it was typed."""
    body = "é" * 4_000
    typing.type(body + "\n")
    assert jules.event("message")["body"] == body


def test_half_typed_line_survives_what_comes_meanwhile(typing: PtyServer, jules: WireClient) -> None:
    """A message is written above the line that is being typed, which is shown again and sent whole."""
    typing.type("half a ")
    typing.wait_for("> half a ")
    jules.ok("send", room="general", body="meanwhile")
    typing.wait_for(r"<jules> meanwhile\r?\n> half a ")
    typing.type("sentence\n")
    assert jules.event("message")["body"] == "half a sentence"


@pytest.mark.long
def test_password_is_changed_without_being_shown(typing: PtyServer, server: ServerProcess) -> None:
    """`/password` asks for the old and twice for the new one; another sign-in takes the new one."""
    new = "another correct horse"
    typing.type("/password\n")
    for question, answer in (("Current password: ", PASSWORD), ("New password: ", new), ("again: ", new)):
        typing.wait_for(question)
        typing.type(f"{answer}\n")
    typing.wait_for("The password was changed")
    assert new not in typing.screen
    with connected(server.port) as zoe:
        zoe.login("zoe", new)


@pytest.mark.long
def test_leaving_restores_the_terminal_and_ends_well(typing: PtyServer) -> None:
    """`/quit` ends with status 0."""
    typing.type("/quit\n")
    assert typing.wait() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "xx_YY"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_emoji_is_shown_and_said_in_any_locale(
    server: ServerProcess, jules: WireClient, tmp_path: Path, environ: dict[str, str]
) -> None:
    """Somebody's emoji on the page ends nothing; what is typed in UTF-8 arrives as it is."""
    jules.ok("send", room="general", body=EMOJI)
    said = f"{EMOJI}\n"
    done = piped(command(server, tmp_path / "home", "--register", "--room", "general"), said, **environ)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"<zoe>" in done.stdout
    assert jules.event("message")["body"] == EMOJI


@pytest.mark.long
def test_pipe_says_nothing_where_no_room_is_named(
    server: ServerProcess, jules: WireClient, tmp_path: Path
) -> None:
    """Lines from a pipe go to the room of `--room` or nowhere; then the status is 1."""
    words = command(server, tmp_path / "home", "--register")
    done = piped(words, "to whom?\n")
    assert done.returncode == 1
    assert b"No room is open" in done.stdout
    assert piped([*words[:-1], "--room", "nowhere"], "x\n").returncode == 1
    done = piped([*words[:-1], "--room", "general", "--quiet"], "to all\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert all(line.startswith(b"[") for line in done.stdout.splitlines())
    assert jules.event("message")["body"] == "to all"


@pytest.mark.long
def test_sign_in_that_does_not_stay_leaves_nothing(server: ServerProcess, tmp_path: Path) -> None:
    """With `--no-stay` no token is on disk, and at the end the server has none of it either."""
    with connected(server.port) as zoe:
        zoe.register("zoe")
        words = command(server, tmp_path / "home", "--room", "general", "--no-stay")
        for said in ("one\n", "two\n"):
            assert piped(words, said).returncode == 0
            (account,) = Accounts(tmp_path / "home").all()
            assert (account.username, account.token) == ("zoe", "")
            until(lambda: len(zoe.ok("devices")["devices"]) == 1)
        assert piped(words[:-1], "three\n").returncode == 0
        assert Accounts(tmp_path / "home").all()[0].token
        assert piped(words, "four\n", CHAT_PASSWORD="not this one").returncode == 1


@pytest.mark.long
def test_listener_on_a_pipe_gets_little_history_once(
    server: ServerProcess, jules: WireClient, tmp_path: Path
) -> None:
    """Of a long history the last ten messages are written, each once, also where input waits."""
    for number in range(40):
        jules.ok("send", room="general", body=f"line {number}.")
    words = command(server, tmp_path / "home", "--register", "--room", "general")
    done = piped(words, "one\ntwo\n")
    lines = done.stdout.decode().splitlines()
    shown = [line.rpartition("> ")[2] for line in lines if "<jules>" in line]
    assert shown == [f"line {number}." for number in range(30, 40)]


@pytest.mark.long
def test_one_time_invitation_lets_one_in(server_process: Start, tmp_path: Path) -> None:
    """Of two who use it at once one is in, as the invitation says; neither side keeps its code."""
    server = server_process("--no-limits", "--registration", "closed")
    server.wait_for_output("no console here")
    words = ["invite", "--one-time", "--role", "moderator", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "chat_server.admin", "--data-dir", str(server.data_dir), *words],
        cwd=ROOT, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    link = json.loads(done.stdout)["links"][0]
    homes = [tmp_path / name for name in ("zoe", "jules")]
    both = [
        ["chat_client.terminal", link, "--user", home.name, "--home", str(home), "--room", "general"]
        for home in homes
    ]
    with ThreadPoolExecutor() as pool:
        joined, refused = sorted(pool.map(lambda words: piped(words, "hello\n"), both), key=_status)
    assert (joined.returncode, refused.returncode) == (0, 1)
    assert "was used or revoked" in refused.stdout.decode()
    with connected(server.port) as boss:
        winner = next(home.name for home in homes if home.name in joined.stdout.decode())
        assert boss.login(winner)["user"]["role"] == "moderator"
    code = parse_invitation(link).code.encode()
    kept = [path for folder in (*homes, server.data_dir) for path in folder.rglob("*") if path.is_file()]
    assert len(kept) > 5
    assert not [path for path in kept if code in path.read_bytes()]


def _status(done: subprocess.CompletedProcess[bytes]) -> int:
    return done.returncode


def test_server_that_is_not_named_is_asked_for(tmp_path: Path) -> None:
    """In a terminal; on a pipe its absence is a mistake of the command line."""
    done = piped(["chat_client.terminal", "--home", str(tmp_path)], "")
    assert done.returncode == 2
    assert b"the server is missing" in done.stderr
    program = PtyServer("chat_client.terminal", "--home", str(tmp_path))
    program.wait_for("Server or invitation: ")
    program.type("no server at all\n")
    program.wait_for("there is no server in this text")
    program.close()


def test_unanswered_fingerprint_is_a_failure(server: ServerProcess, tmp_path: Path) -> None:
    """The end of the input is no consent: status 1, nothing registered."""
    words = [
        "chat_client.terminal",
        f"127.0.0.1:{server.port}",
        "--user",
        "zoe",
        "--home",
        str(tmp_path / "h"),
    ]
    done = piped([*words, "--register"], "")
    assert done.returncode == 1
    assert server.fingerprint is not None
    assert server.fingerprint.encode() in done.stdout


@pytest.mark.parametrize(
    ("language", "words"), [("en", "cannot be reached"), ("fr", "injoignable")], ids=["en", "fr"]
)
def test_failures_are_told_in_words(tmp_path: Path, language: str, words: str) -> None:
    """A server that is not there is told in the chosen language, without the system's numbers."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    place = ["chat_client.terminal", f"127.0.0.1:{port}", "--user", "zoe", "--home", str(tmp_path / "h")]
    done = piped([*place, "--lang", language], "", PYTHONUTF8="1")
    assert done.returncode == 1
    assert words in done.stdout.decode()
    assert "Errno" not in done.stdout.decode()


@pytest.fixture
def moderating(typing: PtyServer, server: ServerProcess) -> PtyServer:
    """The client in a terminal, of a moderator."""
    run_command(server, ["role", "zoe", "moderator"])
    return typing


def test_moderator_sees_and_decides_on_requests(moderating: PtyServer, jules: WireClient) -> None:
    """Who asks is told with the reason; a refusal with its reason and an acceptance reach who asked."""
    moderating.type("/pending\n")
    moderating.wait_for("Nobody waits")
    jules.ok("join", room="Marketing", reason="I sell")
    moderating.wait_for("jules asks to join Marketing: I sell")
    moderating.type("/refuse jules Marketing : not yet\n")
    moderating.wait_for("Done")
    told = jules.event("membership")
    assert (told["membership"], told["reason"]) == ("none", "not yet")
    jules.ok("join", room="Marketing", reason="please")
    moderating.wait_for("jules asks to join Marketing: please")
    moderating.type("/accept jules Marketing\n")
    moderating.wait_for("Done")
    assert jules.event("membership")["membership"] == "joined"


@pytest.mark.long
def test_moderator_mutes_lifts_and_kicks(moderating: PtyServer, jules: WireClient) -> None:
    """Each sanction and its end reach the server with the duration and the reason."""
    moderating.type("/mute jules 10m : quiet\n")
    moderating.wait_for("Done")
    assert jules.error("send", room="general", body="x") == "muted"
    moderating.type("/unmute jules\n")
    moderating.wait_for("Done")
    jules.ok("send", room="general", body="thanks")
    moderating.type("/kick jules soon\n")
    moderating.wait_for("How long is needed")
    moderating.type("/kick jules 1h : enough\n")
    moderating.wait_for("Done")
    assert jules.event("kicked")["reason"] == "enough"


@pytest.mark.long
def test_member_may_not_moderate(typing: PtyServer) -> None:
    """The server decides on rights; its refusal is told."""
    typing.type("/mute jules 10m\n")
    typing.wait_for(r"\* .*(may not|allowed|right)")


@pytest.mark.long
def test_people_are_found_and_messages_gone_to(typing: PtyServer, jules: WireClient) -> None:
    """`/people` lists who begins so; `/goto` shows an old message with those beside it."""
    typing.type("/people jul\n")
    typing.wait_for(r"\* 1 found\r?\n.*  jules \[online\]")
    for number in range(1, 31):
        jules.ok("send", room="general", body=f"line {number}.")
    typing.wait_for(r"line 30\.")
    typing.type("/goto 5\n")
    typing.wait_for(r"#1 <jules> line 1\.(?s:.*)#15 <jules> line 15\.")
    typing.type("/goto 99\n")
    typing.wait_for("There is no message #99")


@pytest.mark.long
def test_name_and_notification_level_are_set(typing: PtyServer, jules: WireClient) -> None:
    """The name reaches the others; a level is one of three and holds."""
    typing.type("/name Zoé Blanche\n")
    typing.type("I am called so\n")
    typing.wait_for("<Zoé Blanche @zoe> I am called so")
    found = jules.ok("users", prefix="zoe")["users"]
    assert found[0]["display_name"] == "Zoé Blanche"
    typing.type("/notify loudly\n")
    typing.wait_for("One of all, mentions and none")
    typing.type("/notify all\n")
    typing.type("/msg jules hello\n")
    typing.wait_for(r"\* @jules")
    jules.ok("send", room="general", body="for nobody in particular")
    typing.wait_for("Général: <jules> for nobody in particular")


def test_interrupt_ends_with_the_status_of_shells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt ends the program with 130, as `docs/use/client.md` says."""

    def interrupted(*_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("chat_client.terminal.__main__._sign_in", interrupted)
    assert main(["127.0.0.1:1", "--home", str(tmp_path)]) == 130
