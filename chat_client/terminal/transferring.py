"""What can be typed about files under way: which there are, pause, go on, cancel; it moves no byte."""

from collections.abc import Callable
from typing import Final

from chat_client.engine.client import Client
from chat_client.file_words import transfer_words
from chat_client.i18n import _
from chat_client.terminal.moderating import Lines, Mistake
from chat_client.terminal.wording import Write, printable

SHOWN: Final = 8  # characters of a transfer's key


class Transferring:
    """Carry out the lines about transfers, each named by the beginning of its key."""

    def __init__(self, client: Client, write: Write) -> None:
        self._client, self._write = client, write
        files = client.files
        self.lines: Lines = {
            "transfers": lambda _rest: self._list(),
            "halt": lambda rest: self._with(rest, files.pause),
            "go-on": lambda rest: self._with(rest, files.go_on),
            "cancel": lambda rest: self._with(rest, files.cancel),
        }

    def _list(self) -> None:
        transfers = self._client.state.transfers
        for key, one in transfers.items():
            name = " ".join(one.name.split())
            self._write(printable(f"  {key[:SHOWN]}  {name}: {transfer_words(one)}"))
        if not transfers:
            self._write(f"* {_('terminal.no_transfers')}")

    def _with(self, beginning: str, act: Callable[[str], object]) -> None:
        found = [key for key in self._client.state.transfers if key.startswith(beginning or "?")]
        if len(found) != 1:
            raise Mistake(_("terminal.which_transfer"))
        act(found[0])
