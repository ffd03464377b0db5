"""Python's garbage collections, in which nobody is served, do not look through the program itself."""

import re
from collections.abc import Callable

from tests.support import kept_objects
from tests.support.server import ServerProcess


def test_program_itself_is_not_looked_through(server_process: Callable[..., ServerProcess]) -> None:
    """What was there when the server was ready is kept for good: nearly all that there is in calm."""
    server = server_process(module=kept_objects.__name__)
    assert server.stop() == 0
    found = re.search(r"kept: (\d+), others: (\d+)", server.output)
    assert found is not None
    assert int(found[1]) > 10 * int(found[2])
