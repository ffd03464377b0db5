"""Names under which files are saved."""

from pathlib import Path

import pytest

from chat_client.store.saving import NAME_MAX_BYTES, free_path, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.txt", "x.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("com1 .x", "_com1.x"),
        ("console.txt", "console.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        (".bashrc", "bashrc"),
        ("end. . ", "end"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\nc", "abc"),
        ("...", "file"),
        ("", "file"),
        ("/", "file"),
    ],
)
def test_name_is_safe_on_every_platform(name: str, safe: str) -> None:
    """No folder, device, hidden file or turned reading is left of it."""
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["語" * 255, "語" * 250 + ".png", "x." + "y" * 250, "." * 300])
def test_long_name_fits_and_keeps_its_extension(name: str) -> None:
    """It is cut between characters."""
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= NAME_MAX_BYTES
    assert safe.endswith(".png") == name.endswith(".png")


def test_nothing_that_stands_there_is_replaced(tmp_path: Path) -> None:
    """A number is put in, also where a dead link stands."""
    assert free_path(tmp_path, "a.png") == tmp_path / "a.png"
    (tmp_path / "a.png").touch()
    (tmp_path / "a (2).png").symlink_to(tmp_path / "nowhere")
    assert free_path(tmp_path, "a.png") == tmp_path / "a (3).png"
