"""Fixtures of the client's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.fakes import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A controller whose server and clocks the test plays."""
    bench = Bench(tmp_path / "home")
    yield bench
    bench.controller.close()
