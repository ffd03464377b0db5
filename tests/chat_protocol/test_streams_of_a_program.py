"""What `on_any_streams` makes of a program's streams and of how it ends, without a program of its own."""

import io
import os
import select
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import pytest

from chat_protocol.standard_streams import CLOSED_PIPE, UNREADABLE, on_any_streams, output_has_gone


@pytest.fixture
def opened() -> Iterator[list[TextIO]]:
    """Streams that are closed at the end, whatever is left in them."""
    streams: list[TextIO] = []
    yield streams
    for stream in streams:
        stream.close()


@pytest.fixture
def unread(opened: list[TextIO]) -> TextIO:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    opened.append(open(writing, "w", encoding="utf-8"))  # noqa: SIM115  closed by `opened`
    return opened[-1]


def raising(error: BaseException) -> Callable[[], int]:
    def main() -> int:
        raise error

    return on_any_streams(main)


def test_status_and_arguments_are_the_program_s_own(
    monkeypatch: pytest.MonkeyPatch, opened: list[TextIO]
) -> None:
    """What it has written is flushed; a stream that it has closed itself is let alone."""
    shown = io.TextIOWrapper(io.BytesIO(), "utf-8")
    opened.append(shown)
    monkeypatch.setattr(sys, "stdout", shown)

    def main(status: int, *, word: str) -> int:
        sys.stdout.write(word)
        return status

    assert on_any_streams(main)(7, word="é") == 7
    assert shown.buffer.getvalue() == "é".encode()

    def close() -> int:
        sys.stdout.close()
        return 3

    assert on_any_streams(close)() == 3


def test_signs_that_a_stream_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch, opened: list[TextIO]) -> None:
    """On both streams to write to; words of the command line are read as UTF-8 where the locale cannot."""
    streams = [io.TextIOWrapper(io.BytesIO(), "ascii") for _ in range(2)]
    opened += streams
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    monkeypatch.setattr(sys, "argv", ["é", os.fsdecode("日".encode()), "a\udce9b"])

    def main() -> int:
        print("é")
        print("日", file=sys.stderr)
        sys.stderr.flush()
        return 0

    assert on_any_streams(main)() == 0
    assert [stream.buffer.getvalue() for stream in streams] == [b"\\xe9\n", b"\\u65e5\n"]
    assert sys.argv == ["é", "日", "a\ufffdb"]


def test_streams_that_are_not_there_are_the_null_device(
    monkeypatch: pytest.MonkeyPatch, opened: list[TextIO]
) -> None:
    """Reading gives the end, writing goes nowhere; one that is there stays."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)

    def main() -> int:
        opened.extend((sys.stdin, sys.stdout, sys.stderr))
        print("nowhere")
        print("nowhere", file=sys.stderr)
        return len(sys.stdin.read())

    assert on_any_streams(main)() == 0
    assert [(stream.name, stream.encoding) for stream in opened] == [(os.devnull, "utf-8")] * 3
    there = (sys.stdin, sys.stdout, sys.stderr)
    assert on_any_streams(lambda: 0)() == 0
    assert (sys.stdin, sys.stdout, sys.stderr) == there


def test_reader_that_has_gone_ends_the_program_without_a_word(
    unread: TextIO, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whether it notices while it writes or at the end; what is left goes nowhere."""
    monkeypatch.setattr(sys, "stdout", unread)

    def main() -> int:
        print("to nobody")
        return 0

    assert on_any_streams(main)() == CLOSED_PIPE
    unread.write("more")
    unread.flush()
    assert capfd.readouterr().err == ""


def test_pipe_that_is_not_the_output_is_the_program_s_own_mistake() -> None:
    """It passes, as all other errors do."""
    with pytest.raises(BrokenPipeError):
        raising(BrokenPipeError())()
    with pytest.raises(KeyError):
        raising(KeyError())()


@pytest.mark.parametrize(("encoding", "read_in", "told"), [("ascii", "ascii", True), ("utf-8", "utf-8", True),
                                                           ("utf-8", "ascii", False)])  # fmt: skip
def test_input_that_cannot_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    encoding: str,
    read_in: str,
    told: bool,
) -> None:
    """Of the input's own encoding; what else cannot be decoded is a mistake of the program."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(), read_in))
    main = raising(UnicodeDecodeError(encoding, b"\xff", 0, 1, "no"))
    if told:
        assert main() == UNREADABLE
        assert f"not text in {encoding}" in capsys.readouterr().err
    else:
        with pytest.raises(UnicodeDecodeError):
            main()


class Output(io.StringIO):
    """Stands for a standard output."""

    def __init__(self, number: Callable[[], int], error: BaseException | None = None) -> None:
        super().__init__()
        self._number, self._error = number, error

    def fileno(self) -> int:
        return self._number()

    def flush(self) -> None:
        if self._error is not None:
            raise self._error


def test_output_has_gone_when_nobody_reads_it(unread: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipe itself knows, also where the last write was dropped."""
    monkeypatch.setattr(sys, "stdout", unread)
    assert output_has_gone()


@pytest.mark.parametrize(
    ("error", "gone"), [(BrokenPipeError(), True), (OSError(), False), (ValueError(), False), (None, False)]
)
def test_output_that_cannot_be_asked_has_not_gone(
    monkeypatch: pytest.MonkeyPatch, error: BaseException | None, gone: bool
) -> None:
    """A file that takes no more, one that was closed, and one that a reader has are not the same."""
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdout", Output(lambda: writing, error))
    assert output_has_gone() is gone
    os.close(writing)
    os.close(reading)
    assert output_has_gone() is gone  # nobody has this number any more, which is no reader that went
    with monkeypatch.context() as patch:
        patch.delattr(select, "poll")
        assert output_has_gone() is gone


def test_output_without_a_number_has_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that is no file."""

    def none() -> Any:
        raise io.UnsupportedOperation("fileno")

    monkeypatch.setattr(sys, "stdout", Output(none))
    assert not output_has_gone()
