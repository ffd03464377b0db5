"""Kick, ban, mute, lift, kill, announce and roles, as the services carry them out."""

from collections.abc import Callable

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.limits import REASON_MAX_CHARS
from chat_protocol.server_events import EndEvent, NoticeEvent
from chat_server.services.accounts.passwords import verify_password
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.vocabulary.actors import Actor
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.storage.core.errors import StorageUnavailable
from tests.support.office import Office


def test_kick_of_a_user_ends_that_users_sessions(office: Office) -> None:
    """Each session of the user ends with the reason and the end; nobody else's does."""
    jules = office.user("jules")
    sessions = [office.connect(jules), office.connect(jules, "198.51.100.2")]
    other = office.connect(office.user("zoe"))
    record, ended = office.moderation.sanction(
        office.admin, SanctionOrder("kick", jules, 600_000, "too loud")
    )
    assert ended == 2
    expected = EndEvent("kicked", "too loud", office.clock() + 600_000)
    assert [session.ended for session in sessions] == [expected, expected]
    assert other.ended is None
    assert office.sanctions.check_user(jules.id) == record


def test_ban_of_a_network_ends_the_sessions_in_it(office: Office) -> None:
    """Sessions from the network end, whoever they belong to; others stay."""
    inside = [
        office.connect(office.user("jules"), "192.0.2.4"),
        office.connect(office.user("zoe"), "::ffff:192.0.2.9"),
    ]
    outside = office.connect(office.user("kevin"), "192.0.3.4")
    order = SanctionOrder("ban", parse_network("192.0.2.0/24"), None, "flood")
    _, ended = office.moderation.sanction(office.admin, order)
    assert ended == 2
    assert [session.ended for session in inside] == [EndEvent("banned", "flood")] * 2
    assert outside.ended is None


def test_sanction_outlives_a_restart_and_lifting_is_immediate(office: Office) -> None:
    """A sanction is read back at the next start; lifted, it is gone from memory and storage."""
    jules = office.user("jules")
    office.moderation.sanction(office.admin, SanctionOrder("ban", jules))
    assert SanctionBook(office.storage, office.clock).check_user(jules.id) is not None
    office.moderation.lift(office.admin, "ban", jules)
    assert office.sanctions.check_user(jules.id) is None
    assert SanctionBook(office.storage, office.clock).check_user(jules.id) is None


@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_moderators_lift_nothing_of_their_equals(office: Office, role: str) -> None:
    """Least of all their own mute; what they could have imposed themselves they lift."""
    muted, jules = office.user("zoe", role), office.user("jules")
    moderator = Actor(muted.username if role == "moderator" else "max", "moderator", "client")
    for user in (muted, jules):
        office.moderation.sanction(office.admin, SanctionOrder("mute", user))
    with pytest.raises(ChatError, match="as you are or above"):
        office.moderation.lift(moderator, "mute", muted)
    assert office.moderation.lift(moderator, "mute", jules)
    assert office.moderation.lift(office.admin, "mute", muted)


def test_later_sanction_replaces_the_earlier_one(office: Office) -> None:
    """The administrator's last word holds: a shorter kick replaces a longer one."""
    jules = office.user("jules")
    office.moderation.sanction(office.admin, SanctionOrder("kick", jules, 86_400_000))
    second, _ = office.moderation.sanction(office.admin, SanctionOrder("kick", jules, 60_000))
    assert office.sanctions.active() == [second]


def test_mute_in_a_room_leaves_the_mute_elsewhere(office: Office) -> None:
    """A mute replaces only that of the same room."""
    jules = office.user("jules")
    first, second, *_ = office.directory.all()
    office.moderation.sanction(office.admin, SanctionOrder("mute", jules, None, "", first))
    office.moderation.sanction(office.admin, SanctionOrder("mute", jules, None, "", second))
    assert len(office.sanctions.active()) == 2
    office.moderation.lift(office.admin, "mute", jules, first)
    assert office.sanctions.mute_of(jules.id, first.id) is None
    assert office.sanctions.mute_of(jules.id, second.id) is not None
    office.moderation.lift(office.admin, "mute", jules)
    assert office.sanctions.active() == []


