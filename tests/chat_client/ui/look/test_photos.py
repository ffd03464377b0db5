"""Pictures are decoded and scaled by what Tk can do, or by Pillow where it is installed."""

import io
from types import SimpleNamespace

import pytest

from chat_client.model.pictures import GIF, JPEG, PNG, PictureRefused, Size
from chat_client.ui.look import photos
from chat_client.ui.look.raster import encode_png
from tests.support.pictures import gif, png


def coordinates(width, height):
    """A picture each of whose pixels says where it is."""
    return encode_png(
        width, height, b"".join(bytes((x, y, 0, 255)) for y in range(height) for x in range(width))
    )


@pytest.fixture
def on_disk(tmp_path):
    def write(data):
        path = tmp_path / "picture"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(
    ("size", "room", "shown"),
    [
        (Size(100, 50), (200, 200), Size(100, 50)),
        (Size(100, 50), (50, 50), Size(50, 25)),
        (Size(640, 480), (560, 360), Size(480, 360)),
        (Size(1920, 1080), (560, 360), Size(549, 309)),
        (Size(32_000, 10), (560, 360), Size(559, 1)),
        (Size(1, 1), (0, 0), Size(1, 1)),
    ],
)
def test_size_without_pillow(size, room, shown):
    """A picture has as much room as a fraction of small numbers can fill, and is never larger than it is."""
    assert photos.shrunk(size, *room) == shown


def test_no_size_leaves_its_room():
    """However little room there is."""
    for width in range(1, 200, 7):
        for side in range(1, 40):
            shown = photos.shrunk(Size(width, 90), side, side)
            assert shown.width <= side
            assert shown.height <= side


@pytest.mark.parametrize("shown", [Size(60, 180), Size(40, 120), Size(53, 160), Size(7, 20), Size(80, 240)])
def test_tk_scales_evenly(bare_root, on_disk, shown):
    """Each pixel comes from where it belongs, also across the bands in which a picture is scaled."""
    path = on_disk(coordinates(80, 240))
    image = photos.decode(bare_root, path, PNG, shown)
    times, by = photos.fraction(Size(80, 240), shown.width, shown.height)
    assert (image.width(), image.height()) == (-(-80 * times // by), -(-240 * times // by))
    for x in range(image.width()):
        assert image.get(x, 0) == (x * by // times, 0, 0)
    for y in range(image.height()):
        assert image.get(0, y) == (0, y * by // times, 0)


def test_tk_decodes_the_first_frame(bare_root, on_disk):
    """Of a GIF that moves."""
    assert photos.decode(bare_root, on_disk(gif(7, 5, frames=3)), GIF).height() == 5


@pytest.mark.parametrize("data", [b"", b"rubbish", png(30, 20)[:60]])
def test_tk_refuses(bare_root, on_disk, data):
    """What Tk cannot decode is refused in the words of the program."""
    with pytest.raises(PictureRefused, match="damaged"):
        photos.decode(bare_root, on_disk(data), PNG)


class FakePillow:
    """What is used of Pillow, for pictures of one size; it can be told to fail."""

    Resampling = SimpleNamespace(LANCZOS=1)

    def __init__(self, size, error=None):
        self.size, self.error, self.drafted, self.formats = size, error, None, None

    def open(self, path, formats):
        self.formats = formats
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def draft(self, _mode, size):
        self.drafted = size

    def convert(self, _mode):
        if self.error is not None:
            raise self.error
        return self

    def resize(self, size, resample):
        return FakePillow(size)

    def save(self, target: io.BytesIO, kind, compress_level):
        target.write(png(*self.size))


@pytest.fixture
def pillow(monkeypatch):
    """A function that installs it, with pictures of a size."""

    def install(*size, error=None):
        made = FakePillow(size, error)
        monkeypatch.setattr(photos, "pillow", lambda: made)
        return made

    return install


def test_pillow_scales_to_any_size(bare_root, pillow, tmp_path):
    """It uses all the room, and is asked for the kind that was checked and no other."""
    made = pillow(1920, 1080)
    shown = photos.shrunk(Size(1920, 1080), 560, 360)
    assert shown == Size(560, 315)
    image = photos.decode(bare_root, tmp_path, JPEG, shown)
    assert (image.width(), image.height()) == (560, 315)
    assert made.formats == ["JPEG"]
    assert made.drafted == (560, 315)
    assert JPEG in photos.decoded_kinds()


def test_pillow_is_told_of_no_enormous_picture(bare_root, pillow, tmp_path):
    """The size in a JPEG's header is looked at before its pixels are read."""
    pillow(60_000, 60_000, error=AssertionError("read"))
    with pytest.raises(PictureRefused, match="too_large"):
        photos.decode(bare_root, tmp_path, JPEG)


def test_pillow_fails(bare_root, pillow, tmp_path):
    """Whatever its decoders raise, the picture is damaged."""
    pillow(10, 10, error=ZeroDivisionError())
    with pytest.raises(PictureRefused, match="damaged"):
        photos.decode(bare_root, tmp_path, PNG)


def test_kinds_without_pillow(monkeypatch):
    """Without it there are PNG and GIF."""
    monkeypatch.setattr(photos, "pillow", lambda: None)
    assert photos.decoded_kinds() == {PNG, GIF}
