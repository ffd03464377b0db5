"""The terminal client's commands for moderators and administrators: lists, roles, passwords, invitations."""

import re
from datetime import datetime
from typing import Any

import pytest

from tests.chat_client.terminal.session import Session

AT = "2026-11-22T10:31:02.123Z"


def _here(at: str) -> str:
    """Return a time of the wire as it is written here."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("line", "request_type", "fields"),
    [
        ("/sanctions", "moderation.sanctions", {}),
        ("/directory ju", "users", {"prefix": "ju"}),
        ("/role @jules moderator", "moderation.role", {"username": "jules", "role": "moderator"}),
        ("/one-time-password jules", "moderation.password", {"username": "jules"}),
        ("/devices-of jules", "moderation.devices", {"username": "jules"}),
        ("/end-device-of jules all", "moderation.end_device", {"username": "jules"}),
        ("/end-device-of jules 0A1B", "moderation.end_device", {"username": "jules", "id": "0a1b"}),
        ("/invite-one", "moderation.invite", {"role": "member"}),
        ("/invite-one moderator", "moderation.invite", {"role": "moderator"}),
        ("/invite-one Zoé admin", "moderation.invite", {"username": "Zoé", "role": "admin"}),
        ("/invitations", "moderation.invitations", {}),
        ("/revoke 7", "moderation.revoke", {"number": 7}),
        ("/audit by boss on @jules", "moderation.audit", {"actor": "boss", "target": "jules"}),
    ],
)
def test_line_becomes_a_request(
    session: Session, line: str, request_type: str, fields: dict[str, Any]
) -> None:
    """Each line asks the server for what it says, and for nothing else."""
    session.type(line)
    request = session.bench.server.take(request_type)
    for name in ("username", "role", "id", "number", "actor", "target", "prefix"):
        assert request.get(name) == fields.get(name), name


@pytest.mark.parametrize(
    "line",
    [
        "/role jules boss",
        "/role moderator",
        "/one-time-password",
        "/devices-of two names",
        "/end-device-of jules",
        "/invite-one two names",
        "/revoke seven",
        "/audit since yesterday",
        "/audit by",
        "/audit by boss on",
        "/accept-all Nowhere",
    ],
)
def test_what_cannot_be_carried_out_says_why(session: Session, line: str) -> None:
    """Nothing is sent, and the line says what is expected."""
    before = len(session.bench.server.sent)
    assert session.type(line).startswith("* ")
    assert len(session.bench.server.sent) == before


def test_lists_are_written_when_they_were_asked_for(session: Session) -> None:
    """Sanctions, invitations, devices and the audit, a line each; what changes later is not written again."""
    server = session.bench.server
    mute = {"number": 9, "kind": "mute", "by": "mod", "since": AT, "username": "jules"}
    session.type("/sanctions")
    server.ok(server.take("moderation.sanctions"), sanctions=[mute | {"room": "Lobby", "reason": "loud"}])
    written = session.step()
    assert "mute jules Lobby for good by mod : loud" in written
    assert "and more" not in written
    session.type("/sanctions")
    server.ok(server.take("moderation.sanctions"), sanctions=[mute], next=9)
    assert session.step().endswith("  and more")
    session.type("/invitations")
    told = {"number": 7, "role": "admin", "by": "boss", "expires_at": AT}
    server.ok(server.take("moderation.invitations"), invitations=[told])
    assert "  7 * admin until 2026-11-22" in session.step()
    session.type("/revoke 7")
    server.ok(server.take("moderation.revoke"))
    assert session.step() == "* Done."
    session.type("/audit")
    entry = {"at": AT, "actor": "boss", "origin": "console", "action": "role", "target": "jules"}
    server.ok(
        server.take("moderation.audit"), entries=[entry | {"detail": "a -> b\x1b[2J", "allowed": False}]
    )
    assert "boss (console) role jules : a -> b\ufffd[2J (not done)" in session.step()
    session.type("/devices-of jules")
    server.ok(server.take("moderation.devices"), devices=[])
    assert session.step() == "* There is nothing."


def test_secrets_are_written_once(session: Session) -> None:
    """A one-time password and an invitation's link are shown to whoever asked."""
    server = session.bench.server
    session.type("/one-time-password jules")
    server.ok(server.take("moderation.password"), password="abcd-efgh")
    assert "jules: abcd-efgh" in session.step()
    session.type("/invite-one")
    server.ok(server.take("moderation.invite"), code="c0de", number=7, role="member", expires_at=AT)
    words, link = session.step().splitlines()
    assert words == f"* Lets one member register until {_here(AT)}; shown only now:"
    assert link.startswith("chat://")
    assert "code=c0de" in link


