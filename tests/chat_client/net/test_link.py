"""The connection through first contact, losses and ends: what is tried again, and what only by the user."""

import pytest

from chat_client.model.state import Phase
from chat_client.net.events import Connected, Disconnected, FingerprintUnknown
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Invitation
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import HELLO, Bench, a_message, a_room

FINGERPRINT = ":".join(["AB"] * 32)


def test_first_contact_asks_before_the_password_leaves(bench: Bench) -> None:
    """The fingerprint is shown; after "yes" the second connection carries the pin and the password."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    first = bench.server
    first.put(FingerprintUnknown(first.number, FINGERPRINT))
    first.put(Disconnected(first.number, "fingerprint_unknown"))
    bench.poll()
    assert bench.state.connection.phase == Phase.FINGERPRINT
    assert bench.state.connection.fingerprint == FINGERPRINT
    assert first.sent == []
    bench.client.trust.answer(True)
    assert bench.server is not first
    assert bench.server.address.fingerprint == FINGERPRINT
    bench.let_in(a_room("Lobby"))
    assert bench.state.connection.phase == Phase.ONLINE
    bench.restart()
    assert bench.client.known_servers.fingerprint("CHAT.example", 5000) == FINGERPRINT


def test_first_contact_refused_sends_nothing(bench: Bench) -> None:
    """After "no" there is no second connection and no pin."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.put(FingerprintUnknown(bench.server.number, FINGERPRINT))
    bench.poll()
    bench.client.trust.answer(False)
    assert bench.state.connection.phase == Phase.REFUSED
    assert len(bench.connections) == 1
    assert bench.client.known_servers.fingerprint("chat.example", 5000) == ""


def test_changed_fingerprint_is_final_until_the_pin_is_forgotten(bench: Bench) -> None:
    """Another certificate ends it, also for a remembered token; the user may start anew on purpose."""
    bench.client.known_servers.trust("chat.example", 5000, FINGERPRINT)
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    bench.pass_s(2)
    other = ":".join(["CD"] * 32)
    bench.server.put(Disconnected(bench.server.number, "fingerprint_changed", "", other))
    bench.poll()
    connection = bench.state.connection
    assert (connection.phase, connection.code) == (Phase.REFUSED, "fingerprint_changed")
    assert (connection.fingerprint, connection.expected_fingerprint) == (other, FINGERPRINT)
    count = len(bench.connections)
    bench.pass_s(60)
    assert len(bench.connections) == count
    bench.client.trust.forget("chat.example", 5000)
    assert bench.client.known_servers.fingerprint("chat.example", 5000) == ""


def test_invitation_pins_its_fingerprint_but_never_replaces_one(bench: Bench) -> None:
    """A link brings the fingerprint of a new server; for a known one it must be the same."""
    link = Invitation("chat.example", 5000, FINGERPRINT)
    bench.client.trust.accept_invitation(link)
    bench.client.trust.accept_invitation(link)
    assert bench.client.known_servers.fingerprint("chat.example", 5000) == FINGERPRINT
    with pytest.raises(ChatError) as refused:
        bench.client.trust.accept_invitation(Invitation("chat.example", 5000, ":".join(["CD"] * 32)))
    assert refused.value.code == "fingerprint_changed"


def test_answer_never_replaces_a_pin_of_another_window(bench: Bench) -> None:
    """Where another fingerprint was pinned while the question stood, the yes to the old one is refused."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "correct horse")
    bench.server.put(FingerprintUnknown(bench.server.number, FINGERPRINT))
    bench.poll()
    bench.client.known_servers.trust("chat.example", 5000, "cd" * 32)
    bench.client.trust.answer(True)
    assert (bench.state.connection.phase, bench.state.connection.code) == (
        Phase.REFUSED,
        "fingerprint_changed",
    )


def test_lost_connection_is_made_again_with_growing_delays(bench: Bench) -> None:
    """Each attempt waits longer, up to half a minute, and the countdown is shown."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    waits = []
    for _ in range(10):
        connection = bench.state.connection
        assert connection.phase == Phase.WAITING
        assert connection.retry_in is not None
        waits.append(connection.retry_in)
        count = len(bench.connections)
        while len(bench.connections) == count:
            bench.pass_s(0.25)
        bench.drop("unreachable")
    assert waits[0] <= 1
    assert waits[-1] >= 15
    assert max(waits) <= 30


