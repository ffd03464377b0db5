"""Pictures are brought one or two at a time, the latest wish first, and checked before they are shown."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from chat_client.engine.core import Core
from chat_client.engine.files import Ended, FileTransfers
from chat_client.engine.pictures import (
    AT_A_TIME_MAX,
    FILE_MAX_BYTES,
    Picture,
    PictureLoader,
    examined,
    examined_preview,
    told_fault,
)
from chat_client.model.changes import PictureChanged
from chat_client.model.pictures import Fault
from chat_protocol.errors import ChatError
from chat_protocol.objects import File
from tests.support.pictures import gif, png


class FakeFiles:
    """Brings a file when the test says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asked: dict[str, Ended] = {}

    def cached(self, file: File, *, preview: bool = False) -> Path | None:
        path = self._folder / (f"{file.id}-preview" if preview else file.id)
        return path if path.exists() else None

    def bring(self, file: File, told: Ended, *, preview: bool = False) -> None:
        self.asked[f"{file.id}-preview" if preview else file.id] = told

    def come(self, file: str, data: bytes) -> None:
        """Let a file come."""
        (self._folder / file).write_bytes(data)
        self.asked.pop(file)(None)

    def fail(self, file: str) -> None:
        """Let a file be gone."""
        self.asked.pop(file)(ChatError("no_such_file", "Gone."))


@pytest.fixture
def core() -> Core:
    """What the loader shares with the client."""
    return Core(lambda: 0.0, lambda: 0.0, random.Random(1))


@pytest.fixture
def files(tmp_path: Path) -> FakeFiles:
    """The other part that the loader needs."""
    return FakeFiles(tmp_path)


@pytest.fixture
def loader(core: Core, files: FakeFiles) -> PictureLoader:
    """The loader."""
    return PictureLoader(core, cast(FileTransfers, files), lambda: None)


Settle = Callable[[], list[str]]


@pytest.fixture
def settle(core: Core, loader: PictureLoader) -> Settle:
    """A function that lets threads and poll do their work, and gives the ids that were told of."""

    def run() -> list[str]:
        loader.close()
        loader.pump()
        return [change.file for change in core.take_changes() if isinstance(change, PictureChanged)]

    return run


def picture(number: int = 1, **fields: int) -> File:
    """Return a picture of a message."""
    size = {"width": 30, "height": 20, **fields}
    return File(f"f{number}", "a.png", 500, "image/png", size["width"], size["height"])


def test_picture_is_brought_and_checked(loader: PictureLoader, files: FakeFiles, settle: Settle) -> None:
    """The end is a change, after which the picture is there; a second wish asks for nothing."""
    loader.want(picture())
    loader.pump()
    assert loader.busy
    assert loader.found(picture()) is None
    loader.want(picture())
    files.come("f1", png(30, 20))
    assert settle() == ["f1"]
    assert loader.found(picture()) == Picture(files.cached(picture()))
    loader.want(picture())
    assert not loader.busy


def test_latest_wish_comes_first(loader: PictureLoader, files: FakeFiles, settle: Settle) -> None:
    """Of many pictures that were scrolled past, only those are brought that nobody has left."""
    for number in range(1, 7):
        loader.want(picture(number))
    loader.want(picture(3), preview=True)
    loader.leave(picture(3))
    loader.want(picture(5))
    loader.pump()
    assert list(files.asked) == ["f5", "f6"]
    assert len(files.asked) == AT_A_TIME_MAX
    files.fail("f5")
    files.come("f6", png(30, 20))
    settle()
    assert sorted(files.asked) == ["f2", "f4"]


def test_picture_that_cannot_be_fetched(loader: PictureLoader, files: FakeFiles, settle: Settle) -> None:
    """That is told, and it is not asked for again and again."""
    loader.want(picture())
    loader.pump()
    files.fail("f1")
    assert settle() == ["f1"]
    assert loader.found(picture()) == Picture(fault=Fault.NOT_FETCHED)
    loader.want(picture())
    assert not loader.busy


def test_picture_that_the_cache_let_go_is_brought_again(
    loader: PictureLoader, files: FakeFiles, settle: Settle, tmp_path: Path
) -> None:
    """What was known of it is forgotten with the file."""
    loader.want(picture())
    loader.pump()
    files.come("f1", png(30, 20))
    settle()
    (tmp_path / "f1").unlink()
    assert loader.found(picture()) is None
    loader.want(picture())
    loader.pump()
    assert list(files.asked) == ["f1"]