def test_standing_mutes_are_told_at_a_sign_in(office: Office) -> None:
    """Each mute in force is told with room, reason and end, that of an address too; ended ones are not."""
    jules = office.user("jules")
    room, *_ = office.directory.all()
    office.moderation.sanction(office.admin, SanctionOrder("mute", jules, 60_000, "spam", room))
    now = office.clock()
    office.sanctions.add(
        office.storage.sanctions.add("mute", None, "192.0.2.0/24", None, "all of you", "boss", now, None)
    )
    told = office.moderation.standing_mutes(jules.id, "192.0.2.7")
    assert [(one.active, one.reason, one.until, one.room) for one in told] == [
        (True, "spam", now + 60_000, room.name),
        (True, "all of you", None, None),
    ]
    office.moderation.lift(office.admin, "mute", jules)
    assert office.moderation.standing_mutes(jules.id, "198.51.100.1") == []


@pytest.mark.parametrize("state", ["joined", "pending", "none"])
def test_mute_in_a_private_room_is_told_to_its_members_alone(office: Office, state: str) -> None:
    """Nor is it for a moderator outside to end; one who only asked to join is no member."""
    jules = office.user("jules")
    room = office.storage.rooms.create("Board", "board", "private", "", office.clock())
    office.directory.put(room)
    if state == "joined":
        office.storage.members.join(room.id, jules.id)
    elif state == "pending":
        office.storage.members.request(room.id, jules.id, "", office.clock())
    office.moderation.sanction(office.admin, SanctionOrder("mute", jules, None, "spam", room))
    told = office.moderation.standing_mutes(jules.id, "192.0.2.7")
    assert [one.room for one in told] == (["Board"] if state == "joined" else [])
    moderator = Actor("mod", "moderator", "client", office.user("mod", "moderator").id)
    with pytest.raises(ChatError, match="not muted"):
        office.moderation.lift(moderator, "mute", jules)
    office.storage.members.join(room.id, moderator.user_id or 0)
    assert len(office.moderation.lift(moderator, "mute", jules)) == 1


def test_lift_without_a_sanction_says_what_there_is(office: Office) -> None:
    """Lifting the wrong kind, or an address inside a sanctioned network, is refused with a hint."""
    jules = office.user("jules")
    office.moderation.sanction(office.admin, SanctionOrder("ban", jules))
    with pytest.raises(ChatError, match=r"not kicked\. It is banned"):
        office.moderation.lift(office.admin, "kick", jules)
    office.moderation.sanction(office.admin, SanctionOrder("ban", parse_network("192.0.2.0/24")))
    with pytest.raises(ChatError, match=r"by the network 192\.0\.2\.0/24"):
        office.moderation.lift(office.admin, "ban", parse_network("192.0.2.7"))


def test_moderator_kicks_and_mutes_members_only(office: Office) -> None:
    """A moderator reaches members, not equals; bans and addresses are the administrator's."""
    jules, other, boss = office.user("jules"), office.user("zoe", "moderator"), office.user("kevin", "admin")
    moderator = Actor("mo", "moderator", "wire 192.0.2.1", 99)
    office.moderation.sanction(moderator, SanctionOrder("kick", jules, 60_000))
    office.moderation.sanction(moderator, SanctionOrder("mute", jules, 60_000))
    forbidden = [
        SanctionOrder("kick", other, 60_000),
        SanctionOrder("mute", boss, 60_000),
        SanctionOrder("ban", jules),
        SanctionOrder("kick", parse_network("192.0.2.7"), 60_000),
    ]
    for order in forbidden:
        with pytest.raises(ChatError) as refusal:
            office.moderation.sanction(moderator, order)
        assert refusal.value.code == "forbidden"
    office.moderation.lift(moderator, "kick", jules)
    with pytest.raises(ChatError, match="admin"):
        office.moderation.lift(moderator, "ban", jules)


MEMBER = Actor("jules", "member", "wire 192.0.2.1", 7)

ACTS: dict[str, Callable[[Office], object]] = {
    "kick": lambda office: office.moderation.sanction(
        MEMBER, SanctionOrder("kick", office.user("zoe"), 60_000)
    ),
    "unkick": lambda office: office.moderation.lift(MEMBER, "kick", office.user("zoe")),
    "kill": lambda office: office.moderation.kill(MEMBER, office.user("zoe")),
    "announce": lambda office: office.notices.announce(MEMBER, "hello"),
    "motd": lambda office: office.notices.set_motd(MEMBER, "hello"),
    "registration": lambda office: office.registration.change(MEMBER, "closed"),
    "role": lambda office: office.roles.set_role(MEMBER, office.user("zoe"), "admin"),
    "password": lambda office: office.roles.one_time_password(MEMBER, office.user("zoe")),
    "external user": lambda office: office.roles.make_external(MEMBER, office.user("zoe")),
    "erase user": lambda office: office.roles.erase(MEMBER, office.user("zoe")),
    "create admin": lambda office: office.roles.create_admin(MEMBER, "mallory", "a long password"),
}