def test_all_requests_for_a_room_are_accepted(session: Session) -> None:
    """Those that are listed for it, in any spelling of its name."""
    server = session.bench.server
    session.type("/pending")
    waiting = [
        {"username": name, "display_name": name, "room": room, "reason": "", "requested_at": AT}
        for name, room in (("jules", "Plaza"), ("zoe", "Tower"), ("ann", "Plaza"))
    ]
    server.ok(server.take("moderation.pending"), requests=waiting)
    session.step()
    session.type("/accept-all TOWER", "/accept-all plaza")
    request = server.take("moderation.accept")
    assert (request["room"], request["people"]) == ("Tower", ["zoe"])
    request = server.take("moderation.accept")
    assert (request["room"], request["people"]) == ("Plaza", ["jules", "ann"])
    server.ok(request, people=["jules"])
    assert "Done." in session.step()


def test_one_person(session: Session) -> None:
    """Role and rooms in common are written once the server has told them."""
    server = session.bench.server
    session.bench.state.connection.capabilities = ("person",)
    session.type("/person @jules")
    request = server.take("person")
    told = {"username": "jules", "display_name": "Jules", "role": "admin", "rooms": ["Lobby", "Plaza"]}
    server.ok(request, **told)
    assert session.step().endswith(" · admin · Lobby, Plaza")


def test_directory_has_a_line_for_each(session: Session) -> None:
    """With the name, the username, the status, and the role where there is one."""
    server = session.bench.server
    session.type("/directory")
    users = [
        {"username": "jules", "display_name": "Jules M.", "status": "busy", "role": "moderator"},
        {"username": "ida", "status": "offline"},
    ]
    server.ok(server.take("users"), users=users, more=True)
    assert session.step().splitlines() == [
        "  Jules M. @jules [busy] moderator",
        "  ida @ida [offline]",
        "  and more",
    ]


def test_devices_of_somebody_have_a_line_each(session: Session) -> None:
    """With what ends it, where it is and when it was used."""
    server = session.bench.server
    session.type("/devices-of jules")
    devices = [
        {"id": "0a", "created_at": AT, "last_used_at": AT, "name": "desk", "address": "192.0.2.1"},
        {"id": "0b", "created_at": AT, "last_used_at": AT},
    ]
    server.ok(server.take("moderation.devices"), devices=devices)
    assert session.step().splitlines() == [
        f"  0a  desk, 192.0.2.1, {_here(AT)}",
        f"  0b  a client without a name, {_here(AT)}",
    ]


@pytest.mark.parametrize(
    ("sanction", "line"),
    [
        ({"until": AT}, f"  mute jules until {_here(AT)} by mod"),
        ({"username": None, "address": "192.0.2.7"}, "  mute 192.0.2.7 for good by mod"),
        ({"username": None}, "  mute Former member for good by mod"),
    ],
)
def test_sanction_names_whom_and_how_long(session: Session, sanction: dict[str, Any], line: str) -> None:
    """A user, an address, or one whose account is gone."""
    server = session.bench.server
    session.type("/sanctions")
    told = {"number": 9, "kind": "mute", "by": "mod", "since": AT, "username": "jules"} | sanction
    server.ok(server.take("moderation.sanctions"), sanctions=[{k: v for k, v in told.items() if v}])
    assert session.step() == line


def test_audit_is_written_the_newest_last(session: Session) -> None:
    """What was allowed has no mark."""
    server = session.bench.server
    session.type("/audit")
    entry = {
        "at": AT,
        "origin": "console",
        "action": "role",
        "target": "jules",
        "detail": "",
        "allowed": True,
    }
    server.ok(
        server.take("moderation.audit"),
        entries=[entry | {"actor": name} for name in ("late", "early")],
        next=4,
    )
    assert session.step().splitlines() == [
        f"  [{_here(AT)}] early (console) role jules",
        f"  [{_here(AT)}] late (console) role jules",
        "  and more",
    ]


def test_person_is_written_when_it_was_asked_for(session: Session) -> None:
    """With the time there, where that is told, and once; nothing of anybody else."""
    server = session.bench.server
    session.bench.state.connection.capabilities = ("person",)
    session.type("/person jules")
    request = server.take("person")
    session.bench.client.people.ask_about("ida")
    server.ok(server.take("person"), username="ida", display_name="Ida", role="member", rooms=[])
    assert session.step() == ""
    now = datetime.now().astimezone().replace(hour=9, minute=5)
    told = {"username": "jules", "display_name": "jules", "role": "member", "bot": True}
    server.ok(request, **told, rooms=["Lobby"], utc_offset=f"{now:%z}"[:3] + ":" + f"{now:%z}"[3:])
    line = session.step()
    assert re.fullmatch(r"  jules · member · bot · \d\d:\d\d · Lobby", line), line
    session.bench.client.people.ask_about("jules")
    server.ok(server.take("person"), **told, rooms=[])
    assert session.step() == ""
