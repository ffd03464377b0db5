"""Makes docs/build/file-map.md from the first sentence of every module; reads the files, imports none."""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_MAP = ROOT / "docs" / "build" / "file-map.md"
PACKAGES = ("chat_protocol", "chat_server", "chat_client", "sql", "benchmarks", "tests/support")
HEAD = """# File map

Made by `make file-map` from the first sentence of each module. Do not edit.
"""


def first_sentence(source: str) -> str:
    """The first sentence of the module's docstring, on one line; "" where there is none."""
    text = " ".join((ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].split())
    return re.split(r"\.(?= [A-Z]|$)", text, maxsplit=1)[0]


def modules(package: str) -> list[Path]:
    """The package's Python files, each folder's own before those of its subfolders."""
    return sorted((ROOT / package).rglob("*.py"), key=lambda path: (path.parent.parts, path.name))


def _section(folder: Path, files: list[Path]) -> str:
    rows = [f"| `{path.name}` | {first_sentence(path.read_text(encoding='utf-8'))} |" for path in files]
    return (
        "\n".join([f"\n## {folder.relative_to(ROOT)}/", "| file | what it owns |", "|---|---|", *rows]) + "\n"
    )


def file_map() -> str:
    """The whole document."""
    folders: dict[Path, list[Path]] = {}
    for package in PACKAGES:
        for path in modules(package):
            folders.setdefault(path.parent, []).append(path)
    return HEAD + "".join(_section(folder, files) for folder, files in folders.items())


if __name__ == "__main__":
    FILE_MAP.write_text(file_map(), encoding="utf-8")
    sys.stdout.write(f"wrote {FILE_MAP.relative_to(ROOT)}\n")
