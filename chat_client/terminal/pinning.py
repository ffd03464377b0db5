"""What can be typed about pinned messages of the open room; it writes none of them."""

from collections.abc import Callable

from chat_client.engine.client import Client
from chat_client.model.state import RoomState
from chat_client.terminal.lists import Lists
from chat_client.terminal.moderating import Lines


class Pinning:
    """Carry out the lines about pinned messages.

    :param room: gives the open room.
    :param seq: reads the number of one of its messages.
    """

    def __init__(
        self, client: Client, lists: Lists, room: Callable[[], RoomState], seq: Callable[[str], int]
    ) -> None:
        self._client, self._room, self._seq = client, room, seq
        self.lines: Lines = {
            "pin": lambda rest: self._pin(rest, True),
            "unpin": lambda rest: self._pin(rest, False),
            "pins": lambda _rest: lists.ask_pins(room()),
        }

    def _pin(self, rest: str, on: bool) -> None:
        self._client.pins.pin(self._room().key, self._seq(rest), on=on)
