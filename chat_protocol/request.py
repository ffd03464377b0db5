"""What all requests have in common: a type, and fields with their checks; it must not know any request."""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from chat_protocol import fields as check

Ref = str | int | None


def required(checker: check.Check) -> Any:
    """Make a field that a request must have."""
    return field(metadata={"check": checker})


def optional(checker: check.Check, default: Any = None) -> Any:
    """Make a field that a request may leave out."""
    return field(default=default, metadata={"check": checker})


@dataclass(frozen=True, slots=True)
class Request:
    """What every request has in common: a type on the wire, and fields that are checked when it is read."""

    TYPE: ClassVar[str] = ""

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame a client sends; fields that are None are left out, several values are a list."""
        frame: dict[str, Any] = {"type": self.TYPE}
        if ref is not None:
            frame["ref"] = ref
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                frame[item.name] = list(value) if isinstance(value, tuple) else value
        return frame
