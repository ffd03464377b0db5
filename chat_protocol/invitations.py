"""Invitation links: server, fingerprint and name in one paste; text in, values out."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from chat_protocol.limits import DEFAULT_PORT

SCHEME = "chat"
_LINK = re.compile(r"chat://[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where to go; `fingerprint` is empty where the link has none, and is then asked at first contact."""

    host: str
    port: int = DEFAULT_PORT
    fingerprint: str = ""
    server: str = ""

    def link(self) -> str:
        """Return the link: `chat://host:port/?fp=…&server=…`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = [f"fp={self.fingerprint.replace(':', '')}"] if self.fingerprint else []
        # A full stop at the end of a link belongs to the sentence around it: the name's own is written out.
        server = quote(self.server, safe="").replace(".", "%2E")
        query += [f"server={server}"] if server else []
        return f"{SCHEME}://{host}:{self.port}/" + ("?" + "&".join(query) if query else "")


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
    return Invitation(
        parts.hostname,
        port,
        normal_fingerprint(fingerprint) if fingerprint else "",
        query.get("server", [""])[0].strip()[:100],
    )
