"""The frame decoder: bytes in, lines out; and the strict JSON reader behind it."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.errors import ChatError
from chat_protocol.frames import (
    FrameDecoder,
    FrameTooLarge,
    decode_object,
    encode_frame,
    may_hold_half_a_pair,
)
from chat_protocol.limits import FRAME_MAX_BYTES

FRAMES: list[dict[str, Any]] = [
    {"type": "ping"},
    {"type": "send", "ref": 7, "room": "Général", "body": "bonjour 👋\nà tous", "nonce": "b1c2"},
    {"type": "send", "ref": "x", "room": "@jules", "body": "\u2028\x85\x0c\x1c ligne"},
    {"type": "history", "room": "日本", "after": 0, "limit": 200},
]


def lines_of(*pieces: bytes) -> list[bytes]:
    """Feed the pieces one after the other and return all lines."""
    decoder = FrameDecoder()
    return [line for piece in pieces for line in decoder.feed(piece)]


@pytest.mark.parametrize("frame", FRAMES)
def test_decoder_given_a_whole_frame(frame: dict[str, Any]) -> None:
    """A frame that comes in one piece is one line, and reads back as what was written."""
    (line,) = lines_of(encode_frame(frame))
    assert decode_object(line) == frame


@pytest.mark.parametrize("frame", FRAMES)
def test_decoder_given_single_bytes(frame: dict[str, Any]) -> None:
    """A frame that comes byte by byte, also inside a character, is the same line."""
    data = encode_frame(frame)
    assert lines_of(*(data[i : i + 1] for i in range(len(data)))) == [data[:-1]]


def test_decoder_given_two_frames_at_once() -> None:
    """Two frames in one piece are two lines, in order."""
    first, second = encode_frame(FRAMES[0]), encode_frame(FRAMES[1])
    assert lines_of(first + second) == [first[:-1], second[:-1]]


def test_decoder_given_an_end_and_a_beginning() -> None:
    """A piece may end one frame and begin the next."""
    data = b"".join(map(encode_frame, FRAMES))
    assert lines_of(data[:20], data[20:50], data[50:51], data[51:]) == data.split(b"\n")[:-1]


def test_decoder_keeps_half_a_frame_back() -> None:
    """Nothing comes out before the newline."""
    decoder = FrameDecoder()
    assert decoder.feed(b'{"type":') == []
    assert decoder.feed(b'"ping"}') == []
    assert decoder.feed(b"\n") == [b'{"type":"ping"}']


def test_decoder_tolerates_carriage_return_and_empty_lines() -> None:
    r"""`\r\n` ends a line too, and empty lines are not lines."""
    lines = lines_of(b"\n\r\n{}\r\n\n\n", b"\r", b"\n{}\n")
    assert [decode_object(line) for line in lines] == [{}, {}]


def padded(size: int) -> bytes:
    """Return a frame of exactly `size` bytes, newline included."""
    frame = encode_frame({"type": "ping", "pad": ""})
    return encode_frame({"type": "ping", "pad": "x" * (size - len(frame))})


@pytest.mark.parametrize("size", [FRAME_MAX_BYTES - 1, FRAME_MAX_BYTES])
@pytest.mark.parametrize("step", [1, 1000, 10**6])
def test_decoder_at_the_limit(size: int, step: int) -> None:
    """A frame of 65,535 or 65,536 bytes passes, in whatever pieces it comes."""
    data = padded(size)
    assert len(data) == size
    decoder = FrameDecoder()
    lines = [line for i in range(0, size, step) for line in decoder.feed(data[i : i + step])]
    assert lines == [data[:-1]]
    assert not decoder.too_large


@pytest.mark.parametrize("step", [1, 1000, 10**6])
def test_decoder_over_the_limit(step: int) -> None:
    """A frame of 65,537 bytes is too large, and nothing after it is read."""
    data = padded(FRAME_MAX_BYTES + 1) + encode_frame(FRAMES[0])
    decoder = FrameDecoder()
    assert [line for i in range(0, len(data), step) for line in decoder.feed(data[i : i + step])] == []
    assert decoder.too_large
    assert decoder.feed(encode_frame(FRAMES[0])) == []


def test_decoder_over_the_limit_without_newline() -> None:
    """A line that never ends is refused when the limit is reached, and is not kept in memory."""
    decoder = FrameDecoder()
    decoder.feed(b"x" * (FRAME_MAX_BYTES - 1))
    assert not decoder.too_large
    decoder.feed(b"x")
    assert decoder.too_large
    assert decoder._parts == []


def test_decoder_returns_what_stood_before_the_large_line() -> None:
    """Requests before the line over the limit are still answered."""
    decoder = FrameDecoder()
    assert decoder.feed(b"{}\n[]\n" + b"x" * 70_000 + b"\n{}\n") == [b"{}", b"[]"]
    assert decoder.too_large
    decoder = FrameDecoder()
    assert decoder.feed(b"{}\n" + b"x" * 70_000) == [b"{}"]
    assert decoder.too_large


def test_decoder_counts_each_line_by_itself() -> None:
    """Many lines in one piece may be longer together than one frame may be."""
    line = padded(40_000)
    assert lines_of(line * 3, line[:100], line[100:]) == [line[:-1]] * 4


def test_frame_too_large_names_its_code() -> None:
    """The error that belongs to such a line carries its code."""
    assert FrameTooLarge().to_frame()["code"] == "frame_too_large"


REFUSED: dict[str, bytes] = {
    "no JSON": b"hello",
    "HTTP": b"GET / HTTP/1.1",
    "an array": b"[]",
    "a string": b'"x"',
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"type":"ping","ref":NaN}',
    "infinity": b'{"x":Infinity}',
    "minus infinity": b'{"x":-Infinity}',
    "bad UTF-8": b'{"type":"\xff"}',
    "overlong UTF-8": b'{"type":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"type":"\xed\xa0\x80"}',
    "Latin-1": '{"body":"é"}'.encode("latin-1"),
    "UTF-16": '{"type":"ping"}'.encode("utf-16-le"),
    "UTF-32": '{"type":"ping"}'.encode("utf-32-be"),
    "a byte order mark": '\ufeff{"type":"ping"}'.encode(),
    "a NUL": b'{"type":"ping"}\0',
    "a raw tab in a string": b'{"type":"a\tb"}',
    "two objects": b"{}{}",
    "a trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "an unfinished object": b'{"type":"ping"',
    "an unfinished escape": b'{"type":"\\u12"}',
    "an integer of 5,000 digits": b'{"ref":' + b"9" * 5000 + b"}",
    "deep arrays": b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep objects": b'{"x":' * 10_000 + b"1" + b"}" * 10_000,
    "endless opening": b"[" * 65_000,
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_decode_object_given_rubbish(line: bytes) -> None:
    """What is not a JSON object in UTF-8 is `bad_frame`."""
    with pytest.raises(ChatError) as caught:
        decode_object(line)
    assert caught.value.code == "bad_frame"


SLOW = {
    "escaped quotes in a string without an end": b'{"a":' + b"[" * 33 + b'"' + b'\\"' * 32_000,
    "escaped quotes outside strings": b"[" * 33 + b'\\"' * 32_000,
    "quotes": b"[" * 33 + b'"' * 65_000,
    "backslashes": b"[" * 33 + b'"' + b"\\" * 65_000,
    "brackets": b"[]" * 32_000,
    "brackets in strings": b'["[",' * 12_000,
    "digits": b'{"a":' + b"9" * 65_000,
    "blanks": b" " * 65_000 + b"x",
}


@pytest.mark.parametrize("line", SLOW.values(), ids=SLOW)
def test_decode_object_given_a_line_that_is_meant_to_be_slow(line: bytes) -> None:
    """No line costs more than a few milliseconds: the time grows with its length, not with its square."""
    begun = time.process_time()
    with pytest.raises(ChatError):
        decode_object(line)
    assert time.process_time() - begun < 0.5


def test_decode_object_at_the_depth_limit() -> None:
    """Brackets in strings do not count as nesting; 32 levels pass, 33 do not."""
    text = '{"a":"' + "[" * 1000 + '","b":["\\"[[[{"]}'
    assert decode_object(text.encode())["a"] == "[" * 1000
    assert decode_object(b'{"a":' + b"[" * 31 + b"]" * 31 + b"}")
    with pytest.raises(ChatError):
        decode_object(b'{"a":' + b"[" * 32 + b"]" * 32 + b"}")
    for before in (b"[],", b"{},", b"[[]],"):  # what was closed counts no more, and hides nothing
        assert decode_object(b'{"a":[' + before * 9 + b"[" * 30 + b"]" * 30 + b"]}")
        with pytest.raises(ChatError):
            decode_object(b'{"a":[' + before * 9 + b"[" * 31 + b"]" * 31 + b"]}")


def test_decode_object_given_unusual_json() -> None:
    """Escapes, spaces around the tokens and a repeated key are JSON."""
    assert decode_object(b' \t{ "a" : "\\ud83d\\ude00\\u00e9" , "a" : 1.5e3 } \r') == {"a": 1500.0}


def test_encode_frame_is_one_line_of_compact_utf8() -> None:
    """A written frame holds one newline, at its end, whatever stands in it, and no needless byte."""
    data = encode_frame({"body": "a\nb\r\u2028é👋\x00", "n": [1, 2]})
    assert data == '{"body":"a\\nb\\r\u2028é👋\\u0000","n":[1,2]}\n'.encode()


def test_encode_frame_given_half_a_surrogate_pair() -> None:
    """A string that UTF-8 cannot carry does not stop a frame."""
    assert encode_frame({"a": "x\ud83dy"}) == b'{"a":"x?y"}\n'


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text("abcé\n", max_size=5), children)
    ),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.text("abz\n\r", max_size=6), _JSON, max_size=3), max_size=4), st.data())
def test_decoder_given_any_cut_of_any_frames(frames: list[dict[str, Any]], data: st.DataObject) -> None:
    """However the stream is cut, the frames come out as they went in."""
    stream = b"".join(map(encode_frame, frames))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [decode_object(line) for line in lines_of(*pieces)] == frames


@given(st.lists(st.binary(max_size=200)))
def test_decoder_given_any_bytes(pieces: list[bytes]) -> None:
    """Any bytes give lines, and any line gives an object or `bad_frame`: nothing else is raised."""
    for line in lines_of(*pieces, b"\n"):
        assert b"\n" not in line
        with contextlib.suppress(ChatError):
            assert json.dumps(decode_object(line))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (rb'{"a":"\u00e9"}', False),
        (rb'{"a":"\udead"}', True),
        (rb'{"a":"\uD83D\uDE00"}', True),
        (rb'{"a":"ud83d"}', False),
        (rb'{"a":"\ud7ff"}', False),
    ],
)
def test_line_that_may_hold_half_a_pair(line: bytes, expected: bool) -> None:
    """Only a line that spells a surrogate has to be looked through."""
    assert may_hold_half_a_pair(line) is expected
