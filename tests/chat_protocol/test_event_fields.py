"""Which JSON values fit the annotated type of an event's field."""

from typing import Any

import pytest

from chat_protocol.event_fields import fits, optional_text


@pytest.mark.parametrize(
    ("hint", "fitting", "others"),
    [
        (int, [0, -1], [True, 1.0, "1", None, [1]]),
        (str, ["", "a"], [1, None, ["a"]]),
        (bool, [True, False], [0, 1, None]),
        (str | None, ["a", None], [1, [], {}]),
        (list[str], [[], ["a"], ["a", "b"]], [["a", 1], [1], [None], "", "a", (), {}, None]),
        (dict[str, int], [{}, {"a": 1}], [{"a": "1"}, {"a": 1, "b": None}, {1: 1}, [], "", None]),
        (dict[str, str | None], [{"a": None, "b": "c"}], [{"a": 1}, [["a", None]]]),
        (list[str] | None, [None, ["a"]], [[1], "a"]),
    ],
    ids=str,
)
def test_value_fits_its_type_and_no_other(hint: Any, fitting: list[Any], others: list[Any]) -> None:
    """All that is in a list or an object has to fit, too; a truth value is no number."""
    assert [value for value in fitting if not fits(value, hint)] == []
    assert [value for value in others if fits(value, hint)] == []


def test_optional_text_may_be_missing_and_is_nothing_but_text() -> None:
    """A number or a list in its place is an error."""
    assert optional_text({"reason": "tea"}, "reason") == "tea"
    assert optional_text({"reason": ""}, "reason") == ""
    assert optional_text({"reason": None}, "reason") is None
    assert optional_text({}, "reason") is None
    wrong: list[Any] = [1, ["a"], {}, True]
    for value in wrong:
        with pytest.raises(TypeError, match="reason"):
            optional_text({"reason": value}, "reason")