def test_another_account_knows_nothing_of_it(
    core: Core, loader: PictureLoader, files: FakeFiles, settle: Settle
) -> None:
    """A picture that comes after the user has signed out is nobody's; another server may use the same id."""
    loader.want(picture())
    loader.want(picture(2))
    loader.pump()
    core.forget_account()
    files.come("f1", png(30, 20))
    assert settle() == []
    files.come("f2", png(30, 20))
    assert settle() == []
    assert loader.found(picture()) is None
    assert not loader.busy


def test_picture_that_did_not_decode(core: Core, loader: PictureLoader, settle: Settle) -> None:
    """The window may refuse what the checks have passed."""
    loader.refuse(picture(), Fault.DAMAGED)
    assert settle() == ["f1"]
    assert loader.found(picture()) == Picture(fault=Fault.DAMAGED)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.EMPTY),
        (png(30, 20)[:-20], Fault.CUT_OFF),
        (png(20, 30), Fault.DAMAGED),
        (gif(30, 20), Fault.WRONG_KIND),
    ],
)
def test_file_that_is_not_what_the_message_says(tmp_path: Path, data: bytes, fault: Fault) -> None:
    """Kind and size must be those that the server has told, for which there is a place."""
    path = tmp_path / "a"
    path.write_bytes(data)
    assert examined(path, picture()) == Picture(fault=fault)
    assert examined(tmp_path / "none", picture()) == Picture(fault=Fault.NOT_FETCHED)


def test_what_the_server_tells_is_enough_to_refuse() -> None:
    """Nothing is brought of a picture that could not be shown."""
    assert told_fault(picture()) is None
    assert told_fault(picture(width=60_000, height=60_000)) == Fault.TOO_LARGE
    most = File("f", "a.png", FILE_MAX_BYTES, "image/png", 30, 20)
    assert told_fault(most) is None
    assert told_fault(replace(most, size=FILE_MAX_BYTES + 1)) == Fault.TOO_LARGE
    assert told_fault(File("f", "a.png", 0, "image/png", 30, 20)) == Fault.EMPTY
    assert told_fault(File("f", "a.png", 10, "image/png")) == Fault.NO_SIZE


def test_small_picture_comes_beside_the_whole_one(
    loader: PictureLoader, files: FakeFiles, settle: Settle
) -> None:
    """Each has its own wish and its own end; the latest wish is brought first."""
    loader.want(picture())
    loader.want(picture(), preview=True)
    loader.pump()
    assert list(files.asked) == ["f1-preview", "f1"]
    files.come("f1-preview", png(15, 10))
    assert settle() == ["f1"]
    found = loader.found(picture(), preview=True)
    assert found is not None
    assert found.fault is None
    assert loader.found(picture()) is None
    loader.refuse(picture(), Fault.DAMAGED, preview=True)
    assert loader.found(picture(), preview=True) == Picture(fault=Fault.DAMAGED)
    assert loader.found(picture()) is None


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (gif(30, 20), Fault.WRONG_KIND),
        (png(30, 20)[:-20], Fault.CUT_OFF),
        (png(30, 20) + b"\0" * 65_536, Fault.TOO_LARGE),
    ],
)
def test_small_picture_that_is_none(tmp_path: Path, data: bytes, fault: Fault) -> None:
    """Its sender's client is not believed: it must be a PNG of few bytes."""
    path = tmp_path / "a"
    path.write_bytes(data)
    assert examined_preview(path) == Picture(fault=fault)
    assert examined_preview(tmp_path / "none") == Picture(fault=Fault.NOT_FETCHED)


@pytest.mark.parametrize(("data", "error"), [(png(30, 20), ChatError("gone", "Gone.")), (None, None)])
def test_picture_that_is_refused_or_not_there_was_not_fetched(
    loader: PictureLoader, files: FakeFiles, settle: Settle, data: bytes | None, error: ChatError | None
) -> None:
    """Whatever the cache has of it, and whatever is told: one of the two is enough."""
    loader.want(picture())
    loader.pump()
    if data is not None:
        (files._folder / "f1").write_bytes(data)
    files.asked.pop("f1")(error)
    assert settle() == ["f1"]
    assert loader.found(picture()) == Picture(fault=Fault.NOT_FETCHED)


def test_small_picture_may_come_of_a_file_that_is_refused_by_its_size(loader: PictureLoader) -> None:
    """What the server says of the whole one is no fault of it."""
    file = replace(picture(), width=None)
    assert loader.found(file) == Picture(fault=Fault.NO_SIZE)
    assert loader.found(file, preview=True) is None
