"""The small picture that goes with one that is sent."""

import pytest

from chat_client.model.pictures import GIF, PNG, SentPicture, Size, check_picture
from chat_client.ui.look import previews
from chat_client.ui.look.previews import HEIGHT, WIDTH, sent_picture
from chat_protocol.limits import PREVIEW_MAX_BYTES
from tests.support.pictures import gif, landscape, png
from tests.support.pictures import noise as noise_png


def test_preview_of_a_photograph(bare_root, tmp_path):
    """It is a PNG of few bytes, no larger than a timeline shows it, and has the same proportions."""
    path = tmp_path / "view.png"
    path.write_bytes(noise_png(960, 540))
    made = sent_picture(bare_root, path)
    assert made is not None
    assert (made.kind, made.size) == (PNG, Size(960, 540))
    assert 0 < len(made.preview) <= PREVIEW_MAX_BYTES
    size = check_picture(made.preview, PNG)
    assert size is not None
    assert size.width <= WIDTH
    assert size.height <= HEIGHT
    assert size.width / size.height == pytest.approx(960 / 540, rel=0.02)


def test_preview_is_as_large_as_its_bytes_allow(bare_root, tmp_path):
    """What packs well, such as a drawing, keeps the size in which it is shown."""
    path = tmp_path / "drawing.png"
    path.write_bytes(landscape(960, 540) + b"\0" * PREVIEW_MAX_BYTES)
    made = sent_picture(bare_root, path)
    assert made is not None
    assert check_picture(made.preview, PNG) == Size(480, 270)


@pytest.mark.parametrize(("data", "kind"), [(png(30, 20), PNG), (gif(30, 20, frames=3), GIF)])
def test_small_picture_is_its_own_preview(bare_root, tmp_path, data, kind):
    """It would come no faster."""
    path = tmp_path / "small"
    path.write_bytes(data)
    assert sent_picture(bare_root, path) == SentPicture(kind, Size(30, 20))


@pytest.mark.parametrize("data", [b"", b"text", png(30, 20)[:-20], b"\xff\xd8\xff no picture"])
def test_file_that_is_no_picture(bare_root, tmp_path, data):
    """Nothing is said of it, whatever it pretends to be."""
    path = tmp_path / "file"
    path.write_bytes(data)
    assert sent_picture(bare_root, path) is None
    assert sent_picture(bare_root, tmp_path / "missing") is None


def test_file_that_would_hold_the_window_up(bare_root, tmp_path, monkeypatch):
    """A very large one goes without."""
    monkeypatch.setattr(previews, "FILE_MAX_BYTES", 100)
    path = tmp_path / "large"
    path.write_bytes(png(300, 200))
    assert sent_picture(bare_root, path) is None


def test_nothing_is_made_of_what_never_packs(bare_root, tmp_path, monkeypatch):
    """The picture is still known, so that it is shown while it waits."""
    monkeypatch.setattr(previews, "PREVIEW_MAX_BYTES", 10)
    path = tmp_path / "view.png"
    path.write_bytes(png(300, 200))
    assert sent_picture(bare_root, path) == SentPicture(PNG, Size(300, 200))
