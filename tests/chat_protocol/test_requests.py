"""Requests: what a client writes is what the server reads, and nothing malformed passes."""

from dataclasses import MISSING, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol import requests
from chat_protocol.errors import ChatError
from chat_protocol.frames import FrameDecoder, decode_object, encode_frame
from chat_protocol.request import Request
from chat_protocol.request_reading import REQUESTS, parse_request, ref_of
from tests.chat_protocol import samples
from tests.chat_protocol.bad_values import BAD_VALUES


def names(request: Request) -> str:
    return request.TYPE


def refusal(frame: dict[str, Any]) -> ChatError:
    """Return the error with which the frame is refused."""
    with pytest.raises(ChatError) as caught:
        parse_request(frame)
    return caught.value


@pytest.mark.parametrize("request_", samples.REQUESTS, ids=names)
def test_request_round_trip(request_: Request) -> None:
    """A request read from its own frame, over the wire's bytes, is the same request."""
    frame = decode_object(encode_frame(request_.to_frame(7))[:-1])
    assert frame["ref"] == ref_of(frame) == 7
    assert parse_request(frame) == request_
    assert "ref" not in request_.to_frame()


def test_samples_cover_every_request() -> None:
    """No request is left out of these tests."""
    assert {type(request) for request in samples.REQUESTS} == set(REQUESTS.values())


@pytest.mark.parametrize("request_", samples.REQUESTS, ids=names)
def test_request_with_unknown_fields(request_: Request) -> None:
    """Fields that this version does not know are ignored."""
    assert parse_request({"from": "root", "x": [1], "TYPE": 3} | request_.to_frame()) == request_


#: Optional fields that the rest of the sample makes needed: it chooses a setting that each room has.
NEEDED = {("set", "room")}
FIELDS = [(kind, item) for kind in REQUESTS.values() for item in fields(kind)]


def full_frame(kind: type[Request]) -> dict[str, Any]:
    """Return the frame of the first sample of that type, its most complete one."""
    return next(request for request in samples.REQUESTS if type(request) is kind).to_frame()


@pytest.mark.parametrize(("kind", "item"), FIELDS, ids=[f"{k.TYPE}.{f.name}" for k, f in FIELDS])
def test_request_without_a_field(kind: type[Request], item: Any) -> None:
    """A missing or null field is `bad_request` with its name when it is required, and absent otherwise."""
    frame = full_frame(kind)
    frame.pop(item.name, None)
    for form in (frame, frame | {item.name: None}):
        if item.default is MISSING or (kind.TYPE, item.name) in NEEDED:
            error = refusal(form)
            assert (error.code, error.extra["field"]) == ("bad_request", item.name)
        else:
            assert getattr(parse_request(form), item.name) == item.default


@pytest.mark.parametrize(("kind", "item"), FIELDS, ids=[f"{k.TYPE}.{f.name}" for k, f in FIELDS])
def test_request_with_a_field_of_the_wrong_form(kind: type[Request], item: Any) -> None:
    """A field of the wrong type or over its limit is refused with its name."""
    for value in BAD_VALUES[item.name]:
        error = refusal(full_frame(kind) | {item.name: value})
        too_long = item.name == "body" and isinstance(value, str) and len(value) > 4000
        assert error.code == ("body_too_long" if too_long else "bad_request"), value
        assert error.extra["field"] == item.name


LIMITS = [
    (requests.Send("x", "é" * 4000), "body"),
    (requests.Send("x", "👋" * 4000), "body"),
    (requests.Send("x", "y", "n" * 64), "nonce"),
    (requests.Send("x", "y", reply_to=2**53 - 1), "reply_to"),
    (requests.History("x", limit=1), "limit"),
    (requests.History("x", limit=200), "limit"),
    (requests.Search("x", limit=100), "limit"),
    (requests.Join("x", "r" * 300), "reason"),
    (requests.Join("x", ""), "reason"),
    (requests.Profile("d" * 60), "display_name"),
    (requests.React("x", 1, "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"), "emoji"),
]


@pytest.mark.parametrize(("request_", "field"), LIMITS)
def test_request_at_its_limits(request_: Request, field: str) -> None:
    """The greatest and the smallest allowed values pass."""
    frame = request_.to_frame()
    assert getattr(parse_request(frame), field) == frame[field]


