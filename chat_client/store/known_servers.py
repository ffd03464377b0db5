"""The fingerprints that the user trusted, and where else their servers are, on disk; it opens no socket."""

from pathlib import Path

from chat_client.store.files import JsonFile
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Place, normal_fingerprint, parse_places, place_name


class KnownServers:
    """Remember one certificate for each host and port, the one that is to follow it, and further addresses.

    :param folder: the settings folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile(folder / "known_servers.json")

    def fingerprint(self, host: str, port: int) -> str:
        """Return the pinned fingerprint, empty at first contact."""
        return self._read(_name(host, port))

    def next_fingerprint(self, host: str, port: int) -> str:
        """Return the fingerprint that the server has announced, empty where there is none."""
        return self._read(_next_name(host, port)) if self.fingerprint(host, port) else ""

    def trust(self, host: str, port: int, fingerprint: str) -> None:
        """Pin a fingerprint at first contact; a pin is never replaced here, only forgotten.

        :raises ValueError: when it is not a SHA-256.
        :raises ChatError: `fingerprint_changed` when another one is pinned, and this was not announced.
        """
        fingerprint = normal_fingerprint(fingerprint)
        pinned = self.fingerprint(host, port)
        if pinned and fingerprint == self.next_fingerprint(host, port):
            return  # it takes the pin's place when the server shows it
        if pinned not in ("", fingerprint):
            raise ChatError(
                "fingerprint_changed", "Another fingerprint than this one is known of the server."
            )

        def pin(pins: dict[str, object]) -> None:
            if not pinned:
                pins.pop(_next_name(host, port), None)  # of whoever was there before
            pins[_name(host, port)] = fingerprint

        self._file.update(pin)

    def announced(self, host: str, port: int, fingerprint: str) -> None:
        """Keep the fingerprint that a pinned server will show next; an empty one forgets it.

        To be called with what came over a connection to the pinned server alone.
        """
        pinned = self.fingerprint(host, port)
        try:
            fingerprint = normal_fingerprint(fingerprint) if fingerprint else ""
        except ValueError:
            return  # a server's mistake changes nothing
        if not pinned or fingerprint in (pinned, self.next_fingerprint(host, port)):
            return

        def keep(pins: dict[str, object]) -> None:
            pins.pop(_next_name(host, port), None)
            if fingerprint:
                pins[_next_name(host, port)] = fingerprint

        self._file.update(keep)

    def shown(self, host: str, port: int, fingerprint: str) -> None:
        """Let an announced fingerprint take the pin's place, now that the server shows its certificate."""
        if not fingerprint or fingerprint != self.next_fingerprint(host, port):
            return

        def renew(pins: dict[str, object]) -> None:
            pins[_name(host, port)] = fingerprint
            pins.pop(_next_name(host, port), None)

        self._file.update(renew)

    def places(self, host: str, port: int) -> list[Place]:
        """Return where the server is, the place to try first at the front; its own is always among them."""
        names = self._file.load().get(_places_name(host, port))
        found = parse_places(str(name) for name in names) if isinstance(names, list) else []
        return found if (host, port) in found else [*found, (host, port)]

    def keep_places(self, host: str, port: int, places: list[Place]) -> None:
        """Keep where else a server is, as it says itself or an invitation does.

        :param places: the one to try first at the front.
        """
        own = (host, port)
        names = [place_name(place) for place in places]
        before = self.places(host, port)
        if (before[0], set(before)) == (places[0], {*places, own}):
            return

        def keep(pins: dict[str, object]) -> None:
            pins.pop(_places_name(host, port), None)
            if places != [own]:
                pins[_places_name(host, port)] = names

        self._file.update(keep)

    def forget(self, host: str, port: int) -> None:
        """Remove a pin, what was announced, and further addresses: the next contact asks again."""

        def drop(pins: dict[str, object]) -> None:
            pins.pop(_name(host, port), None)
            pins.pop(_next_name(host, port), None)
            pins.pop(_places_name(host, port), None)

        self._file.update(drop)

    def _read(self, name: str) -> str:
        try:
            return normal_fingerprint(str(self._file.load().get(name, "")))
        except ValueError:  # a damaged file pins nothing: the next contact asks
            return ""


def _name(host: str, port: int) -> str:
    return f"{host.lower()}:{port}"


def _next_name(host: str, port: int) -> str:
    return f"{_name(host, port)} next"


def _places_name(host: str, port: int) -> str:
    return f"{_name(host, port)} servers"
