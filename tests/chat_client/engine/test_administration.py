"""What moderators and administrators ask for: lists page by page, acts, and secrets that are told once."""

from typing import Any

from chat_client.model.changes import (
    InvitationMade,
    ListChanged,
    PasswordMade,
    PeopleChanged,
    RequestDone,
)
from chat_protocol.invitations import parse_invitation
from chat_protocol.objects import Device
from tests.chat_client.fakes import Bench, a_room

AT = "2026-11-22T10:31:02.123Z"


def _sanction(number: int) -> dict[str, Any]:
    return {"number": number, "kind": "mute", "by": "mod", "since": AT, "username": "jules"}


def test_sanctions_page_by_page(bench: Bench) -> None:
    """The next page is asked for by the mark of the one before, and put behind it."""
    bench.sign_in()
    for more, numbers, next_ in ((False, (9, 8), 8), (True, (5,), 5), (False, (9,), None)):
        bench.client.moderation.sanctions(more=more)
        request = bench.server.take("moderation.sanctions")
        assert request.get("before") == (8 if more else None)
        bench.server.ok(request, sanctions=[_sanction(one) for one in numbers], next=next_)
        assert ListChanged("sanctions") in bench.poll()
        known = [one.number for one in bench.state.lists.sanctions.items or ()]
        assert known == ([9, 8, 5] if more else list(numbers))
    assert bench.state.lists.sanctions.next is None


def test_one_sanction_is_lifted(bench: Bench) -> None:
    """The number says which."""
    bench.sign_in()
    bench.client.moderation.lift("mute", username="jules", number=9)
    request = bench.server.take("moderation.lift")
    assert (request["kind"], request["username"], request["number"]) == ("mute", "jules", 9)


def test_all_who_wait_are_accepted(bench: Bench) -> None:
    """Fifty at a time, and then the list of requests is asked for again."""
    bench.sign_in(role="moderator")
    bench.server.take_all("moderation.pending")
    bench.client.moderation.accept([f"user{number}" for number in range(60)], "Plaza")
    first, second = bench.server.take_all("moderation.accept")
    assert (first["room"], len(first["people"]), len(second["people"])) == ("Plaza", 50, 10)
    bench.server.ok(first, people=["user1", "user2"])
    assert RequestDone("moderation.accept", "Plaza") in bench.poll()
    assert bench.server.take_all("moderation.pending")


def test_role_is_shown_in_the_directory(bench: Bench) -> None:
    """Who has another role has it in the list that is shown, without asking again."""
    bench.sign_in()
    bench.client.people.directory()
    request = bench.server.take("users")
    bench.server.ok(request, users=[{"username": "jules", "role": "moderator"}, {"username": "zoe"}])
    bench.poll()
    for role, told in (("member", ""), ("admin", "admin")):
        bench.client.administration.set_role("jules", role)
        bench.server.ok(bench.server.take("moderation.role"))
        assert {ListChanged("directory"), RequestDone("moderation.role")} <= set(bench.poll())
        assert [one.role for one in bench.state.lists.directory.items or ()] == [told, ""]


def test_directory_page_by_page(bench: Bench) -> None:
    """A page is asked for behind the last name; the answer to what was typed before comes too late."""
    bench.sign_in()
    bench.client.people.directory("j")
    late = bench.server.take("users")
    bench.client.people.directory("ju")
    request = bench.server.take("users")
    assert (request["prefix"], request["limit"], request.get("after_username")) == ("ju", 100, None)
    bench.server.ok(late, users=[{"username": "jan"}])
    bench.server.ok(request, users=[{"username": "juke"}], more=True)
    bench.poll()
    bench.client.people.directory("ju", more=True)
    request = bench.server.take("users")
    assert request["after_username"] == "juke"
    bench.server.ok(request, users=[{"username": "jules"}])
    bench.poll()
    directory = bench.state.lists.directory
    assert ([one.username for one in directory.items or ()], directory.next) == (["juke", "jules"], None)


def test_one_time_password_is_kept_nowhere(bench: Bench) -> None:
    """It comes in the change alone."""
    bench.sign_in()
    bench.client.administration.one_time_password("jules")
    bench.server.ok(bench.server.take("moderation.password"), password="abcd-efgh")
    assert PasswordMade("jules", "abcd-efgh") in bench.poll()
    assert "abcd-efgh" not in repr(bench.state)


