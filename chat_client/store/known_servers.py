"""The fingerprints that the user trusted at first contact, in `known_servers.json`; it opens no socket."""

from pathlib import Path

from chat_client.store.files import JsonFile
from chat_protocol.errors import ChatError
from chat_protocol.invitations import normal_fingerprint


class KnownServers:
    """Remember one certificate for each host and port.

    :param folder: the settings folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile(folder / "known_servers.json")

    def fingerprint(self, host: str, port: int) -> str:
        """Return the pinned fingerprint, empty at first contact."""
        try:
            return normal_fingerprint(str(self._file.load().get(_name(host, port), "")))
        except ValueError:
            return ""

    def trust(self, host: str, port: int, fingerprint: str) -> None:
        """Pin a fingerprint at first contact; a pin is never replaced, only forgotten.

        :raises ValueError: when it is not a SHA-256.
        :raises ChatError: `fingerprint_changed` when another one is pinned.
        """
        fingerprint = normal_fingerprint(fingerprint)
        if self.fingerprint(host, port) not in ("", fingerprint):
            raise ChatError(
                "fingerprint_changed", "Another fingerprint than this one is known of the server."
            )
        self._file.update(lambda pins: pins.update({_name(host, port): fingerprint}))

    def forget(self, host: str, port: int) -> None:
        """Remove a pin: the next contact asks again."""

        def drop(pins: dict[str, object]) -> None:
            pins.pop(_name(host, port), None)

        self._file.update(drop)


def _name(host: str, port: int) -> str:
    return f"{host.lower()}:{port}"
