"""The messages saved, or taken off, that the server has not heard of: `saved_choices.json`; it sends none."""

from pathlib import Path

from chat_client.store.files import JsonFile

#: What a room is called on the wire, and the message's seq: whether it is to be saved.
Choices = dict[tuple[str, int], bool]


class SavedChoicesFile:
    """The choices that wait, by account, room and seq.

    :param folder: the settings folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile(folder / "saved_choices.json")

    def of(self, account: str) -> Choices:
        """Return what waits for an account; an entry that cannot be read is left out."""
        entries = self._file.load().get(account)
        if not isinstance(entries, dict):
            return {}
        split = ((name.rpartition(" "), on) for name, on in entries.items())
        return {
            (room, int(seq)): on
            for (room, _space, seq), on in split
            if room and seq.isascii() and seq.isdigit() and len(seq) <= 16 and type(on) is bool
        }

    def keep(self, account: str, choices: Choices) -> None:
        """Write all of an account."""
        entries = {f"{room} {seq}": on for (room, seq), on in choices.items()}

        def put(values: dict[str, object]) -> None:
            values.pop(account, None)
            if entries:
                values[account] = entries

        self._file.update(put)
