"""Files between two clients: whole, once, and through servers and clients that die on the way."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_client.engine.files import FILES_OFF
from chat_client.model import changes as ch
from chat_client.model.pictures import PNG, SentPicture, Size
from chat_client.model.state import MessageState, Phase, Status
from chat_client.store.attachments import FILE_UNREADABLE
from chat_protocol.errors import ChatError
from chat_protocol.objects import File
from tests.chat_client.live import LiveClient, Stage, all_until, clients, hurry
from tests.support.pictures import png
from tests.support.server import ServerProcess

Start = Callable[..., ServerProcess]
LARGE = 40_000_000


def written(path: Path, size: int) -> Path:
    """Make a file of random bytes."""
    path.write_bytes(os.urandom(size))
    return path


def digest(path: Path) -> str:
    """Return what a file is told by."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def with_files(person: LiveClient, room: str) -> list[MessageState]:
    """Return the stored messages that have files."""
    return [message for message in person.room(room).messages if message.files]


def saved(person: LiveClient, file: File, path: Path) -> Path:
    """Save a file and wait for it."""
    person.client.files.save(file, path)
    person.until(lambda: ch.FileSaved(file.id, str(path)) in person.changes)
    return path


def copies(person: LiveClient) -> list[Path]:
    """Return the copies of files that wait."""
    return list((person.home / "attachments").glob("*"))


def bytes_at(server: ServerProcess) -> int:
    """Return how much of unfinished uploads the server has."""
    return sum(path.stat().st_size for path in (server.data_dir / "files" / "partial").glob("*"))


def begun(server: ServerProcess, person: LiveClient, path: Path) -> None:
    """Send a large file, and return when a part of it has arrived."""
    person.client.files.send("general", [path], "the large one")
    person.until(lambda: bytes_at(server) >= 1_000_000)
    assert not with_files(person, "general")


def test_three_megabytes_arrive_as_they_were(stage: Stage, tmp_path: Path) -> None:
    """The other has text, names and bytes; the copy is gone, and what came is for its owner alone."""
    with stage.act(tmp_path, "zoe", "jules") as (zoe, jules):
        large, small = written(tmp_path / "large.bin", 3_000_000), tmp_path / "écran 1.png"
        small.write_bytes(png(16, 9))
        before = digest(large)
        zoe.client.files.send(
            zoe.place, [large, small], "look", pictures=[None, SentPicture(PNG, Size(16, 9), png(16, 9))]
        )
        all_until([zoe, jules], lambda: with_files(jules, jules.place) and with_files(zoe, zoe.place))
        (message,) = with_files(jules, jules.place)
        assert (message.body, [file.name for file in message.files]) == ("look", ["large.bin", "écran 1.png"])
        assert with_files(zoe, zoe.place)[0].files == message.files
        assert digest(saved(jules, message.files[0], tmp_path / "again.bin")) == before
        assert zoe.client.files.cached(message.files[0]) is None
        own = zoe.client.files.cached(message.files[1])  # the picture need not come back to be shown
        assert own is not None
        assert own.read_bytes() == small.read_bytes()
        jules.client.files.fetch(message.files[1], preview=True)
        jules.until(lambda: ch.FileFetched(message.files[1].id, preview=True) in jules.changes)
        preview = jules.client.files.cached(message.files[1], preview=True)
        assert preview is not None
        assert preview.read_bytes() == png(16, 9)
        assert preview.stat().st_mode & 0o777 == 0o600
        assert copies(zoe) == []
        assert zoe.state.transfers == jules.state.transfers == {}


def test_file_is_sent_as_it_was_when_it_was_sent(stage: Stage, tmp_path: Path) -> None:
    """What becomes of the original meanwhile changes nothing; the copy is for its owner alone."""
    with stage.act(tmp_path, "zoe") as (zoe,):
        path = written(tmp_path / "note.bin", 500_000)
        before = digest(path)
        zoe.client.session._link.hang_up()
        zoe.client.files.send(zoe.place, [path])
        zoe.until(lambda: zoe.here.pending)
        (copy,) = copies(zoe)
        assert copy.stat().st_mode & 0o777 == 0o600
        path.unlink()
        zoe.restart()
        zoe.until_online()
        zoe.open(zoe.place)
        zoe.until(lambda: with_files(zoe, zoe.place))
        (message,) = with_files(zoe, zoe.place)
        assert digest(saved(zoe, message.files[0], tmp_path / "again.bin")) == before