@pytest.mark.parametrize("action", ACTS)
def test_member_is_refused_and_audited(office: Office, action: str) -> None:
    """Each act is refused to a plain member, and the attempt is in the audit."""
    with pytest.raises(ChatError) as refusal:
        ACTS[action](office)
    assert refusal.value.code == "forbidden"
    [entry] = office.audit.entries()
    assert (entry.action, entry.actor, entry.origin, entry.allowed) == (action, "jules", MEMBER.origin, False)


def test_hits_tells_who_would_be_hit(office: Office) -> None:
    """A sanction asks first where it reaches more than one user, or the one who imposes it."""
    jules = office.user("jules")
    office.connect(jules, "192.0.2.4")
    hits = office.moderation.hits(office.admin, jules)
    assert not hits.needs_confirmation
    office.connect(office.user("zoe"), "192.0.2.5")
    hits = office.moderation.hits(office.admin, parse_network("192.0.2.0/24"))
    assert hits.usernames == ("jules", "zoe")
    assert hits.needs_confirmation
    own = office.moderation.hits(office.admin, parse_network("127.0.0.0/8"))
    assert own.own
    assert own.needs_confirmation
    myself = Actor("jules", "admin", "console", jules.id)
    assert office.moderation.hits(myself, jules).own
    assert office.moderation.hits(myself, parse_network("192.0.2.4")).own


def test_kill_leaves_no_sanction(office: Office) -> None:
    """A kill ends the connections and nothing else."""
    jules = office.user("jules")
    session = office.connect(jules)
    assert office.moderation.kill(office.admin, jules, "maintenance") == 1
    assert session.ended == EndEvent("killed", "maintenance")
    assert office.sanctions.active() == []
    assert office.moderation.kill(office.admin, office.user("zoe")) == 0


def test_reason_is_one_line_and_bounded(office: Office) -> None:
    """Control characters become spaces; a reason that is too long is refused."""
    jules = office.user("jules")
    record, _ = office.moderation.sanction(office.admin, SanctionOrder("ban", jules, None, "a\x1b[2Jb\n c"))
    assert record.reason == "a [2Jb c"
    with pytest.raises(ChatError, match="at most 300"):
        office.moderation.sanction(
            office.admin, SanctionOrder("ban", jules, None, "x" * (REASON_MAX_CHARS + 1))
        )


def test_announcement_reaches_everyone(office: Office) -> None:
    """Every session gets the notice; an empty or endless one is refused."""
    sessions = [office.connect(office.user(name)) for name in ("jules", "zoe")]
    assert office.notices.announce(office.admin, "Lunch!") == 2
    assert [session.sent for session in sessions] == [[NoticeEvent("Lunch!")]] * 2
    for text in ("  ", "x" * 4_001):
        with pytest.raises(ChatError):
            office.notices.announce(office.admin, text)


def test_motd_and_registration_outlive_a_restart(office: Office) -> None:
    """What an administrator has set holds at the next start, whatever the command line says."""
    office.notices.set_motd(office.admin, "Welcome")
    office.registration.change(office.admin, "closed")
    again = Office(office.storage, office.clock)
    assert again.parts.options.registration == "open"
    assert again.notices.motd == "Welcome"
    assert not again.registration.is_open()


def test_role_reaches_connected_sessions(office: Office) -> None:
    """A new role holds at once, in storage and in the sessions."""
    jules = office.user("jules")
    session = office.connect(jules)
    office.roles.set_role(office.admin, jules, "moderator")
    assert session.role == "moderator"
    assert office.moderation.user("Jules").role == "moderator"


def test_last_administrator_stays(office: Office) -> None:
    """The last administrator is neither demoted nor erased; one of two is."""
    kevin = office.user("kevin", "admin")
    with pytest.raises(ChatError, match="last administrator"):
        office.roles.set_role(office.admin, kevin, "member")
    with pytest.raises(ChatError, match="last administrator"):
        office.roles.erase(office.admin, kevin)
    office.user("zoe", "admin")
    office.roles.set_role(office.admin, kevin, "member")


