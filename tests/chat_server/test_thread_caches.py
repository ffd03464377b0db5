"""The C library keeps no freed memory for each of ten thousand threads."""

import os
import sys
from pathlib import Path

import pytest

from chat_server import process
from tests.support.server import start_server


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What would take the place of this process; the setting is forgotten with the test."""
    programs: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "execv", lambda *program: programs.append(program))
    monkeypatch.setenv("GLIBC_TUNABLES", "")
    monkeypatch.delenv("GLIBC_TUNABLES")
    return programs


def test_program_starts_again_as_it_was_started(started: list[tuple[str, list[str]]]) -> None:
    """Once, with the same arguments; the second time the setting is there."""
    process.start_without_thread_caches()
    assert started == [(sys.executable, sys.orig_argv)]
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.tcache_count=0"
    process.start_without_thread_caches()
    assert len(started) == 1


def test_a_setting_of_the_administrators_stays(
    started: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has chosen the C library's settings knows why."""
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=7")
    process.start_without_thread_caches()
    assert started == []
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.tcache_count=7"


def test_program_that_cannot_be_started_again_goes_on(
    started: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interpreter that was replaced by an update meanwhile is no reason not to serve."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr(os, "execv", _missing)
    process.start_without_thread_caches()


def _missing(_program: str, _arguments: list[str]) -> None:
    raise FileNotFoundError


@pytest.mark.skipif(sys.platform != "linux", reason="a setting of Linux's C library")
def test_server_runs_with_the_setting(tmp_path: Path) -> None:
    """The process that serves has it from its first moment, and is the one that was started."""
    server = start_server(tmp_path / "data", tls=False)
    try:
        environ = Path(f"/proc/{server.pid}/environ").read_bytes().split(b"\0")
        assert b"GLIBC_TUNABLES=glibc.malloc.tcache_count=0" in environ
    finally:
        server.stop()
