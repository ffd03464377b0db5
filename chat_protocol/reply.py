"""What all replies have in common: an `ok`, and the forms of its fields; it must not know what they tell."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Final, NamedTuple, Protocol, Self

from chat_protocol.request import Ref
from chat_protocol.times import from_rfc3339, to_rfc3339


class Form(NamedTuple):
    """How a field stands in a frame: written from the value, read into it."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class _Framed(Protocol):
    def to_frame(self) -> dict[str, Any]: ...
    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Self: ...


def _plain(kind: type) -> Form:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not of type {kind.__name__}")
        return value

    return Form(lambda value: value, read)


def one(kind: type[_Framed]) -> Form:
    """Return the form of a field that is an object."""
    return Form(lambda value: value.to_frame(), kind.from_frame)


def many(kind: type[_Framed]) -> Form:
    """Return the form of a field that is a list of objects."""
    return Form(
        lambda values: [value.to_frame() for value in values],
        lambda items: tuple(kind.from_frame(item) for item in items),
    )


TEXT: Final = _plain(str)
NUMBER: Final = _plain(int)
TEXTS: Final = Form(list, lambda items: tuple(TEXT.read(item) for item in items))
YES_NO: Final = _plain(bool)
MOMENT: Final = Form(to_rfc3339, from_rfc3339)


def wire(form: Form, default: Any = MISSING) -> Any:
    """Return a dataclass field with its form; a value that is None is left out of the frame."""
    if default is MISSING:
        return field(metadata={"form": form})
    return field(default=default, metadata={"form": form})


@dataclass(frozen=True, slots=True)
class Fields:
    """Values that stand in a frame, written and read by their forms."""

    _ALWAYS: ClassVar[frozenset[str]] = frozenset()  # fields that are written even as null

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as they stand in a frame."""
        written = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                written[item.name] = item.metadata["form"].write(value)
            elif item.name in self._ALWAYS:
                written[item.name] = None
        return written

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Self:
        """Read a frame; unknown fields are ignored, and null counts as absent.

        :raises KeyError: when a field is missing that has no default.
        :raises TypeError, ValueError: when one is of the wrong form.
        """
        values = {}
        for item in fields(cls):
            value = frame.get(item.name)
            if value is not None:
                values[item.name] = item.metadata["form"].read(value)
            elif item.default is MISSING:
                raise KeyError(item.name)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Item(Fields):
    """An object in a list that a reply carries."""

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.to_fields()


@dataclass(frozen=True, slots=True)
class Reply(Fields):
    """What every `ok` has in common."""

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the `ok` that the server sends.

        :param ref: the request's.
        """
        frame: dict[str, Any] = {"type": "ok"} if ref is None else {"type": "ok", "ref": ref}
        return frame | self.to_fields()


@dataclass(frozen=True, slots=True)
class Done(Reply):
    """It was done, and there is nothing to tell."""