def test_one_time_password_signs_the_user_out(office: Office) -> None:
    """The new password works, must be changed, and every session and token has ended."""
    jules = office.user("jules")
    session = office.connect(jules)
    office.storage.tokens.add(jules.id, "hash", office.clock())
    password = office.roles.one_time_password(office.admin, jules)
    stored = office.moderation.user("jules")
    assert stored.one_time_password
    assert verify_password(password, stored.password_hash)
    assert session.ended is not None
    assert office.storage.tokens.user_of("hash") is None


def test_create_admin_and_sign_in(office: Office) -> None:
    """The administrator made is the one who signs in; nobody else does."""
    roles = office.roles
    assert not roles.has_admin()
    roles.create_admin(office.admin, "Kévin", "a long password")
    assert roles.has_admin()
    actor = roles.sign_in("@kevin", "a long password", "console")
    assert (actor.name, actor.role) == ("Kévin", "admin")
    office.user("jules")
    for name, password in [("kevin", "wrong"), ("nobody", "a long password"), ("jules", ""), ("\x00", "x")]:
        with pytest.raises(ChatError) as refusal:
            roles.sign_in(name, password, "console")
        assert refusal.value.code == "invalid_credentials"
    assert [allowed for action, _, allowed in office.actions() if action == "sign in"] == [True] + [False] * 4


def test_create_admin_takes_an_account_only_when_told(office: Office) -> None:
    """An account that exists is refused, and taken over with `reset`."""
    office.user("jules")
    roles = office.roles
    with pytest.raises(ChatError, match="already"):
        roles.create_admin(office.admin, "jules", "a long password")
    taken = roles.create_admin(office.admin, "jules", "a long password", reset=True)
    assert taken.username == "jules"
    assert roles.sign_in("jules", "a long password", "console").role == "admin"
    with pytest.raises(ChatError, match="at least"):
        roles.create_admin(office.admin, "zoe", "short")


def test_audit_keeps_who_what_whom_and_why(office: Office) -> None:
    """Every act is told with its actor, origin, target and reason."""
    jules = office.user("jules")
    office.moderation.sanction(office.admin, SanctionOrder("kick", jules, 600_000, "too loud"))
    [entry] = office.audit.entries(by="boss", on="jules")
    assert (entry.at, entry.actor, entry.origin) == (office.clock(), "boss", "console")
    assert (entry.action, entry.detail, entry.allowed) == ("kick", "10m: too loud", True)
    assert office.audit.entries(by="zoe") == []


def test_audit_waits_for_the_database(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done while the database is away is stored when it is back, in order and once."""
    jules = office.user("jules")

    def away(*_: object) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(office.storage.audit, "add", away)
        office.moderation.kill(office.admin, jules, "one")
        office.moderation.kill(office.admin, jules, "two")
    office.moderation.kill(office.admin, jules, "three")
    assert [entry.detail.split(";")[0] for entry in office.audit.entries()] == ["one", "two", "three"]


def test_act_that_fails_is_in_the_audit_as_such(office: Office) -> None:
    """A mistake of the program, too: with its kind, without what it says; the error itself passes."""
    with pytest.raises(ZeroDivisionError), office.audit.act(office.admin, "role", "jules", "moderator"):
        raise ZeroDivisionError("secret")
    with pytest.raises(ChatError), office.audit.act(office.admin, "kick", "zoe"):
        raise ChatError("forbidden", "You may not.")
    with office.audit.act(office.admin, "ban", "zoe") as act:
        act.note("three days")
    found = [(entry.action, entry.target, entry.detail, entry.allowed) for entry in office.audit.entries()]
    assert sorted(found) == [
        ("ban", "zoe", "three days", True),
        ("kick", "zoe", "refused: You may not.", False),
        ("role", "jules", "moderator; failed: ZeroDivisionError", False),
    ]


def test_hits_say_whether_the_actor_is_among_them(office: Office) -> None:
    """By name, also where nobody of that name is connected, and by the address that the actor came from."""
    zoe, boss = office.user("zoe"), office.user("kevin", "admin")
    actor = Actor("kevin", "admin", "wire 192.0.2.1", boss.id, ("192.0.2.1",))
    assert office.moderation.hits(actor, boss).own
    assert not office.moderation.hits(actor, zoe).own
    office.connect(boss)
    assert office.moderation.hits(actor, boss).own
    assert office.moderation.hits(actor, parse_network("192.0.2.0/24")).own
    assert not office.moderation.hits(actor, parse_network("198.51.100.0/24")).own
