"""The links by which people and programs come to this server; it must not know who asks."""

from chat_protocol.invitations import Invitation, parse_invitation
from chat_server.assembly import Parts
from chat_server.net.reachable import reachable
from chat_server.webhooks.requests import PATH


def invitations(parts: Parts, host: str = "", code: str = "", username: str = "") -> list[Invitation]:
    """Return a link for each address under which clients may find the server.

    :param host: the name or address to take, with `:port` where another one leads to the server; empty for
        the public name or, without one, for the addresses of this machine.
    :param code: of a one-time invitation.
    :param username: for whom it is.
    :raises ValueError: when `host` is none.
    """
    options = parts.options
    fingerprint = parts.encryption.fingerprint
    named = host or options.public_name
    if named:
        place = parse_invitation(named)
        places = [(place.host, place.port if _has_port(named) else parts.port)]
    else:
        places = [(address, parts.port) for address in reachable(options.host)]
    return [Invitation(*place, fingerprint, options.name, code, username) for place in places]


def webhook_links(parts: Parts, secret: str) -> list[str]:
    """Return the addresses that a program may post to, for each under which it may find the server."""
    options = parts.options
    host, _, port = options.webhooks.rpartition(":")
    named = options.public_name and parse_invitation(options.public_name).host
    hosts = [named] if named else reachable(host.strip("[]"))
    scheme = "https" if parts.encryption.context else "http"
    places = (f"[{one}]" if ":" in one else one for one in hosts)
    return [f"{scheme}://{place}:{parts.webhooks_port or port}{PATH}{secret}" for place in places]


def _has_port(host: str) -> bool:
    before, colon, digits = host.rpartition(":")
    return bool(colon) and digits.isdigit() and (":" not in before or before.endswith("]"))
