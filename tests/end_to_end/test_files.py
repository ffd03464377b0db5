"""Files over TLS: brought, told of, had again, by those who may, whatever their names and sizes say."""

import hashlib
import itertools
import os
import zlib
from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.conftest import Person
from tests.support.server import ServerProcess
from tests.support.transfers import (
    begin_upload,
    download,
    sha256,
    take,
    transfer_connection,
    upload,
    uploaded,
)
from tests.support.waiting import until
from tests.support.wire import Frame, WireClient, own_name

ROOM = "General"
Open = Callable[[WireClient], WireClient]


def png(width: int, height: int, rest: bytes = b"x" * 200) -> bytes:
    """Return the beginning of a picture."""
    header = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + header + zlib.crc32(header).to_bytes(4, "big") + rest


@pytest.fixture
def transfers(server: ServerProcess) -> Iterator[Open]:
    """A function that opens somebody's second connection, for transfers."""
    opened: list[WireClient] = []

    def open_one(client: WireClient) -> WireClient:
        opened.append(transfer_connection(server.port, client.token))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()


def test_round_trip(person: Person, transfers: Open) -> None:
    """Five MB come back as they were, to the other, from whom they are told in event, history and search."""
    alice, bob = person(), person()
    data, preview = os.urandom(5_000_000), png(16, 9)
    file = uploaded(transfers(alice), ROOM, data, preview, name="écran 1.png", sha256=sha256(data))
    assert (file["name"], file["size"], file["preview"]) == ("écran 1.png", 5_000_000, True)
    assert file["type"] == "application/octet-stream"
    seq = alice.ok("send", room=ROOM, body="", nonce="n1", files=[file["id"]])["seq"]
    event = bob.event("message", seq=seq)
    assert (event["body"], event["files"]) == ("", [file])
    (entry,) = bob.ok("history", room=ROOM, after=seq - 1)["messages"]
    assert entry["files"] == [file]
    line = transfers(bob)
    found = download(line, file["id"])
    assert hashlib.sha256(found).digest() == hashlib.sha256(data).digest()
    assert download(line, file["id"], preview=True) == preview
    assert download(line, file["id"], offset=4_999_990) == data[-10:]
    assert download(line, file["id"], offset=1_000_000, length=100_000) == data[1_000_000:1_100_000]
    assert download(line, file["id"], offset=5_000_000) == b""
    assert line.error("download", file=file["id"], offset=5_000_001) == "bad_request"
    assert line.ok("ping")


def test_repeats(person: Person, transfers: Open) -> None:
    """A finished upload is answered at once, a file goes into one message, and the same message once."""
    alice = person()
    line = transfers(alice)
    file = uploaded(line, ROOM, b"once", nonce="again")
    assert begin_upload(line, ROOM, b"once", nonce="again")["file"] == file
    assert begin_upload(line, ROOM, b"other", nonce="again")["field"] == "nonce"
    first = alice.ok("send", room=ROOM, body="text", nonce="files 1", files=[file["id"]])
    assert (
        alice.ok("send", room=ROOM, body="text", nonce="files 1", files=[file["id"]])["seq"] == first["seq"]
    )
    refused = alice.request("send", room=ROOM, body="text", nonce="files 2", files=[file["id"]])
    assert (refused["code"], refused["field"]) == ("no_such_file", "files")


def test_interrupted_upload_goes_on(server: ServerProcess, person: Person, transfers: Open) -> None:
    """What had come before the connection broke is not sent again; another connection goes on."""
    alice = person()
    data = os.urandom(300_000)
    line = transfers(alice)
    assert begin_upload(line, ROOM, data, nonce="broken")["offset"] == 0
    line.send_bytes(data[:200_000])
    partials = server.data_dir / "files" / "partial"
    until(lambda: any(path.stat().st_size for path in partials.iterdir()))
    line.close()
    line = transfers(alice)
    while (answer := begin_upload(line, ROOM, data, nonce="broken")).get("code") == "unavailable":
        pass  # until the server has seen the end of the first connection
    assert 0 < answer["offset"] <= 200_000
    line.send_bytes(data[answer["offset"] :])
    file = line.reply(answer["ref"])["file"]
    assert download(line, file["id"]) == data


def test_requests_behind_an_upload(person: Person, transfers: Open) -> None:
    """What comes in one piece with the last bytes is read as requests again."""
    line = transfers(person())
    answer = begin_upload(line, ROOM, b"data")
    line.send_bytes(b'data{"type":"ping","ref":"behind"}\n')
    assert "file" in line.reply(answer["ref"])
    assert line.reply("behind")["type"] == "ok"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x", "x"),
        ("C:\\Windows\\CON.txt", "CON.txt"),
        ("\u8a9e" * 255, "\u8a9e" * 255),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\nb\x00c.txt", "abc.txt"),
        ("..", "file"),
        ("/", "file"),
    ],
)
def test_names(person: Person, transfers: Open, name: str, kept: str) -> None:
    """Whatever a file is called, its name is text on one line without a path."""
    assert uploaded(transfers(person()), ROOM, b"x", name=name)["name"] == kept