def test_largest_send_fits_into_a_frame() -> None:
    """4,000 characters of the longest escape, in a room of 60, with a full nonce, are a frame."""
    request = requests.Send("\U0001f3e0" * 60, "\x01" * 4000, "n" * 64, 2**53 - 1)
    decoder = FrameDecoder()
    (line,) = decoder.feed(encode_frame(request.to_frame("r" * 64)))
    assert parse_request(decode_object(line)) == request


@pytest.mark.parametrize("kind", ["", "Send", "send ", "__class__", "hello", "ok", "x" * 60_000])
def test_request_of_an_unknown_type(kind: str) -> None:
    """A type that does not exist is `unknown_type`, and its text does not come back."""
    error = refusal({"type": kind})
    assert error.code == "unknown_type"
    assert len(error.message) < 200


@pytest.mark.parametrize("kind", [None, 1, True, [], {}, ["send"]])
def test_request_whose_type_is_no_string(kind: Any) -> None:
    """A type that is missing or no string is `bad_request` about `type`."""
    error = refusal({"type": kind})
    assert (error.code, error.extra) == ("bad_request", {"field": "type"})


def test_history_before_and_after() -> None:
    """Both ends at once are refused."""
    error = refusal({"type": "history", "room": "x", "before": 9, "after": 2})
    assert (error.code, error.extra) == ("bad_request", {"field": "before"})


@pytest.mark.parametrize("ref", [None, 0, -7, 2**53 - 1, 1 - 2**53, "", "abc", "é" * 300])
def test_ref_that_is_allowed(ref: Any) -> None:
    """A string or a whole number, or none."""
    assert ref_of({"ref": ref}) == ref


@pytest.mark.parametrize("ref", [True, 1.0, 1e999, 2**53, -(2**53), [], {}, "\ud800"])
def test_ref_that_is_not_allowed(ref: Any) -> None:
    """Anything else is `bad_request` about `ref`."""
    with pytest.raises(ChatError) as caught:
        ref_of({"ref": ref})
    assert (caught.value.code, caught.value.extra) == ("bad_request", {"field": "ref"})


def test_requests_cannot_be_changed() -> None:
    """A request is a value."""
    request = requests.Ping()
    with pytest.raises((AttributeError, TypeError)):
        request.TYPE = "send"  # type: ignore[misc]  # that is what fails
    assert replace(requests.Users("a"), limit=3) == requests.Users("a", 3)


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)
_FIELD_NAMES = st.sampled_from(sorted({"ref"} | set(BAD_VALUES)))


@given(st.sampled_from(sorted(REQUESTS)), st.dictionaries(_FIELD_NAMES, _VALUES, max_size=8))
def test_parser_given_any_object(kind: str, values: dict[str, Any]) -> None:
    """Any object is a request, which round-trips, or a ChatError: nothing else is raised."""
    try:
        ref = ref_of(values)
        request = parse_request(values | {"type": kind})
    except ChatError as error:
        encode_frame(error.to_frame(1))
    else:
        line = encode_frame(request.to_frame(ref))[:-1]
        assert parse_request(decode_object(line)) == request


@given(st.binary(max_size=300) | _VALUES.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_reading_any_bytes(data: bytes) -> None:
    """From bytes to request, nothing but ChatError is raised."""
    for line in FrameDecoder().feed(data + b"\n"):
        try:
            frame = decode_object(line)
            ref_of(frame)
            parse_request(frame)
        except ChatError:
            pass


def test_send_of_files_alone() -> None:
    """A text may be empty where there are files, and only there; none of them comes twice."""
    assert parse_request({"type": "send", "room": "x", "body": "", "nonce": "n", "files": ["f1"]}) == (
        requests.Send("x", "", "n", files=("f1",))
    )
    for frame in ({"body": ""}, {"body": "", "files": []}):
        error = refusal({"type": "send", "room": "x", "nonce": "n"} | frame)
        assert (error.code, error.extra) == ("bad_request", {"field": "body"})


@pytest.mark.parametrize("field", ["room", "body", "nonce"])
@pytest.mark.parametrize(
    ("text", "carried"), [("\ud800", False), ("x\udc00y", False), ("é👋", True), ("x", True)]
)
def test_half_a_pair_in_the_usual_message_is_refused(field: str, text: str, carried: bool) -> None:
    """No database and no reader could take it; it is not left to whoever looks at the whole line."""
    frame = {"type": "send", "room": "x", "body": "y", "nonce": "n"} | {field: text}
    if carried:
        assert parse_request(frame) == requests.Send(frame["room"], frame["body"], frame["nonce"])
    else:
        assert refusal(frame).extra["field"] == field
