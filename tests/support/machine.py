"""Where a program of a test runs: on this machine, or in a network namespace of it; it starts nothing."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Machine:
    """An address, and how a command gets there.

    :param entry: is put before a command that is to run there.
    """

    address: str = "127.0.0.1"
    entry: tuple[str, ...] = ()


HERE: Final = Machine()
