"""Cut lists so that their frame stays within the protocol's limit; it must not know what is in them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES

REACTIONS_BYTES: Final = 32_768  # of a message's frame; its text takes 24,000 at most
ENVELOPE_BYTES: Final = 2_048  # what a reply carries beside the list: type, ref, room, user, token


class Framed(Protocol):
    """What is written as a JSON object."""

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object."""
        ...


def fitting(items: Sequence[Framed], *, newest: bool = False) -> int:
    """Return how many items fit in one frame, counted from the first, or with `newest` from the last."""
    frames = [item.to_frame() for item in items]
    # Written all at once, a list that fits, as most do, takes a quarter of the time.
    if len(encode_frame({"": frames})) <= FRAME_MAX_BYTES - ENVELOPE_BYTES:
        return len(items)
    return fitting_encoded([encode_frame(frame)[:-1] for frame in frames], newest=newest)


def fitting_texts(texts: Sequence[str]) -> int:
    """Return how many texts fit in one frame, counted from the first."""
    return fitting_encoded([encode_frame({"": text}) for text in texts])


def fitting_encoded(items: Sequence[bytes], *, newest: bool = False) -> int:
    """Return how many items, already written as JSON, fit in one frame, as :func:`fitting`."""
    left = FRAME_MAX_BYTES - ENVELOPE_BYTES
    for count, item in enumerate(reversed(items) if newest else items):
        left -= len(item) + 1  # the comma
        if left < 0:
            return count
    return len(items)


def fitting_reactions(reactions: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the reactions to a message, with no more names than leave room for its text in a frame."""
    left = REACTIONS_BYTES
    fitting_names: dict[str, tuple[str, ...]] = {}
    for emoji, names in reactions.items():
        shown = []
        for name in names:
            left -= len(name.encode()) + 3  # quotes and comma
            if left >= 0:
                shown.append(name)
        if shown:
            fitting_names[emoji] = tuple(shown)
    return fitting_names
