"""The examples of docs/build/bots.md, as they stand there, against a real server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from runpy import run_path

import pytest

from tests.chat_client.bot.running import END_S, invitation, new_token
from tests.chat_client.live import Stage
from tests.support.admin import answer
from tests.support.filemap import ROOT

EXAMPLES = ROOT / "docs" / "build" / "bots"
Run = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def run(stage: Stage, tmp_path: Path) -> Iterator[Run]:
    """A function that starts an example with a bot's token, and what it started ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        bot = f"{name}-bot"
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CHAT_")},
            "PYTHONPATH": str(ROOT),
            "CHAT_BOT_SERVER": invitation(stage.server),
            "CHAT_BOT_TOKEN_FILE": str(new_token(stage.server, bot, tmp_path)),
            "CHAT_BOT_HOME": str(tmp_path / bot),
        }
        command = [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        _nothing, log = process.communicate(timeout=END_S)
        assert b"Traceback" not in log, log.decode()


def test_echo(stage: Stage, run: Run, tmp_path: Path) -> None:
    """The echo answers whoever names it, with what was said."""
    run("echo")
    with stage.act(tmp_path, "zoe") as (zoe,):
        answer(stage.server, ["add", "member", "echo-bot", zoe.here.name])
        zoe.say("@echo-bot how are you?")
        zoe.until(lambda: zoe.heard[1:] == ["how are you?"])


def test_rota(stage: Stage, run: Run, tmp_path: Path) -> None:
    """The rota enters its room, says once a day who is on call, and tells whoever asks."""
    with stage.act(tmp_path, "zoe") as (zoe,):
        file = tmp_path / "rota.toml"
        text = f'room = "{zoe.here.name}"\nhour = 0\nfirst_week = 2026-01-05\npeople = ["{zoe.name}"]\n'
        file.write_text(text, encoding="utf-8")
        run("rota", str(file))
        zoe.until(lambda: zoe.heard == [f"On call this week: @{zoe.name}"])
        zoe.say("@rota-bot who is it?")
        zoe.until(lambda: zoe.heard[2:] == [f"@{zoe.name} is on call."])
        assert (tmp_path / "rota.told").read_text(encoding="utf-8")


def test_rota_by_weeks() -> None:
    """Each person has a week from Monday to Sunday, in turn, before the first week too."""
    rota = run_path(str(EXAMPLES / "rota.py"))["Rota"](
        "Ops", 9, date(2026, 1, 5), ["jules", "nadia", "karim"]
    )
    days = [date(2026, 1, 4), date(2026, 1, 5), date(2026, 1, 11), date(2026, 1, 12), date(2026, 1, 26)]
    assert [rota.on_call(day) for day in days] == ["karim", "jules", "jules", "nadia", "jules"]