def test_events_of_an_earlier_connection_are_dropped(bench: Bench) -> None:
    """What a lost connection still tells changes nothing."""
    bench.sign_in(a_room("Lobby"))
    old = bench.server
    bench.drop()
    bench.come_back(a_room("Lobby"))
    old.say({"type": "message", **a_message("Lobby", 1)})
    old.drop()
    bench.poll()
    assert bench.state.connection.phase == Phase.ONLINE
    assert bench.state.rooms["lobby"].messages == []


def test_resume_while_the_database_is_down_goes_on_trying(bench: Bench) -> None:
    """A token is not given up because the server cannot look it up just now."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    request = bench.resumption()
    bench.server.error(request, "unavailable")
    bench.poll()
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.WAITING, "unavailable")
    bench.come_back(a_room("Lobby"))
    assert bench.state.connection.phase == Phase.ONLINE


def test_kicked_waits_until_the_end_of_the_kick(bench: Bench) -> None:
    """The status tells until when; then the client comes back by itself."""
    bench.sign_in(a_room("Lobby"))
    until = bench.wall.now + 60
    bench.server.say({"type": "kicked", "reason": "calm down", "until": to_rfc3339(int(until * 1000))})
    bench.poll()
    connection = bench.state.connection
    assert (connection.phase, connection.code, connection.detail) == (Phase.REFUSED, "kicked", "calm down")
    assert connection.until == int(until * 1000)
    bench.pass_s(55)
    assert len(bench.connections) == 1
    bench.pass_s(10)
    bench.let_in(a_room("Lobby"))
    assert bench.state.connection.phase == Phase.ONLINE


@pytest.mark.parametrize("kind", ["banned", "killed"])
def test_banned_and_killed_do_not_come_back_by_themselves(bench: Bench, kind: str) -> None:
    """Coming back is the user's decision."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": kind, "reason": "enough"})
    bench.pass_s(120)
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.REFUSED, kind)
    assert len(bench.connections) == 1
    bench.client.session.reconnect_now()
    bench.let_in(a_room("Lobby"))
    assert bench.state.connection.phase == Phase.ONLINE


@pytest.mark.parametrize("kind", ["shutdown", "slow_consumer"])
def test_shutdown_and_slow_consumer_reconnect(bench: Bench, kind: str) -> None:
    """The server will be back; the client too."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": kind, "reason": "restart"})
    bench.poll()
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.WAITING, kind)
    bench.come_back(a_room("Lobby"))
    assert bench.state.connection.phase == Phase.ONLINE


def test_suspended_computer_reconnects_at_once(bench: Bench) -> None:
    """After an hour asleep nobody waits for a time-out."""
    bench.sign_in(a_room("Lobby"))
    bench.pass_s(1)
    bench.wall.now += 3600
    bench.poll()
    assert bench.connections[0].closed
    bench.poll()
    assert len(bench.connections) == 2
    bench.let_in(a_room("Lobby"))
    assert bench.state.connection.phase == Phase.ONLINE


def test_suspended_computer_that_was_waiting_tries_at_once(bench: Bench) -> None:
    """The delay of an earlier failure says nothing about now."""
    bench.sign_in(a_room("Lobby"))
    bench.pass_s(1)
    for _ in range(8):
        bench.drop("unreachable")
        bench.client.session.reconnect_now()
    bench.drop("unreachable")
    count = len(bench.connections)
    bench.wall.now += 3600
    bench.poll()
    assert len(bench.connections) == count + 1


def test_server_of_another_protocol_is_left(bench: Bench) -> None:
    """A version that is not ours gets no password."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.say({"type": "hello", "protocol": 2, "server": "x", "version": "9"})
    bench.poll()
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.REFUSED, "not_chat")
    assert bench.server.sent == []


