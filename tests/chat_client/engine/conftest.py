"""Fixtures of the engine's tests."""

from collections.abc import Iterator

import pytest

from chat_client.engine import transfer_threads
from chat_client.net import transfer
from tests.chat_client.engine.desk import Desk, Line
from tests.chat_client.fakes import Bench


@pytest.fixture
def desk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A client with files; no thread of a transfer outlives what is played for it."""
    desk = Desk(bench)
    monkeypatch.setattr(desk.files._threads, "start", desk.start)
    monkeypatch.setattr(transfer_threads, "TransferLine", Line)
    monkeypatch.setattr(transfer, "upload", desk.upload)
    monkeypatch.setattr(transfer, "download", desk.download)
    yield desk
    desk.files.close()