def test_kinds(person: Person, transfers: Open) -> None:
    """The type comes from the bytes, and a size only from a header that can be true."""
    line = transfers(person())
    plain = uploaded(line, ROOM, png(640, 480, b"x" * 2_000), name="a.exe")
    assert (plain["type"], plain["width"], plain["height"]) == ("image/png", 640, 480)
    for lying in (png(60_000, 60_000), png(20_000, 4_000), b"\x89PNG\r\n\x1a\n\x00"):
        found = uploaded(line, ROOM, lying, name="a.png")
        assert (found["type"], "width" in found) == ("image/png", False)
    assert uploaded(line, ROOM, b"<html><script>", name="a.png")["type"] == "text/plain"
    empty = uploaded(line, ROOM, b"", name="empty")
    assert (empty["size"], download(line, empty["id"])) == (0, b"")


def test_lies(person: Person, transfers: Open) -> None:
    """Another digest, a preview that is none, and a size beyond the limit are refused, and leave nothing."""
    alice = person()
    line = transfers(alice)
    assert begin_upload(line, ROOM, b"", size=50 * 1024 * 1024 + 1)["code"] == "file_too_large"
    refused = upload(line, ROOM, b"data", sha256=sha256(b"other"), nonce="lie")
    assert (refused["code"], refused["field"]) == ("bad_request", "sha256")
    assert line.wait_closed() == []
    line = transfers(alice)
    assert begin_upload(line, ROOM, b"data", sha256=sha256(b"other"), nonce="lie")["offset"] == 0
    for preview in (b"<script>", png(2_049, 9), png(1_000, 1_000, b"")[:20]):
        line = transfers(alice)
        refused = upload(line, ROOM, b"data", preview)
        assert (refused["code"], refused["field"]) == ("bad_request", "preview")
    line = transfers(alice)
    answer = begin_upload(line, ROOM, b"four")
    line.send_bytes(b"four and more")  # a size that is too small: the rest is no request
    assert "file" in line.reply(answer["ref"])
    line.send_bytes(b"\n")
    assert line.frame()["code"] == "bad_frame"


def test_transfers_need_a_quiet_connection(person: Person) -> None:
    """Between the bytes of a file no event may stand."""
    alice = person()
    assert begin_upload(alice, ROOM, b"x")["code"] == "forbidden"


def test_nobody_else_gets_a_byte(person: Person, transfers: Open) -> None:
    """Outside the room, before the message, after it was deleted: there is no such file."""
    alice, bob, eve = person(), person(), person()
    alice_line, bob_line = transfers(alice), transfers(bob)
    notes = f"@{own_name(bob)}"
    file = uploaded(alice_line, notes, b"secret")
    assert bob_line.error("download", file=file["id"]) == "no_such_file"
    assert download(alice_line, file["id"]) == b"secret"
    assert alice.error("send", room=ROOM, body="", nonce="elsewhere", files=[file["id"]]) == "no_such_file"
    assert bob.error("send", room=f"@{own_name(alice)}", body="", files=[file["id"]]) == "no_such_file"
    seq = alice.ok("send", room=notes, body="", nonce="secret", files=[file["id"]])["seq"]
    assert download(bob_line, file["id"]) == b"secret"
    assert transfers(eve).error("download", file=file["id"]) == "no_such_file"
    assert begin_upload(transfers(eve), "Marketing", b"x")["code"] == "not_a_member"
    alice.ok("delete", room=notes, seq=seq)
    for line in (alice_line, bob_line):
        assert line.error("download", file=file["id"]) == "no_such_file"


def test_deletion_in_the_middle(person: Person, transfers: Open) -> None:
    """A file that is taken back while it is sent is not sent to its end."""
    alice, bob = person(), person()
    data = os.urandom(40_000_000)
    file = uploaded(transfers(alice), ROOM, data)
    seq = alice.ok("send", room=ROOM, body="", nonce="long", files=[file["id"]])["seq"]
    line = transfers(bob)
    answer = line.ok("download", file=file["id"])
    begun = take(line, 1_000_000)
    alice.ok("delete", room=ROOM, seq=seq)
    rest = take(line, answer["length"] - len(begun))
    assert len(begun) + len(rest) < len(data)
    assert data.startswith(begun + rest)


