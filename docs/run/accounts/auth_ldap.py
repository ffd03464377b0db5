#!/usr/bin/env python3
"""Asks an LDAP directory (OpenLDAP, Active Directory) whether a name and a password are right.

It is an example for the chat server's `--auth-command`, to be copied and changed (docs/run/accounts.md).
It needs python-ldap (Debian: python3-ldap), reads its settings from the JSON file that it is given, one
question from its standard input, and prints one answer.
"""

import json
import sys
from pathlib import Path
from typing import Any

import ldap
import ldap.filter

LATER = (
    ldap.SERVER_DOWN,
    ldap.CONNECT_ERROR,
    ldap.TIMEOUT,
    ldap.TIMELIMIT_EXCEEDED,
    ldap.BUSY,
    ldap.UNAVAILABLE,
)
TIMEOUT_S = 4


def connect(settings: dict[str, Any]) -> Any:
    """Open a connection that is encrypted, whose other end has the right certificate."""
    connection = ldap.initialize(settings["url"])
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, TIMEOUT_S)
    connection.set_option(ldap.OPT_TIMEOUT, TIMEOUT_S)
    connection.set_option(ldap.OPT_REFERRALS, 0)
    if "ca" in settings:
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, settings["ca"])
    connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    if settings["url"].startswith("ldap://") and not settings.get("plain"):
        connection.start_tls_s()
    return connection


def first(attributes: dict[str, list[bytes]], name: str) -> str:
    """Return an attribute's first value as text; empty where there is none."""
    return next((value.decode("utf-8", "replace") for value in attributes.get(name, ())), "")


def groups_of(
    connection: Any, settings: dict[str, Any], entry: str, attributes: dict[str, list[bytes]]
) -> set[str]:
    """Return the names of the groups that a person is in, in lower case."""
    found = {value.decode("utf-8", "replace") for value in attributes.get("memberOf", ())}
    if "groups_base" in settings:
        wanted = ldap.filter.filter_format("(|(member=%s)(uniqueMember=%s))", [entry, entry])
        for group, _ in connection.search_s(settings["groups_base"], ldap.SCOPE_SUBTREE, wanted, ["1.1"]):
            found.add(group or "")
    return {group.lower() for group in found}


def answer(question: dict[str, str], settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the server is told."""
    if not question["password"]:  # a bind without a password succeeds as nobody
        return {"ok": False}
    connection = connect(settings)
    connection.simple_bind_s(settings["bind_dn"], Path(settings["bind_password_file"]).read_text().strip())
    wanted = ldap.filter.filter_format(settings["filter"], [question["name"]])
    name_of = settings.get("display_name", "displayName")
    entries = connection.search_s(settings["base"], ldap.SCOPE_SUBTREE, wanted, [name_of, "memberOf"])
    people = [(entry, attributes) for entry, attributes in entries if entry]  # without referrals
    if len(people) != 1:
        return {"ok": False}
    entry, attributes = people[0]
    try:
        connect(settings).simple_bind_s(entry, question["password"])
    except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH, ldap.UNWILLING_TO_PERFORM):
        return {"ok": False}
    said = {"ok": True, "display_name": first(attributes, name_of), "rooms": []}
    groups = groups_of(connection, settings, entry, attributes)
    for group, gives in settings.get("groups", {}).items():
        if group.lower() in groups:
            said["rooms"] += gives.get("rooms", [])
            said["role"] = gives.get("role") or said.get("role")  # of several, the last one in the file
    if settings.get("groups_only") and not any(group.lower() in groups for group in settings["groups"]):
        return {"ok": False}
    if settings.get("roles") and not said.get("role"):
        said["role"] = "member"  # who has left a group that gave a role loses it
    return said


def main() -> None:
    """Answer one question."""
    settings = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        said = answer(json.load(sys.stdin), settings)
    except LATER:
        said = {"later": True}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
