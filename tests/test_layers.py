"""Who imports whom: each layer is imported in an interpreter of its own; what came with it is looked at."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest

from tests.support.filemap import ROOT, modules

IMPORT_AND_LIST = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted(sys.modules))
"""
DATABASE_DRIVERS = ("mysql", "_mysql_connector")
PACKAGES = ("chat_protocol", "chat_server", "chat_client")
# Each folder may import those before it; a single module that stands between folders has its own line.
SERVER_ORDER = (
    "chat_server",  # the version alone
    "chat_server.limits",
    "chat_server.durable",
    "chat_server.measurements",
    "chat_server.permissions",
    "chat_server.config",
    "chat_server.logs",
    "chat_server.process",
    "chat_server.service_manager",
    "chat_server.storage",
    "chat_server.files",
    "chat_server.options",
    "chat_server.data_folder",
    "chat_server.net",
    "chat_server.reloading",
    "chat_server.live",
    "chat_server.services",
    "chat_server.pipeline",
    "chat_server.cluster",
    "chat_server.conversation",
    "chat_server.webhooks",
    "chat_server.parts",
    "chat_server.joining",
    "chat_server.assembly",
    "chat_server.invitations",
    "chat_server.renewal",
    "chat_server.statistics",
    "chat_server.monitoring",
    "chat_server.console",
    "chat_server.admin",
    "chat_server.server",
    "chat_server.backup",
    "chat_server.__main__",
)
MYSQL_ADAPTER = "chat_server.storage.mysql.connection"
REDIS_ADAPTER = "chat_server.cluster.redis_client"
# Imported where MySQL, or a broker, is used.
NEEDING_THE_DRIVER = (MYSQL_ADAPTER, "chat_server.storage.mysql.adapter", REDIS_ADAPTER)


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _names(package: str) -> list[str]:
    """The package's importable modules; ``__main__`` only starts the others."""
    names = [_name(path) for path in modules(package)]
    return [name for name in names if not name.endswith("__main__")]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _forbidden_after_import(names: list[str], forbidden: tuple[str, ...]) -> list[str]:
    assert names, "nothing to import: has the package moved?"
    command = [sys.executable, "-c", IMPORT_AND_LIST, *names]
    # Where coverage is measured, each new interpreter would import what measures it.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    result = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    loaded = result.stdout.split()
    return [module for module in loaded if any(_within(module, package) for package in forbidden)]


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """The modules that a file names in its import statements, wherever those stand."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(found)


def _importers(package: str, forbidden: tuple[str, ...]) -> dict[str, list[str]]:
    """Which of the package's modules name a forbidden one, and which."""
    found = {
        _name(path): [name for name in _imports(path) if any(_within(name, part) for part in forbidden)]
        for path in modules(package)
    }
    return {module: names for module, names in found.items() if names}


@pytest.mark.parametrize(
    ("layer", "forbidden"),
    [
        ("chat_protocol", ("chat_server", "chat_client", "socket", "ssl", "threading", "tkinter", "sqlite3")),
        ("chat_client/model", ("chat_server", "tkinter", "socket", "ssl")),
        ("chat_server", ("chat_client", "tkinter", "_tkinter")),
    ],
)
def test_layer_imported_alone(layer: str, forbidden: tuple[str, ...]) -> None:
    """A layer brings nothing into the interpreter that it must not know."""
    names = [name for name in _names(layer) if name not in NEEDING_THE_DRIVER]
    assert not _forbidden_after_import(names, (*forbidden, *DATABASE_DRIVERS, "redis"))


def test_client_without_its_windows() -> None:
    """The client's network, model and terminal know no window: the terminal client runs without Tk."""
    names = [name for name in _names("chat_client") if not _within(name, "chat_client.ui")]
    assert not _forbidden_after_import(names, ("chat_server", "tkinter", "_tkinter", *DATABASE_DRIVERS))


def test_bots_have_no_protocol_of_their_own() -> None:
    """A bot speaks through the client's engine: it names no socket, no frame and no request."""
    parts = ("frames", "request", "requests", "event", "events", "replies", "message_replies")
    wire = tuple(f"chat_protocol.{part}" for part in parts)
    assert not _importers("chat_client/bot", ("socket", "ssl", "chat_client.net", *wire))
    assert not _forbidden_after_import(["chat_client.bot"], ("chat_client.ui", "tkinter", "_tkinter"))


def test_driver_in_its_adapter_alone() -> None:
    """The MySQL adapter is the only module that names the driver."""
    assert set(_importers("chat_server", DATABASE_DRIVERS)) <= {MYSQL_ADAPTER}


def test_client_of_the_broker_in_its_adapter_alone() -> None:
    """Nothing else names the package redis, which need not be installed."""
    assert set(_importers("chat_server", ("redis",))) == {REDIS_ADAPTER}


