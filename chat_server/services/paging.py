"""Cut lists so that their frame stays within the protocol's limit; it must not know what is in them."""

from collections.abc import Sequence
from typing import Any, Final

from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES

ENVELOPE_BYTES: Final = 2_048  # what a reply carries beside the list: type, ref, room, user, token


def fitting(items: Sequence[dict[str, Any]], *, newest: bool = False) -> int:
    """Return how many items fit in one frame, counted from the first, or with `newest` from the last."""
    left = FRAME_MAX_BYTES - ENVELOPE_BYTES
    for count, item in enumerate(reversed(items) if newest else items):
        left -= len(encode_frame(item))  # its newline stands for the comma
        if left < 0:
            return count
    return len(items)
