"""The documents say what the code is: a fresh file map, and paths, targets and options that exist."""

import re
from pathlib import Path
from typing import Final

import pytest

from chat_server.console.shell.shell import TABLE
from tests.support.data_model import DATA_MODEL, data_model
from tests.support.filemap import FILE_MAP, PACKAGES, ROOT, file_map, first_sentence, modules

DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
TREES: Final = ("chat_protocol", "chat_server", "chat_client", "sql", "benchmarks", "tests", "docs", ".ci")
#: Where each program's options are written.
PROGRAMS: Final = {
    "chat_server": "chat_server/config",
    "chat_server.admin": "chat_server/admin/__main__.py",
    "chat_server.backup": "chat_server/backup/__main__.py",
    "chat_client": "chat_client/options.py",
    "chat_client.terminal": "chat_client/terminal/__main__.py",
    "benchmarks": "benchmarks/cli.py",
    "benchmarks.race": "benchmarks/race/__main__.py",
    "tests.chaos": "tests/chaos/__main__.py",
    "tests.mutants": "tests/mutants/__main__.py",
    "tests.chat_client.ui.screenshots": "tests/chat_client/ui/screenshots.py",
    "tests.chat_server.backup.proof": "tests/chat_server/backup/proof.py",
}


def _source(path: Path) -> str:
    """The text of a file, or of the modules in a folder."""
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    return "".join(file.read_text(encoding="utf-8") for file in files)


OPTIONS: Final = {
    program: {"--help", *re.findall(r"(?<![\w-])--[a-z][a-z-]+", _source(ROOT / path))}
    for program, path in PROGRAMS.items()
}
CONSOLE_OPTIONS: Final = {
    option for spec in TABLE.values() for option in re.findall(r"--[a-z][a-z-]+", spec.usage)
}
#: The names under which the programs are installed.
SCRIPTS: Final = dict(
    re.findall(
        r'^(chat-\w+) = "([\w.]+)\.__main__:main"$',
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
FOREIGN_MODULES: Final = {"venv"}
#: Options of other people's programs.
FOREIGN_OPTIONS: Final = {
    "--system", "--strict", "--rr", "--fail", "--now", "--no-summary", "--fdpass", "--json", "--cacert",
    "--allow-downgrades",
}  # fmt: skip


def _name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def codes(document: Path) -> list[str]:
    """Return what stands in a document as code: indented or fenced lines, and what is between backticks."""
    found, fenced = [], False
    for line in document.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            found.append(line.strip())
        else:
            found += re.findall(r"`([^`]+)`", line)
    return found


def program_of(code: str) -> str:
    """Return the module of the program that a line runs, or nothing."""
    module = re.search(r"python3? -m ([\w.]+)", code)
    script = re.search(r"(?:^|[\s/])(chat-\w+) ", code)
    return module[1] if module else SCRIPTS.get(script[1], "") if script else ""


def _can_be_run(module: str) -> bool:
    if module in FOREIGN_MODULES:
        return True
    path = ROOT.joinpath(*module.split("."))
    return (path / "__main__.py").exists() or path.with_suffix(".py").exists()


def test_file_map_fresh() -> None:
    """docs/build/file-map.md is what the modules' first sentences make it."""
    assert FILE_MAP.read_text(encoding="utf-8") == file_map(), "stale: run `make file-map` and commit it"


def test_data_model_fresh() -> None:
    """docs/build/data-model.md shows the tables that the migrations make."""
    assert DATA_MODEL.read_text(encoding="utf-8") == data_model(), (
        "stale: run `make data-model` and commit it"
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_open_with_a_sentence(package: str) -> None:
    """Every module says in its first sentence what it owns."""
    silent = [str(path) for path in modules(package) if not first_sentence(path.read_text(encoding="utf-8"))]
    assert not silent


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_make_targets_exist(document: Path) -> None:
    """A `make` target that a document names exists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        name for code in codes(document) for name in re.findall(r"(?<!install )\bmake ([a-z][a-z-]*)", code)
    }
    assert {name for name in named - targets if not name.startswith("bench-")} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_programs_exist(document: Path) -> None:
    """A module that a document runs by `python -m` can be run."""
    named = {
        name.rstrip(".") for code in codes(document) for name in re.findall(r"python3? -m ([\w.]+)", code)
    }
    assert {name for name in named if not _can_be_run(name)} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_options_exist(document: Path) -> None:
    """An option that a document names is one of the program that it stands beside, or of any of ours."""
    unknown = set()
    for code in codes(document):
        program = program_of(code)
        known = OPTIONS.get(program, set()) if program else set().union(*OPTIONS.values())
        unknown |= (
            set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)) - known - CONSOLE_OPTIONS - FOREIGN_OPTIONS
        )
    assert unknown == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_files_exist(document: Path) -> None:
    """A path of the project that a document names leads somewhere; a module's name alone is one module's."""
    names = {path.name for top in TREES for path in (ROOT / top).rglob("*.py")}
    words = [word.strip("`.,;:()") for code in codes(document) for word in code.split()]
    paths = {
        word for word in words if word.partition("/")[0] in TREES and re.fullmatch(r"[\w./-]+/[\w./-]*", word)
    }
    modules_alone = {word for word in words if re.fullmatch(r"\w+\.py", word)}
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert {name for name in modules_alone if name not in names} == set()


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub and Sphinx make them."""
    text = re.sub(r"(?ms)^```.*?^```", "", document.read_text(encoding="utf-8"))
    titles = re.findall(r"(?m)^#+ +(.+?) *$", text)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    """A link to a file of the project leads to a file, and its anchor to a heading."""
    text = document.read_text(encoding="utf-8")
    for path, anchor in re.findall(r"\]\((?!\w+:)([\w./-]*)(?:#([^)\s]*))?\)", text):
        target = document.parent / path if path else document
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"
