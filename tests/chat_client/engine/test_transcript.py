"""Conversations as text files: fetched page by page, over refusals and losses, and worded."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chat_client import i18n
from chat_client.model.changes import FileSaved, RequestFailed
from chat_client.transcript_words import TranscriptWords, heading
from chat_protocol.objects import File, Message
from tests.chat_client.fakes import Bench, a_message, a_room


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file is to be."""
    return tmp_path / "saved" / "Lobby.txt"


def begin(bench: Bench, target: Path) -> None:
    target.parent.mkdir()
    bench.sign_in(a_room("Lobby", last_seq=3))
    bench.server.take_all("history")
    bench.client.transcripts.save(
        "lobby", target, "Top\n", lambda messages: "".join(f"{message.body}\n" for message in messages)
    )
    bench.poll()


def test_conversation_is_saved_page_by_page(bench: Bench, target: Path) -> None:
    """Each page begins where the last one ended; the file is there once it is whole."""
    begin(bench, target)
    first = bench.server.take("history")
    assert (first["after"], first["limit"]) == (0, 200)
    bench.server.ok(first, room="Lobby", messages=[a_message("Lobby", 1), a_message("Lobby", 2)], more=True)
    bench.poll()
    assert not target.exists()
    second = bench.server.take("history")
    assert second["after"] == 2
    bench.server.ok(second, room="Lobby", messages=[a_message("Lobby", 3)], more=False)
    assert FileSaved("", str(target)) in bench.poll()
    assert target.read_text() == "Top\nmessage 1\nmessage 2\nmessage 3\n"
    assert [path.name for path in target.parent.iterdir()] == ["Lobby.txt"]


def test_page_refused_for_the_moment_is_asked_again(bench: Bench, target: Path) -> None:
    """A server that has no time now is asked for the same page later."""
    begin(bench, target)
    bench.server.error(bench.server.take("history"), "rate_limited", retry_after=3)
    bench.poll()
    assert bench.server.take_all("history") == []
    bench.pass_s(3)
    bench.server.ok(bench.server.take("history"), room="Lobby", messages=[], more=False)
    bench.poll()
    assert target.read_text() == "Top\n"


def test_room_that_may_not_be_read_any_more_leaves_no_file(bench: Bench, target: Path) -> None:
    """A refusal for good is told, and what was written goes."""
    begin(bench, target)
    bench.server.error(bench.server.take("history"), "not_a_member")
    assert RequestFailed("transcript", "not_a_member", "not_a_member", "lobby") in bench.poll()
    assert list(target.parent.iterdir()) == []


def test_place_that_cannot_be_written_is_told(bench: Bench, target: Path) -> None:
    """Nothing is asked of the server for a file that cannot be."""
    bench.sign_in(a_room("Lobby", last_seq=3))
    bench.server.take_all("history")
    bench.client.transcripts.save("lobby", target, "Top\n", lambda _messages: "")
    assert [change.code for change in bench.poll() if isinstance(change, RequestFailed)] == ["not_saved"]
    assert bench.server.take_all("history") == []


def test_end_of_the_program_leaves_no_half_file(bench: Bench, target: Path) -> None:
    """What is not whole when the window closes is thrown away."""
    begin(bench, target)
    bench.client.close()
    assert list(target.parent.iterdir()) == []