def test_handlers_see_no_socket_and_no_sql() -> None:
    """Request handlers name neither sockets nor connections nor databases."""
    forbidden = ("socket", "ssl", "selectors", "select", "sqlite3", *DATABASE_DRIVERS)
    parts = ("chat_server.net.connection", "chat_server.storage.sqlite.adapter", MYSQL_ADAPTER)
    assert not _importers("chat_server/conversation/handlers", (*forbidden, *parts))


def test_services_see_no_socket_and_no_sql() -> None:
    """Services know no socket and no SQL, so that the console and the wire can share them."""
    forbidden = ("socket", "ssl", "selectors", "select", "sqlite3", *DATABASE_DRIVERS)
    found = _importers("chat_server/services", (*forbidden, "chat_server.net.connection"))
    # `inet_pton` is arithmetic; the module opens nothing.
    assert found.pop("chat_server.services.vocabulary.addresses", ["socket"]) == ["socket"]
    assert not found


def test_storage_knows_no_session() -> None:
    """Storage speaks of records; who is connected is not its subject."""
    forbidden = (
        "socket",
        "ssl",
        "chat_server.live.session",
        "chat_server.live.registry",
        "chat_server.net.connection",
    )
    found = _importers("chat_server/storage", forbidden)
    # It asks for the file of the system's authorities; the driver does the rest.
    assert found.pop(MYSQL_ADAPTER, ["ssl"]) == ["ssl"]
    assert not found


def _named(path: Path, known: Collection[str]) -> set[str]:
    """The known modules that a file imports; of `from package import module` the module alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if names <= set(known) else (names | {node.module})
    return found & set(known)


def _graph() -> dict[str, set[str]]:
    """Each module and the modules of the three packages that it names, `TYPE_CHECKING` or not."""
    paths = {_name(path): path for package in PACKAGES for path in modules(package)}
    return {module: _named(path, paths.keys()) for module, path in paths.items()}


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one import cycle, in order; none when there is none."""
    done: set[str] = set()

    def follow(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph[module] - {module}):
            if found := follow(other, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := follow(module, []))), [])


def _folder(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_no_import_cycle() -> None:
    """No module leads back to itself, not even by imports that only the type checker follows."""
    assert _cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert not _cycle(_graph())


def test_server_folders_depend_one_way() -> None:
    """Each folder of the server imports only those before it in the order above."""
    graph = {module: names for module, names in _graph().items() if _within(module, "chat_server")}
    assert {_folder(module) for module in graph} == set(SERVER_ORDER)
    upward = [
        f"{module} imports {name}"
        for module, names in graph.items()
        for name in names
        if _within(name, "chat_server")
        and SERVER_ORDER.index(_folder(name)) > SERVER_ORDER.index(_folder(module))
    ]
    assert not upward


def test_services_know_no_frame_and_nothing_of_the_net() -> None:
    """What is done for people is told in values: services neither write frames nor know how they travel."""
    forbidden = ("chat_protocol.frames", "chat_server.net")
    assert not _importers("chat_server/services", forbidden)


SESSIONS_OF_OTHERS = {"sessions", "sessions_of", "in_room", "open_sessions"}
# Who reads the registry's sessions himself, and why.
SEES_SESSIONS = {
    "chat_server.services.audience",  # the seam itself
    "chat_server.pipeline.delivery",  # writes each batch once for all readers: the hot path
    "chat_server.server",  # ends this server's own connections
    "chat_server.statistics",  # counts them
    "chat_server.console.shell.kinds",  # completes addresses
    "chat_server.console.commands.rooms",  # shows how many are connected
    "chat_server.console.commands.people",  # lists the connections
}


def _asks_for_sessions(path: Path) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in SESSIONS_OF_OTHERS
        and ast.unparse(node.func.value).endswith("registry")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def test_people_are_told_through_the_audience_alone() -> None:
    """Only the audience, and what is named above with its reason, asks the registry for sessions."""
    found = {_name(path) for path in modules("chat_server") if _asks_for_sessions(path)}
    assert {name for name in found if not _within(name, "chat_server.live")} == SEES_SESSIONS


def test_annotations_are_evaluated() -> None:
    """No file postpones its annotations; one that names what comes later is quoted."""
    postponed = [
        _name(path)
        for top in ("chat_protocol", "chat_server", "chat_client", "benchmarks", "tests")
        for path in (ROOT / top).rglob("*.py")
        if "__future__" in _imports(path)
    ]
    assert not postponed


def test_no_test_imports_another() -> None:
    """What tests share stands beside them or in tests/support: nobody imports a test module."""
    found = {
        _name(path): [name for name in _imports(path) if re.search(r"^tests\b.*\.test_\w+$", name)]
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert not {name: names for name, names in found.items() if names}