@pytest.mark.long
@pytest.mark.timeout(120)
def test_server_killed_in_the_middle_of_an_upload(server_process: Start, tmp_path: Path) -> None:
    """After `kill -9` it goes on by itself, and the message arrives once."""
    server = server_process("--no-limits")
    with clients(tmp_path, "zoe", "jules") as people:
        zoe, jules = people
        for person in people:
            person.sign_up(server)
            person.open("general")
        path = written(tmp_path / "large.bin", LARGE)
        begun(server, zoe, path)
        server.kill()
        all_until(people, lambda: all(p.state.connection.phase == Phase.WAITING for p in people))
        zoe.client.outbox.send("general", "after")
        server_process("--no-limits", port=server.port)

        def arrived() -> bool:
            hurry(people)
            return bool(with_files(jules, "general") and not zoe.room("general").pending)

        all_until(people, arrived, timeout_s=40)
        (message,) = with_files(jules, "general")
        assert digest(saved(jules, message.files[0], tmp_path / "again.bin")) == digest(path)
        assert sorted(jules.bodies("general")) == ["after", "the large one"]


@pytest.mark.long
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "crashed"])
def test_client_ends_in_the_middle_of_an_upload(server_process: Start, tmp_path: Path, closed: bool) -> None:
    """At its next start it goes on with what it was sending, and the message arrives once."""
    server = server_process("--no-limits")
    with clients(tmp_path, "zoe", "jules") as people:
        zoe, jules = people
        for person in people:
            person.sign_up(server)
            person.open("general")
        path = written(tmp_path / "large.bin", LARGE)
        begun(server, zoe, path)
        if not closed:
            zoe.client.files._threads.close()
        zoe.restart(closed=closed)
        all_until(people, lambda: with_files(jules, "general"), timeout_s=40)
        (message,) = with_files(jules, "general")
        assert digest(saved(jules, message.files[0], tmp_path / "again.bin")) == digest(path)
        assert jules.bodies("general") == ["the large one"]
        zoe.until(lambda: zoe.state.connection.phase == Phase.ONLINE and not copies(zoe))


@pytest.mark.long
def test_upload_rests_and_goes_on_and_is_given_up(server_process: Start, tmp_path: Path) -> None:
    """A pause keeps what came; words said meanwhile do not wait for it; giving up leaves nothing."""
    server = server_process("--no-limits")
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        zoe.open("general")
        begun(server, zoe, written(tmp_path / "large.bin", LARGE))
        (key,) = zoe.state.transfers
        zoe.client.files.pause(key)
        zoe.until(lambda: not zoe.client.files._threads.running)
        assert zoe.state.transfers[key].paused
        zoe.client.outbox.send("general", "meanwhile")
        zoe.until(lambda: zoe.bodies("general") == ["meanwhile"])
        zoe.client.files.go_on(key)
        zoe.until(lambda: with_files(zoe, "general"))
        zoe.client.files.send("general", [written(tmp_path / "other.bin", LARGE)])
        zoe.until(lambda: zoe.state.transfers)
        (key,) = zoe.state.transfers
        zoe.client.files.cancel(key)
        zoe.until(lambda: not copies(zoe) and not zoe.client.files._threads.running)
        assert zoe.room("general").pending == []
        assert len(with_files(zoe, "general")) == 1


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "crashed"])
def test_paused_upload_rests_over_a_restart(server_process: Start, tmp_path: Path, closed: bool) -> None:
    """It says how far it had come, and goes on from what the server has, when the user wants it to."""
    server = server_process("--no-limits")
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        zoe.open("general")
        path = written(tmp_path / "large.bin", LARGE)
        begun(server, zoe, path)
        (key,) = zoe.state.transfers
        zoe.until(lambda: zoe.state.transfers[key].done)  # the client may hear of it after the server has it
        zoe.client.files.pause(key)
        zoe.until(lambda: not zoe.client.files._threads.running)
        done = zoe.state.transfers[key].done
        zoe.restart(closed=closed)
        zoe.until(lambda: key in zoe.state.transfers)
        zoe.client.outbox.send("general", "meanwhile")
        zoe.open("general")
        zoe.until(lambda: "meanwhile" in zoe.bodies("general"))
        state = zoe.state.transfers[key]
        rested = state.done  # what was under way at the pause came, too, and is not counted
        assert state.paused
        assert 0 < rested <= done
        assert zoe.client.files._threads.running == []
        there, seen = bytes_at(server), []
        assert there >= 1_000_000

        def arrived() -> bool:
            seen.append(state.done)
            return bool(with_files(zoe, "general"))

        zoe.client.files.go_on(key)
        zoe.until(arrived)
        assert min(one for one in seen if one != rested) >= there
        (message,) = with_files(zoe, "general")
        assert digest(saved(zoe, message.files[0], tmp_path / "again.bin")) == digest(path)
        zoe.restart()
        zoe.until_online()
        assert zoe.state.transfers == {}


