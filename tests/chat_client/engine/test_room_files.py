"""The files of a room, asked for page by page."""

from typing import Any

from chat_client.model.changes import RoomFilesChanged
from tests.chat_client.fakes import Bench, Frame, a_message, a_room


def with_file(seq: int, **fields: Any) -> Frame:
    file = {"id": f"f{seq}", "name": f"{seq}.txt", "size": seq}
    return a_message("Lobby", seq, files=[file], sent_at="2026-03-01T10:00:00.500Z", **fields)


def listed(bench: Bench) -> list[str]:
    return [each.file.name for each in bench.client.room_files.files()]


def begin(bench: Bench) -> Frame:
    """Ask for the files of a room; return the request."""
    bench.sign_in(a_room("Lobby", last_seq=9), a_room("Board"))
    bench.poll()
    bench.client.room_files.show("lobby")
    assert RoomFilesChanged() in bench.poll()
    return bench.server.take("search")


def test_newest_files_come_first_and_older_ones_when_asked_for(bench: Bench) -> None:
    """The next page begins within the millisecond of the last one; what is known already counts once."""
    request = begin(bench)
    assert (request["room"], request["query"], request.get("before")) == ("Lobby", "file:*", None)
    state = bench.state.room_files
    assert (state.busy, listed(bench)) == (True, [])
    bench.client.room_files.more()
    assert bench.server.take_all("search") == []  # one page at a time
    bench.server.ok(request, messages=[with_file(8), with_file(5)], more=True)
    assert RoomFilesChanged() in bench.poll()
    assert (state.busy, state.more, state.complete, listed(bench)) == (False, True, False, ["8.txt", "5.txt"])
    bench.client.room_files.more()
    request = bench.server.take("search")
    assert request["before"] == "2026-03-01T10:00:00.501Z"
    bench.server.ok(request, messages=[with_file(5), with_file(2)], more=False)
    bench.poll()
    assert (state.more, state.complete, listed(bench)) == (False, True, ["8.txt", "5.txt", "2.txt"])
    bench.client.room_files.more()
    assert bench.server.take_all("search") == []


def test_page_that_brings_nothing_new_is_the_last(bench: Bench) -> None:
    """A server that says there is more, again and again, is not asked for ever."""
    request = begin(bench)
    bench.server.ok(request, messages=[with_file(8)], more=True)
    bench.poll()
    bench.client.room_files.more()
    bench.server.ok(bench.server.take("search"), messages=[with_file(8)], more=True)
    bench.poll()
    state = bench.state.room_files
    assert (state.more, state.complete, listed(bench)) == (False, True, ["8.txt"])


def test_refusal_is_kept_until_the_files_are_asked_for_again(bench: Bench) -> None:
    """What is shown of a room without an answer is why."""
    request = begin(bench)
    bench.server.error(request, "rate_limited")
    assert RoomFilesChanged() in bench.poll()
    assert (bench.state.room_files.busy, bench.state.room_files.code) == (False, "rate_limited")
    bench.client.room_files.show("lobby")
    assert (bench.state.room_files.busy, bench.state.room_files.code) == (True, "")


def test_another_room_begins_with_nothing(bench: Bench) -> None:
    """An answer that comes late is not shown there; a room that is gone has no files."""
    request = begin(bench)
    bench.client.room_files.show("board")
    bench.server.ok(request, messages=[with_file(8)], more=False)
    bench.poll()
    assert listed(bench) == []
    bench.server.take_all("search")
    bench.client.room_files.show("gone")
    assert (listed(bench), bench.server.take_all("search")) == ([], [])
