"""Small squares of pictures: evenly scaled, from the middle, and small enough for a picture of oneself."""

import tkinter as tk

import pytest

from chat_client.model.pictures import PNG, Fault, PictureRefused, Size, check_avatar, check_picture
from chat_client.ui.look.squares import SIDES, avatar_of, square_of
from tests.support.pictures import landscape, noise, png


def photo(root, data: bytes) -> tk.PhotoImage:
    return tk.PhotoImage(master=root, data=data)


def test_square_is_the_middle(bare_root):
    """What is at the sides of a wide picture is cut off; the rest keeps its colours."""
    wide = tk.PhotoImage(master=bare_root, width=30, height=10)
    wide.put("#ff0000", to=(0, 0, 10, 10))
    wide.put("#00ff00", to=(10, 0, 20, 10))
    wide.put("#0000ff", to=(20, 0, 30, 10))
    assert square_of(wide, 5) == b"\0\xff\0" * 25
    assert square_of(wide, 20) == b"\0\xff\0" * 400


def test_square_is_scaled_evenly(bare_root):
    """A fine pattern becomes its mean, not one of its colours."""
    fine = tk.PhotoImage(master=bare_root, width=8, height=8)
    for x in range(8):
        fine.put("#000000" if x % 2 else "#ffffff", to=(x, 0, x + 1, 8))
    assert set(square_of(fine, 2)) == {127}


def test_what_is_transparent_becomes_white(bare_root):
    """A drawing without a ground has one."""
    assert square_of(tk.PhotoImage(master=bare_root, width=4, height=4), 2) == b"\xff" * 12


@pytest.mark.parametrize("size", [(700, 500), (40, 90), (144, 144)])
def test_avatar_of_any_picture(bare_root, tmp_path, size):
    """It is a square PNG that the server takes, whatever the picture's size and content."""
    for data in (landscape(*size), noise(*size)):
        path = tmp_path / "own.png"
        path.write_bytes(data)
        made = avatar_of(bare_root, path)
        assert check_avatar(made) == PNG
        assert check_picture(made, PNG) in [Size(side, side) for side in SIDES]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"text", Fault.WRONG_KIND),
        (b"\xff\xd8\xff\xe0 a JPEG", Fault.WRONG_KIND),  # without Pillow
        (png(30, 20)[:-20], Fault.CUT_OFF),
    ],
)
def test_no_avatar_of_this(bare_root, tmp_path, data, fault):
    """What cannot be decoded here is refused with the reason."""
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(PictureRefused) as refused:
        avatar_of(bare_root, path)
    assert refused.value.fault == fault
