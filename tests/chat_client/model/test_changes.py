"""The changes that the model announces."""

import dataclasses
import inspect

import pytest

from chat_client.model import changes

KINDS = [
    kind
    for _name, kind in inspect.getmembers(changes, inspect.isclass)
    if dataclasses.is_dataclass(kind) and kind.__module__ == changes.__name__
]


@pytest.mark.parametrize("kind", KINDS)
def test_change_is_a_value(kind: type) -> None:
    """Nobody alters a change that another still has to see, and equal ones can be merged: each has a hash."""
    parameters = inspect.signature(kind).parameters
    one, other = (kind(**dict.fromkeys(parameters, "x")) for _ in range(2))
    assert (one, hash(one)) == (other, hash(other))
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, field.name, "y")
