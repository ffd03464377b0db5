"""Invitation links: servers, fingerprint and name in one paste; text in, values out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

from chat_protocol.limits import DEFAULT_PORT, INVITATION_MAX_CHARS, USERNAME_MAX_CHARS

SCHEME = "chat"
PLACES_MAX = 32  # of one chat's servers; more is a mistake or malice
Place = tuple[str, int]  # host and port
_CODE = re.compile(rf"[A-Za-z0-9_-]{{1,{INVITATION_MAX_CHARS}}}")
_LINK = re.compile(r"chat://[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where to go; `fingerprint` is empty where the link has none, and is then asked at first contact.

    :param code: lets one person register; a secret, so it stands in no `repr`.
    :param username: for whom the code is, where it is for somebody.
    :param also: where else the same chat is: its other servers. They have the same certificate, so without a
        fingerprint they mean nothing.
    """

    host: str
    port: int = DEFAULT_PORT
    fingerprint: str = ""
    server: str = ""
    code: str = field(default="", repr=False)
    username: str = ""
    also: tuple[Place, ...] = ()

    def link(self) -> str:
        """Return the link: `chat://host:port/?fp=…&server=…`, with `code` and `for` where it has a code.

        The other servers stand in `also`, which a client that does not know it ignores.
        """
        query = [f"fp={self.fingerprint.replace(':', '')}"] if self.fingerprint else []
        query += [f"also={','.join(place_name(place) for place in self.also)}"] if self.also else []
        query += [f"server={_quoted(self.server)}"] if self.server else []
        query += [f"for={_quoted(self.username)}"] if self.username else []
        query += [f"code={self.code}"] if self.code else []
        return f"{SCHEME}://{place_name((self.host, self.port))}/" + ("?" + "&".join(query) if query else "")


def place_name(place: Place) -> str:
    """Return `host:port`, with brackets around the colons of an address."""
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_places(names: Iterable[str]) -> list[Place]:
    """Return the places that are named, each once; what is none is left out."""
    places: dict[Place, None] = {}
    for name in names:
        try:
            found = parse_invitation(name)
        except ValueError:
            continue
        places[found.host, found.port] = None
    return list(places)[:PLACES_MAX]


def _quoted(name: str) -> str:
    # A full stop at the end of a link belongs to the sentence around it: the name's own is written out.
    return quote(name, safe="").replace(".", "%2E")


def normal_fingerprint(text: str) -> str:
    """Return a fingerprint as pairs of digits with colons between them, from any usual spelling.

    :raises ValueError: when it is not a SHA-256.
    """
    digits = text.strip().upper().removeprefix("SHA256").lstrip(":=").replace(":", "").replace(" ", "")
    if len(digits) != 64 or set(digits) - set("0123456789ABCDEF"):
        raise ValueError("a fingerprint is 64 hexadecimal digits")
    return ":".join(digits[i : i + 2] for i in range(0, 64, 2))


def parse_invitation(text: str) -> Invitation:
    """Read an invitation, also out of the middle of a message; `host`, `host:port` alone will do.

    :raises ValueError: when there is no usable server in it.
    """
    found = _LINK.search(text)
    link = found.group().rstrip(".,;)") if found else f"{SCHEME}://{text.strip()}"
    parts = urlsplit(link)
    if not found and "//" in text:
        raise ValueError("this is a link of another kind")
    if not parts.hostname or re.search(r"[\s,@]", parts.netloc) or (not found and parts.path.strip("/")):
        raise ValueError("there is no server in this text")
    query = parse_qs(parts.query)
    fingerprint = query.get("fp", [""])[0]
    port = DEFAULT_PORT if parts.port is None else parts.port
    if port == 0:
        raise ValueError("port 0 is no port")
    code = query.get("code", [""])[0]
    if code and not _CODE.fullmatch(code):
        raise ValueError("the code is cut off or mistyped")
    return Invitation(
        parts.hostname,
        port,
        normal_fingerprint(fingerprint) if fingerprint else "",
        query.get("server", [""])[0].strip()[:100],
        code,
        query.get("for", [""])[0].strip()[: 4 * USERNAME_MAX_CHARS] if code else "",
        tuple(parse_places(query.get("also", [""])[0].split(",")[:PLACES_MAX])) if fingerprint else (),
    )
