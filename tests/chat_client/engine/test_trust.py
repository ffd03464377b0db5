"""Which certificate is trusted, and what an invitation says of it."""

import pytest

from chat_client.model.changes import ConnectionChanged
from chat_client.model.state import Phase
from chat_client.net.events import Connected, FingerprintUnknown
from chat_protocol.invitations import Invitation
from tests.chat_client.fakes import HELLO, Bench

PLACE, SECOND = ("chat.example", 5000), ("b.example", 5000)
FINGERPRINT = ":".join(["AB"] * 32)


@pytest.mark.parametrize("accept", [True, False])
def test_answer_is_told_and_kept(bench: Bench, accept: bool) -> None:
    """A no keeps nothing."""
    bench.client.session.sign_in(*PLACE, "zoe", "a password")
    bench.server.put(FingerprintUnknown(bench.server.number, FINGERPRINT))
    bench.poll()
    bench.client.trust.answer(accept)
    assert ConnectionChanged() in bench.poll()
    assert bench.state.connection.phase == (Phase.CONNECTING if accept else Phase.REFUSED)
    assert bench.client.known_servers.fingerprint(*PLACE) == (FINGERPRINT if accept else "")


@pytest.mark.parametrize(
    ("fingerprint", "also", "places"),
    [
        (FINGERPRINT, (SECOND,), {PLACE, SECOND}),
        (FINGERPRINT, (), {PLACE}),
        ("", (SECOND,), {PLACE}),
    ],
)
def test_invitation_is_believed_with_a_fingerprint_alone(
    bench: Bench, fingerprint: str, also: tuple[tuple[str, int], ...], places: set[tuple[str, int]]
) -> None:
    """Its further addresses are kept with it; a later one without any leaves them."""
    trust, known = bench.client.trust, bench.client.known_servers
    trust.accept_invitation(Invitation(*PLACE, fingerprint, also=also))
    trust.accept_invitation(Invitation(*PLACE, fingerprint))
    assert (known.fingerprint(*PLACE), set(known.places(*PLACE))) == (fingerprint, places)
    trust.forget(*PLACE)
    assert (known.fingerprint(*PLACE), known.places(*PLACE)) == ("", [PLACE])


@pytest.mark.parametrize("encrypted", [True, False])
def test_invitation_takes_others_to_this_server(bench: Bench, encrypted: bool) -> None:
    """With its name; over TLS with the fingerprint and the further addresses, each once."""
    bench.client.trust.accept_invitation(Invitation(*PLACE, FINGERPRINT, also=(SECOND,)))
    bench.client.session.sign_in(*PLACE, "zoe", "a password")
    bench.server.put(Connected(bench.server.number, encrypted))
    bench.server.say(HELLO)
    bench.poll()
    made = bench.client.trust.invitation()
    assert (made.host, made.port, made.server) == (*PLACE, "Test")
    assert (made.fingerprint, made.also) == ((FINGERPRINT, (SECOND,)) if encrypted else ("", ()))


def test_invitation_without_a_pin_names_no_further_addresses(bench: Bench) -> None:
    """They would be looked for with nothing to know the server by."""
    bench.client.known_servers.keep_places(*PLACE, [SECOND, PLACE])
    bench.client.session.sign_in(*PLACE, "zoe", "a password")
    bench.server.put(Connected(bench.server.number, True))
    bench.poll()
    made = bench.client.trust.invitation()
    assert (made.fingerprint, made.also) == ("", ())
