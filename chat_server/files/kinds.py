"""What a file is, by its first bytes; it must not know its name, and decodes nothing.

:func:`type_of` reads the beginning of a file, `pictures.size_of` the sizes of pictures.
"""

from typing import Final

HEAD_BYTES: Final = 65_536  # a JPEG's size may stand behind its colour profile
OTHER: Final = "application/octet-stream"
TEXT: Final = "text/plain"

# (offset, bytes, type); the first that fits counts.
_SIGNATURES: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-msdownload"),
)
_CONTROLS: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def type_of(head: bytes) -> str:
    """Return the media type of a file, from its first :data:`HEAD_BYTES`.

    What programs would run in a page (HTML, SVG) is text like any other.
    """
    for offset, signature, kind in _SIGNATURES:
        if head.startswith(signature, offset):
            return kind if offset != 8 or head.startswith(b"RIFF") else OTHER
    return TEXT if _is_text(head) else OTHER


def _is_text(head: bytes) -> bool:
    if not head or not _CONTROLS.isdisjoint(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:  # a character may be cut where the head ends
        return len(head) == HEAD_BYTES and error.start > len(head) - 4
    return True
