"""What stands in a backup's file: rows as lines, and checksums that are the same in every database."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

FORMAT: Final = "chat-backup"
FORMAT_VERSION: Final = 1
MODULUS: Final = 1 << 256

Encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode_row(row: Sequence[Any]) -> bytes:
    """Write a row's values, in the order of its columns' names, as a line."""
    return Encode(row).encode() + b"\n"


@dataclass(slots=True)
class RowSum:
    """The number of rows and their checksum: the sum of each line's SHA-256, modulo 2**256.

    A sum does not depend on the order of the rows, in which databases differ.
    """

    rows: int = 0
    total: int = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Add lines to the sum."""
        total = self.total
        for line in lines:
            total += int.from_bytes(sha256(line).digest(), "big")
            self.rows += 1
        self.total = total % MODULUS

    @property
    def checksum(self) -> str:
        """The checksum as 64 hexadecimal digits."""
        return f"{self.total:064x}"

    def to_json(self) -> dict[str, Any]:
        """Return what stands in the file."""
        return {"rows": self.rows, "checksum": self.checksum}
