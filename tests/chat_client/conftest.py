"""Fixtures of the client's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_client import i18n
from tests.chat_client.fakes import Bench
from tests.chat_client.live import Stage
from tests.support.server import LOGGED_ERROR, start_server


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """No test leaves its language to the next one of the process."""
    before = i18n.language()
    yield
    i18n.use(before)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A client whose server and clocks the test plays."""
    bench = Bench(tmp_path / "home")
    yield bench
    bench.client.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, tls_files: tuple[Path, Path]) -> Iterator[Stage]:
    """A server over TLS for all tests of a module; it logs no error and ends with status 0."""
    certificate, key = tls_files
    options = ["--no-limits", "--tls-cert", str(certificate), "--tls-key", str(key)]
    server = start_server(tmp_path_factory.mktemp("stage") / "data", *options)
    yield Stage(server)
    assert server.stop() == 0, server.output
    assert not LOGGED_ERROR.search(server.output), server.output
