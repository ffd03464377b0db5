"""The links by which people and programs come to this server; it must not know who asks."""

from chat_protocol.invitations import Invitation, parse_invitation, parse_places
from chat_server.net.reachable import advertised, reachable
from chat_server.parts import Parts
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
    servers = parse_places(parts.cluster.addresses) if parts.cluster else []
    links = []
    for place in advertised(options.host, host or options.public_name, parts.port):
        also = tuple(each for each in servers if each != place) if fingerprint else ()
        links.append(Invitation(*place, fingerprint, options.name, code, username, also))
    return links


def webhook_links(parts: Parts, secret: str) -> list[str]:
    """Return the addresses that a program may post to, for each under which it may find the server."""
    options = parts.options
    host, _, port = options.webhooks.rpartition(":")
    named = options.public_name and parse_invitation(options.public_name).host
    hosts = [named] if named else reachable(host.strip("[]"))
    scheme = "https" if parts.encryption.context else "http"
    places = (f"[{one}]" if ":" in one else one for one in hosts)
    return [f"{scheme}://{place}:{parts.webhooks_port or port}{PATH}{secret}" for place in places]