def test_what_the_server_refuses_is_told_and_can_be_tried_again(
    server_process: Start, tmp_path: Path
) -> None:
    """A file too large is refused before it is copied; one past the quota is refused with its message."""
    settings = tmp_path / "chat.toml"
    settings.write_text("[limits]\nfile_max_mib = 1\nfiles_per_user_mib = 1\n")
    server = server_process("--no-limits", "--config", str(settings))
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        zoe.open("general")
        with pytest.raises(ChatError) as refused:
            zoe.client.files.send("general", [written(tmp_path / "large.bin", 1_048_577)])
        assert refused.value.code == "file_too_large"
        with pytest.raises(ChatError) as refused:
            zoe.client.files.send("general", [tmp_path / "missing"])
        assert refused.value.code == FILE_UNREADABLE
        for number in (1, 2):
            zoe.client.files.send("general", [written(tmp_path / f"{number}.bin", 700_000)])
            zoe.until(lambda: zoe.room("general").pending)
            if number == 1:
                zoe.until(lambda: with_files(zoe, "general"))
        zoe.until(lambda: zoe.room("general").pending[0].status == Status.REFUSED)
        (message,) = zoe.room("general").pending
        assert message.error == "quota"
        assert copies(zoe) != []
        zoe.client.outbox.discard(message.nonce or "")
        assert copies(zoe) == []


def test_server_without_files_is_sent_none(server_process: Start, tmp_path: Path) -> None:
    """What cannot be sent is said at once."""
    server = server_process("--no-files")
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        zoe.open("general")
        with pytest.raises(ChatError) as refused:
            zoe.client.files.send("general", [written(tmp_path / "a.bin", 10)])
        assert refused.value.code == FILES_OFF


@pytest.mark.long
def test_download_goes_on_after_a_restart(server_process: Start, tmp_path: Path) -> None:
    """What the user has asked for before the program ended is saved by its next start."""
    server = server_process("--no-limits")
    with clients(tmp_path, "zoe", "jules") as (zoe, jules):
        for person in (zoe, jules):
            person.sign_up(server)
            person.open("general")
        path = written(tmp_path / "a.bin", 300_000)
        zoe.client.files.send("general", [path])
        all_until([zoe, jules], lambda: with_files(jules, "general"))
        (message,) = with_files(jules, "general")
        target = tmp_path / "saved.bin"
        jules.client.files.save(message.files[0], target)
        jules.restart()
        jules.until(target.exists)
        assert digest(target) == digest(path)
        jules.until(lambda: ch.FileSaved(message.files[0].id, str(target)) in jules.changes)
        jules.restart()
        jules.until_online()
        assert jules.state.transfers == {}
