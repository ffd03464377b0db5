"""The terminal client's commands about pictures of people."""

import base64
from pathlib import Path

import pytest

from tests.chat_client.terminal.session import Session
from tests.support.pictures import png


def test_chosen_and_taken_away(session: Session, tmp_path: Path) -> None:
    """A small picture is sent as it is; another command takes it away."""
    path = tmp_path / "own.png"
    path.write_bytes(png(64, 64))
    session.type(f"/picture {path}")
    server = session.bench.server
    assert base64.b64decode(server.take("set_avatar")["data"]) == path.read_bytes()
    session.type("/no-picture")
    assert "data" not in server.take("set_avatar")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"text", "45 KiB"), (b"\x89PNG\r\n\x1a\n" + bytes(50_000), "45 KiB"), (None, "cannot be read")],
)
def test_what_is_no_such_picture(session: Session, tmp_path: Path, content: bytes | None, told: str) -> None:
    """A line says what a picture has to be, or why the file cannot be read."""
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    line = session.type(f"/picture {path}")
    assert told in line
    assert "Errno" not in line
    assert session.bench.server.take_all("set_avatar") == []


def test_moderators_take_it_away(session: Session) -> None:
    """The command names the person, with or without `@`."""
    assert "/picture FILE" in session.type("/picture")
    session.type("/remove-picture @jules")
    assert session.bench.server.take("moderation.avatar")["username"] == "jules"
