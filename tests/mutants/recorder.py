"""A pytest plugin that records which test reaches which line, in all threads; it judges nothing."""

import os
from collections.abc import Iterator

import coverage
import pytest

from tests.mutants.reaching import DATA_VARIABLE

_recording = coverage.Coverage(
    data_file=os.environ[DATA_VARIABLE],
    config_file=False,
    source=["chat_protocol", "chat_server", "chat_client"],
    omit=["chat_client/ui/*"],
)
_recording.set_option("run:relative_files", True)  # a recording serves every copy of the tree
_recording.start()  # before anything of the program is imported


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Give all that runs from here on to this test; its parameters are left out."""
    _recording.switch_context(item.nodeid.partition("[")[0])
    return (yield)


def pytest_unconfigure() -> None:
    """Write down what was recorded."""
    _recording.stop()
    _recording.save()
