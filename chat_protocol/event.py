"""What all events have in common: a type on the wire, and a frame; it must not know any event."""

from typing import Any, ClassVar, get_type_hints

from chat_protocol.event_fields import fits


class Event:
    """What every event has in common: a type on the wire, and a frame."""

    TYPE: ClassVar[str] = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the frame the server sends."""
        raise NotImplementedError

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Event":
        """Read the frame; unknown fields are ignored."""
        raise NotImplementedError


class FlatEvent(Event):
    """An event whose frame is its fields; those that are None are left out."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def to_frame(self) -> dict[str, Any]:
        """Return the type and the fields that have a value."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"type": self.TYPE} | {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Event:
        """Read the fields.

        :raises TypeError: when one is missing or of the wrong type.
        """
        hints = get_type_hints(cls)
        values = {name: frame[name] for name in cls.__dataclass_fields__ if name in frame}
        for name, value in values.items():
            if not fits(value, hints[name]):
                raise TypeError(f"{name} is of the wrong type")
        return cls(**values)