@pytest.mark.logged_errors
def test_unreadable_event_is_logged_and_the_next_one_applied(bench: Bench) -> None:
    """One bad event costs itself, nothing else."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "message", "room": "Lobby"})
    bench.server.say({"type": "presence", "room": "Lobby", "changes": 5, "online": 1, "total": 1})
    bench.server.say({"type": "something new"})
    bench.server.say({"type": "message", **a_message("Lobby", 1)})
    bench.poll()
    assert len(bench.state.rooms["lobby"].messages) == 1


def test_poll_takes_a_bounded_number_of_events(bench: Bench) -> None:
    """A flood is applied in portions, so that the window answers in between."""
    bench.sign_in(a_room("Lobby"))
    for seq in range(1, 501):
        bench.server.say({"type": "message", **a_message("Lobby", seq)})
    bench.client.poll(100)
    assert len(bench.state.rooms["lobby"].messages) == 100
    assert bench.client.more_waits
    while bench.client.more_waits:
        bench.poll()
    assert len(bench.state.rooms["lobby"].messages) == 500


def let_in_after_a_long_outage(bench: Bench) -> None:
    bench.sign_in(a_room("Lobby"))
    for _ in range(8):
        count = len(bench.connections)
        bench.drop("unreachable")
        while len(bench.connections) == count:
            bench.pass_s(0.25)
    bench.let_in(a_room("Lobby"))


def test_connection_that_held_makes_the_next_delays_short_again(bench: Bench) -> None:
    """After a long outage and a quiet quarter of a minute, the next loss is tried again within a second."""
    let_in_after_a_long_outage(bench)
    bench.pass_s(15)
    bench.drop()
    assert bench.state.connection.retry_in is not None
    assert bench.state.connection.retry_in <= 1


def test_connection_that_is_lost_at_once_keeps_the_long_delays(bench: Bench) -> None:
    """A server that lets in and drops again is not hammered."""
    let_in_after_a_long_outage(bench)
    bench.pass_s(5)
    bench.drop()
    assert bench.state.connection.retry_in is not None
    assert bench.state.connection.retry_in >= 15


def test_kick_is_over_after_its_last_millisecond(bench: Bench) -> None:
    """A client that came a moment too early would be refused again."""
    bench.sign_in(a_room("Lobby"))
    until = bench.wall.now + 60
    bench.server.say({"type": "kicked", "reason": "x", "until": to_rfc3339(int(until * 1000))})
    bench.poll()
    bench.pass_s(60)
    assert len(bench.connections) == 1
    bench.pass_s(0.01)
    assert len(bench.connections) == 2


HOME, SECOND, THIRD = (("chat.example", 5000), ("chat2.example", 5000), ("2001:db8::3", 5001))


def _place(bench: Bench) -> tuple[str, int]:
    return bench.server.address.host, bench.server.address.port


@pytest.fixture
def several(bench: Bench) -> Bench:
    """A user who is signed in at the first of three servers of one chat."""
    bench.client.known_servers.trust(*HOME, FINGERPRINT)
    bench.servers = ["chat2.example:5000", "[2001:db8::3]:5001", "chat.example:5000", "no place@", "h:0"]
    bench.sign_in(a_room("Lobby"))
    return bench


def test_lost_connection_is_made_again_at_the_next_address(several: Bench) -> None:
    """Each address gets its turn within a second, with the pin of the one that the user knows."""
    seen = [_place(several)]
    for code in ("dropped", "unreachable"):
        several.drop(code)
        several.pass_s(0.5)
        seen.append(_place(several))
        assert several.server.address.fingerprint == FINGERPRINT
    assert seen[0] == HOME
    assert set(seen) == {HOME, SECOND, THIRD}
    several.let_in(a_room("Lobby"))
    assert (several.state.connection.phase, several.state.connection.host) == (Phase.ONLINE, HOME[0])
    assert [account.host for account in several.client.accounts.all()] == [HOME[0]]


def test_delays_grow_when_all_addresses_have_failed(several: Bench) -> None:
    """A whole round of failures counts as one: three servers that are away are not besieged."""
    several.drop()
    before = len(several.connections)
    for _ in range(1_200):
        several.pass_s(0.1)
        if len(several.connections) > before:
            before = len(several.connections)
            several.drop("unreachable")
    attempts = len(several.connections)
    assert 15 < attempts < 45


def test_next_start_begins_where_the_user_was(several: Bench) -> None:
    """After a move the address that worked is tried first, and kept with the others."""
    several.drop()
    several.come_back(a_room("Lobby"))
    moved = _place(several)
    assert moved != HOME
    several.restart()
    several.client.session.resume(several.client.accounts.all()[0].id)
    assert _place(several) == moved
    several.servers = None
    several.let_in(a_room("Lobby"))
    assert several.client.known_servers.places(*HOME) == [moved, HOME]


@pytest.mark.parametrize("code", ["fingerprint_changed", "insecure_refused"])
def test_other_address_that_is_another_server_is_passed_over(several: Bench, code: str) -> None:
    """No question and no end, while at the address that the user knows it is one."""
    several.drop()
    several.pass_s(0.5)
    assert _place(several) != HOME
    several.drop(code)
    assert several.state.connection.phase == Phase.WAITING
    assert several.state.connection.expected_fingerprint == ""
    several.pass_s(0.5)
    several.drop("unreachable")
    several.pass_s(1)
    assert _place(several) == HOME
    several.drop(code)
    assert several.state.connection.phase == Phase.REFUSED


def test_unknown_certificate_elsewhere_asks_nothing(several: Bench) -> None:
    """Where the system vouches for the known address, another one has no pin of its own to ask for."""
    several.drop()
    several.pass_s(0.5)
    several.server.put(FingerprintUnknown(several.server.number, FINGERPRINT))
    several.poll()
    assert several.state.connection.phase == Phase.WAITING


def test_invitation_of_several_addresses_lets_in_where_one_is_dead(bench: Bench) -> None:
    """The next address is tried when the first is not reached, but a password is sent once only."""
    bench.client.trust.accept_invitation(Invitation(*HOME, FINGERPRINT, also=(SECOND,)))
    bench.client.session.sign_in(*HOME, "zoe", "a password")
    first = _place(bench)
    bench.drop("unreachable")
    bench.pass_s(0.5)
    assert {first, _place(bench)} == {HOME, SECOND}
    bench.drop("unreachable")
    assert bench.state.connection.phase == Phase.REFUSED
    bench.client.session.sign_in(*HOME, "zoe", "a password")
    bench.server.up()
    bench.poll()
    bench.drop()
    assert bench.state.connection.phase == Phase.REFUSED


def test_unencrypted_server_teaches_no_addresses(bench: Bench) -> None:
    """Only what the pinned server says is believed."""
    bench.client.session.sign_in(*HOME, "zoe", "a password")
    bench.server.put(Connected(bench.server.number, encrypted=False))
    bench.server.say(HELLO | {"servers": ["chat2.example:5000"]})
    bench.poll()
    assert bench.client.known_servers.places(*HOME) == [HOME]


def test_server_that_came_later_is_learned(several: Bench) -> None:
    """The event tells those who are connected; the last list holds."""
    several.server.say({"type": "servers", "servers": ["chat4.example:5000", "chat.example:5000"]})
    several.poll()
    several.drop()
    several.pass_s(0.5)
    assert _place(several) == ("chat4.example", 5000)
    assert set(several.client.known_servers.places(*HOME)) == {HOME, ("chat4.example", 5000)}
