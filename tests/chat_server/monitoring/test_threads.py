"""`/healthz` and the watchdog know every thread that lives as long as the server."""

import ast
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chat_server.monitoring import health
from chat_server.monitoring.health import THREADS, THREADS_SOMETIMES, ended_threads
from tests.chat_server.building import open_building
from tests.support.filemap import ROOT

#: Threads whose end is nothing wrong, and when it comes.
SHORT = {
    "admin-": "the visitor leaves",
    "behind": "the work is done",
    "client": "the client leaves",
    "console-signals": "the console is closed",
    "file-writer": "the file is written",
    "seen": "the times are written down",
    "webhook": "the post is answered",
}
#: Where a class is given the names of its threads.
NAMED_BY_OTHERS = "chat_server/net/http_port.py"
OTHER_WAYS = {"Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "start_new_thread"}


def names(path: Path) -> Iterator[str]:
    """Yield the names of the threads that a module makes, and of those that it has made by its base class."""
    file = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        name = name_of(node)
        if called == "Thread" and file != NAMED_BY_OTHERS:
            yield name or f"the one in {file}, line {node.lineno}, which has no fixed name"
        elif called == "__init__" and name:
            yield name


def name_of(call: ast.Call) -> str:
    """Return the argument `name` of a call, as far as it is fixed."""
    for keyword in call.keywords:
        if keyword.arg == "name":
            value = keyword.value
            first = value.values[0] if isinstance(value, ast.JoinedStr) else value
            return str(first.value) if isinstance(first, ast.Constant) else ""
    return ""


def test_every_thread_is_watched_or_short() -> None:
    """Whoever adds a thread says whether its end is to be told; and what is watched is made somewhere."""
    made = {name for path in (ROOT / "chat_server").rglob("*.py") for name in names(path)}
    assert made == {*THREADS, *THREADS_SOMETIMES, *SHORT}


def test_threads_are_made_in_one_way() -> None:
    """No module makes threads in a way that the test above does not see."""
    found = {
        f"{path.relative_to(ROOT)}: {alias.name}"
        for path in (ROOT / "chat_server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for alias in node.names
        if alias.name in {*OTHER_WAYS, "_thread", "concurrent.futures", "multiprocessing"}
        and getattr(node, "module", "") != "chat_server.live.timer"
    }
    assert found == set()


def test_thread_of_a_setting_is_expected_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads of HTTP ports and of MySQL's lease are missed where the settings ask for them, else not."""
    monkeypatch.setattr(health, "THREADS", frozenset({threading.main_thread().name}))
    with open_building(tmp_path / "data") as building:
        parts = building.server.parts
        assert ended_threads(parts) == []
        options = parts.options
        for part, asked_for in {
            "metrics": replace(options, metrics="127.0.0.1:9464"),
            "webhooks": replace(options, webhooks="127.0.0.1:9465"),
            "lease": replace(options, database="mysql://user@localhost/chat"),
        }.items():
            assert ended_threads(replace(parts, options=asked_for)) == [part]
        bells = replace(options, broker="redis://localhost")
        assert ended_threads(replace(parts, options=bells)) == ["bell-hear", "bell-ring"]
