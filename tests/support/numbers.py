"""Reads the numbers of modules, so that a table of a test can be held against them; it knows no table."""

import importlib
from collections.abc import Iterable
from typing import Any


def numbers_of(module: str, names: Iterable[str]) -> dict[str, Any]:
    """Return some constants of a module by their names."""
    found = importlib.import_module(module)
    return {name: getattr(found, name) for name in names}