def test_devices_of_somebody(bench: Bench) -> None:
    """They are listed and ended; the answer about somebody else is not taken for theirs."""
    bench.sign_in()
    bench.client.administration.devices("paul")
    late = bench.server.take("moderation.devices")
    bench.client.administration.devices("jules")
    devices = [Device(f"id{number}", 1_700_000_000_000, 1_700_000_000_000).to_frame() for number in (1, 2)]
    bench.server.ok(bench.server.take("moderation.devices"), devices=devices)
    bench.server.ok(late, devices=[])
    bench.poll()
    assert [one.id for one in bench.state.lists.devices or ()] == ["id1", "id2"]
    bench.client.administration.end_device("jules", "id1")
    bench.server.ok(bench.server.take("moderation.end_device"), ended=1)
    assert RequestDone("moderation.end_device") in bench.poll()
    assert [one.id for one in bench.state.lists.devices or ()] == ["id2"]
    bench.client.administration.end_device("paul")
    bench.server.ok(bench.server.take("moderation.end_device"), ended=1)
    bench.poll()
    assert [one.id for one in bench.state.lists.devices or ()] == ["id2"]
    bench.client.administration.devices("jules")
    bench.client.administration.end_device("jules")
    bench.server.ok(bench.server.take("moderation.end_device"), ended=1)
    assert RequestDone("moderation.end_device") in bench.poll()
    assert bench.state.lists.devices is None


def test_invitation_is_a_link_to_this_server(bench: Bench) -> None:
    """The link has the code and the name, and the code is kept nowhere; one is revoked by its number."""
    bench.sign_in()
    bench.client.administration.invite("Zoé", "moderator")
    request = bench.server.take("moderation.invite")
    assert (request["username"], request["role"], request.get("days")) == ("Zoé", "moderator", None)
    bench.server.ok(request, code="c0de", number=7, role="moderator", expires_at=AT, username="Zoé")
    (made,) = [change for change in bench.poll() if isinstance(change, InvitationMade)]
    link = parse_invitation(made.link)
    assert (link.code, link.username, link.host) == ("c0de", "Zoé", bench.state.connection.host)
    assert "c0de" not in repr(bench.state)
    bench.client.administration.invitations()
    told = {"number": 7, "role": "moderator", "by": "boss", "expires_at": AT}
    bench.server.ok(bench.server.take("moderation.invitations"), invitations=[told, told | {"number": 8}])
    assert ListChanged("invitations") in bench.poll()
    bench.client.administration.revoke(7)
    bench.server.ok(bench.server.take("moderation.revoke"))
    assert {ListChanged("invitations"), RequestDone("moderation.revoke")} <= set(bench.poll())
    assert [one.number for one in bench.state.lists.invitations] == [8]


def test_audit_page_by_page(bench: Bench) -> None:
    """What is asked for stays the same on the next page."""
    bench.sign_in()
    entry = {"at": AT, "actor": "boss", "origin": "console", "action": "role", "target": "jules"}
    for more, next_ in ((False, 7), (True, 7), (False, 7), (True, None)):
        bench.client.administration.audit("boss", more=more)
        request = bench.server.take("moderation.audit")
        assert (request["actor"], request.get("target"), request.get("before")) == (
            "boss",
            None,
            7 if more else None,
        )
        bench.server.ok(request, entries=[entry | {"detail": "", "allowed": True}], next=next_)
        assert ListChanged("audit") in bench.poll()
    assert len(bench.state.lists.audit.items or ()) == 2


def test_person_is_asked_about_when_the_conversation_is_opened(bench: Bench) -> None:
    """A server that knows of persons is asked who the other is; what it tells is kept by the name's key."""
    bench.capabilities = ["person"]
    bench.sign_in()
    bench.client.rooms.open(bench.client.rooms.direct("Jules"))
    bench.poll()
    request = bench.server.take("person")
    assert request["username"] == "Jules"
    told = {"username": "jules", "display_name": "Jules", "role": "admin", "rooms": ["Plaza"]}
    bench.server.ok(request, **told)
    assert PeopleChanged(("Jules",)) in bench.poll()
    assert bench.state.lists.persons["jules"].rooms == ("Plaza",)


def test_requests_and_sanctions_name_a_room_as_the_server_does(bench: Bench) -> None:
    """By its id; one that this client does not know by what was given; a sanction may name none."""
    bench.sign_in(a_room("Plaza", id="db,7"))
    moderation = bench.client.moderation
    for key, told in (("plaza", "db,7"), ("attic", "attic")):
        moderation.accept(["ida"], key)
        moderation.decide("ida", key, accept=False)
        moderation.sanction("mute", username="ida", room=key)
        moderation.lift("mute", username="ida", room=key)
        for request_type in ("accept", "decide", "sanction", "lift"):
            assert bench.server.take(f"moderation.{request_type}")["room"] == told
    moderation.sanction("kick", username="ida")
    assert bench.server.take("moderation.sanction").get("room") is None