def test_file_that_is_whole_is_written_before_it_has_its_name(
    bench: Bench, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name in a folder stands for the whole text; the next page is asked for at once."""
    begin(bench, target)
    (running,) = bench.client.transcripts._running
    woken: list[bool] = []
    bench.client.wake_with(lambda: woken.append(True))
    first = bench.server.take("history")
    bench.server.ok(first, room="Lobby", messages=[a_message("Lobby", 1)], more=True)
    bench.poll()
    assert bench.client.transcripts.busy
    assert not running.file.closed
    bench.server.ok(bench.server.take("history"), room="Lobby", messages=[], more=False)
    bench.poll()
    assert running.file.closed
    assert not bench.client.transcripts.busy


def test_disk_that_fills_is_told_and_leaves_no_file(bench: Bench, target: Path) -> None:
    """In the middle, too; what was written goes."""
    begin(bench, target)
    (running,) = bench.client.transcripts._running
    running.file.close()
    running.file = open("/dev/full", "w", encoding="utf-8", buffering=1)  # noqa: SIM115  closed by what is tested
    bench.server.ok(bench.server.take("history"), room="Lobby", messages=[a_message("Lobby", 1)], more=True)
    changes = bench.poll()
    assert [change.code for change in changes if isinstance(change, RequestFailed)] == ["not_saved"]
    assert list(target.parent.iterdir()) == []
    assert not bench.client.transcripts.busy


def test_wording() -> None:
    """Days, names, answers, edits, deletions, files and reactions; no control characters."""
    i18n.use("en")
    noon = int(datetime(2026, 1, 31, 12, 0).timestamp() * 1000)
    words = TranscriptWords(lambda name: name.title())
    file = File("1", "a\x1b.pdf", 2048, "application/pdf")
    said = words(
        [
            Message("R", 1, "zoe", "two\nlines\x1b[2J", noon, edited_at=noon, reactions={"👍": ("jules",)}),
            Message("R", 2, "jules", "x", noon, kind="edit", target=1),
            Message("R", 3, "jules", "", noon, deleted=True),
            Message("R", 4, "nobody", "late", noon, former=True, reply_to=1, files=(file,)),
        ]
    )
    assert said == (
        "\n--- 2026-01-31 ---\n[12:00] #1 Zoe: two\n    lines[2J (edited)\n    👍 jules\n"
        "[12:00] #3 Jules: (deleted)\n[12:00] #4 former member (→ #1): late\n    [a.pdf, 2 KB]\n"
    )
    assert words([Message("R", 5, "zoe", "more", noon)]) == "[12:00] #5 Zoe: more\n"


def test_heading_says_whose_times_they_are() -> None:
    """Room, server, reader, moment and time zone stand at the top."""
    i18n.use("en")
    now = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    top = heading("Projet", "chat.example.org", "Zoé", now)
    assert top == "Projet, chat.example.org: saved by Zoé on 2026-01-31 12:00\nAll times: UTC+0000\n"


@pytest.mark.parametrize(("told", "wait_s"), [({}, 2), ({"retry_after": 5}, 5)])
def test_page_that_is_refused_for_now_waits(
    bench: Bench, target: Path, told: dict[str, int], wait_s: int
) -> None:
    """As long as the server says, or two seconds; a lost connection is one more refusal."""
    begin(bench, target)
    bench.server.error(bench.server.take("history"), "unavailable", **told)
    bench.poll()
    bench.pass_s(wait_s - 0.5)
    assert bench.server.take_all("history") == []
    bench.pass_s(0.5)
    assert len(bench.server.take_all("history")) == 1
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=3))
    bench.pass_s(2)
    (request,) = (one for one in bench.server.take_all("history") if one.get("after") == 0)
    bench.server.ok(request, room="Lobby", messages=[], more=True)
    assert FileSaved("", str(target)) in bench.poll()


def test_conversation_of_a_room_that_is_gone_is_not_begun(bench: Bench, target: Path) -> None:
    """Nothing is written."""
    bench.sign_in()
    bench.client.transcripts.save("lobby", target, "Top\n", lambda _messages: "")
    assert (bench.client.transcripts.busy, bench.poll()) == (False, [])


def test_conversations_are_saved_side_by_side(bench: Bench, target: Path) -> None:
    """Each has its own pages; the end of one leaves the other."""
    begin(bench, target)
    other = target.with_name("Other.txt")
    bench.client.transcripts.save("lobby", other, "Other\n", lambda _messages: "")
    bench.poll()
    first, second = bench.server.take_all("history")
    bench.server.error(first, "not_a_member")
    bench.server.ok(second, room="Lobby", messages=[], more=False)
    bench.poll()
    assert [path.name for path in target.parent.iterdir()] == ["Other.txt"]
