"""Uploads and downloads of a test, over a connection of its own; it imports nothing of the project."""

import hashlib
import itertools
from typing import Any

from tests.support.wire import ConnectionEnded, Frame, WireClient, connect

_nonces = itertools.count(1)


def transfer_connection(port: int, token: str, *, tls: bool = True) -> WireClient:
    """Return a quiet connection, signed in."""
    client = connect(port, tls=tls)
    client.resume(token)
    client.ok("quiet")
    return client


def begin_upload(client: WireClient, room: str, data: bytes, preview: bytes = b"", **fields: Any) -> Frame:
    """Ask for an upload and return the first answer."""
    asked = {"nonce": f"upload {next(_nonces)}", "name": "file.bin", "size": len(data)}
    return client.request("upload", room=room, preview=len(preview), **{**asked, **fields})


def upload(client: WireClient, room: str, data: bytes, preview: bytes = b"", **fields: Any) -> Frame:
    """Bring bytes from where the server asks for them; return the last answer."""
    answer = begin_upload(client, room, data, preview, **fields)
    if answer["type"] == "ok" and "offset" in answer:
        client.send_bytes((data + preview)[answer["offset"] :])
        answer = client.reply(answer["ref"])
    return answer


def uploaded(client: WireClient, room: str, data: bytes, preview: bytes = b"", **fields: Any) -> Frame:
    """Bring bytes and return the file."""
    answer = upload(client, room, data, preview, **fields)
    assert answer["type"] == "ok", answer
    file: Frame = answer["file"]
    return file


def download(client: WireClient, file: str, **fields: Any) -> bytes:
    """Return what the server gives of a file, which is as much as it has announced."""
    answer = client.ok("download", file=file, **fields)
    found = take(client, answer["length"])
    assert len(found) == answer["length"], f"{len(found)} bytes of {answer}"
    return found


def take(client: WireClient, count: int) -> bytes:
    """Read raw bytes; fewer where the server closes."""
    found = bytearray(client.received(count))
    while len(found) < count:
        try:
            data = client.socket.recv(min(count - len(found), 1 << 18))
        except (ConnectionError, ConnectionEnded):
            break
        if not data:
            break
        found += data
    return bytes(found)


def put(taker: Any, data: bytes) -> None:
    """Put bytes into what asks for them with its rooms, as a connection does."""
    while data:
        room = taker.room()
        count = min(len(room), len(data))
        assert count, f"no room for {len(data)} bytes"
        room[:count] = data[:count]
        taker.took(count)
        data = data[count:]


def sha256(data: bytes) -> str:
    """Return the digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