def test_interruptions_leave_bounded_space(person: Person, transfers: Open, server: ServerProcess) -> None:
    """An upload that stops just before its end, again and again, leaves a few of them at most."""
    alice = person()
    data = os.urandom(100_000)
    for number in itertools.count(1):
        line = transfers(alice)
        begin_upload(line, ROOM, data, nonce=f"stop {number}")
        line.send_bytes(data[:-1])
        line.close()
        if number == 30:
            break
    partials = server.data_dir / "files" / "partial"
    line = transfers(alice)
    while begin_upload(line, ROOM, b"x", nonce="last").get("code") == "unavailable":
        pass
    # Ten that were interrupted, and four that may be under way: an end is noticed a moment later.
    assert sum(path.stat().st_size for path in partials.glob("*.part")) <= 14 * len(data)


def test_ended_session_ends_its_transfers(person: Person, transfers: Open) -> None:
    """A token that ends takes its transfers along, and gets nothing afterwards."""
    alice = person()
    data = os.urandom(40_000_000)
    line, old = transfers(alice), alice.token
    file = uploaded(line, ROOM, data)
    answer = line.ok("download", file=file["id"])
    alice.ok("logout")
    found = take(line, answer["length"])
    assert len(found) < len(data)
    assert data.startswith(found)  # not even the last frame stands among the bytes
    alice.token = old
    with pytest.raises(AssertionError, match="invalid_credentials"):
        transfers(alice)


@pytest.fixture
def secret(newcomer: Person, transfers: Open) -> tuple[WireClient, WireClient, WireClient, Frame]:
    """Alice, Bob whom she took out of a private room, Eve who never was in it, and a message of before."""
    alice, bob, eve = newcomer(), newcomer(), newcomer()
    made = alice.ok("room.create", name="Secret", kind="private", people=[own_name(bob)])
    room = made["room"]
    line = transfers(alice)
    file = uploaded(line, room, b"nobody else's", png(16, 9), nonce="secret", name=f"{own_name(alice)}.txt")
    seq = alice.ok("send", room=room, body="", nonce="m1", files=[file["id"]])["seq"]
    message = bob.event("message", seq=seq)
    assert download(transfers(bob), file["id"]) == b"nobody else's"
    bob.ok("save", room=room, seq=seq, on=True)
    bob.ok("search", query=f"file:{file['name']}", room=room)
    alice.ok("room.remove", room=room, username=own_name(bob))
    return alice, bob, eve, message


def ways(message: Frame, reader: WireClient) -> Iterator[Frame]:
    """Yield everything in which a file, or what is known of it, could come to somebody."""
    room, seq, file = message["room"], message["seq"], message["files"][0]
    yield {"type": "download", "file": file["id"]}
    yield {"type": "download", "file": file["id"], "preview": True}
    yield {"type": "download", "file": file["id"], "offset": file["size"]}
    yield {"type": "upload", "room": room, "nonce": "secret", "name": file["name"], "size": file["size"]}
    yield {"type": "history", "room": room}
    yield {"type": "sync", "rooms": [{"room": room, "after": 0}]}
    yield {"type": "search", "query": "file:*"}
    yield {"type": "search", "query": f"file:{file['name']}"}
    yield {"type": "search", "query": "file:*", "room": room}
    yield {"type": "saved"}
    yield {"type": "pins", "room": room}
    yield {"type": "edit", "room": room, "seq": seq, "body": "mine", "nonce": "edit"}
    yield {"type": "save", "room": room, "seq": seq, "on": True}
    for nonce, place in (("here", ROOM), ("notes", f"@{own_name(reader)}"), ("there", room)):
        yield {"type": "send", "room": place, "body": "look", "nonce": nonce, "files": [file["id"]]}
        yield {"type": "send", "room": place, "body": "look", "nonce": f"re {nonce}", "reply_to": seq}


def test_no_way_around(secret: tuple[WireClient, WireClient, WireClient, Frame], transfers: Open) -> None:
    """Whatever somebody outside asks for, neither the file's bytes nor its name are in the answer."""
    _alice, bob, eve, message = secret
    for reader in (bob, eve):
        line = transfers(reader)
        reader.events.clear()
        for request in ways(message, reader):
            client = line if request["type"] in ("download", "upload") else reader
            kind = request.pop("type")
            answer = client.request(kind, **request)
            told = {name: value for name, value in answer.items() if name != "ref"}
            assert message["files"][0]["id"] not in str(told), (kind, request, told)
            assert message["files"][0]["name"] not in str(told), (kind, request, told)
            rooms = [found["room_id"] for found in answer.get("messages", ())]
            assert message["room_id"] not in rooms, (kind, request, told)
            hands_over = kind in ("download", "upload", "edit") or "files" in request
            assert answer["type"] == "error" or not hands_over, (kind, request)
