"""What refusals say beside their code, which parts a server knows, and that changes wake whoever polls."""

import pytest

from chat_client.engine.core import failure, retry_after, until_of
from chat_client.model.changes import ListChanged, RequestFailed
from chat_protocol.errors import ChatError
from tests.chat_client.fakes import Bench


@pytest.mark.parametrize(("told", "seconds"), [(3, 3.0), (0.5, 0.5), (-2, 0.0), ("soon", 0.0), (None, 0.0)])
def test_refusal_names_how_long_to_wait(told: object, seconds: float) -> None:
    """In seconds; what is no such number is no wait."""
    assert retry_after(ChatError("rate_limited", "slowly", retry_after=told)) == seconds
    assert retry_after(ChatError("rate_limited", "slowly")) == 0.0


@pytest.mark.parametrize(
    ("told", "until"), [("1970-01-01T00:00:01.500Z", 1_500), ("soon", None), (7, None), (None, None)]
)
def test_refusal_names_when_it_ends(told: object, until: int | None) -> None:
    """In milliseconds since 1970; what cannot be read is no end."""
    assert until_of(ChatError("muted", "quiet", until=told)) == until


def test_refusal_becomes_a_change() -> None:
    """With all that the server has said of it."""
    error = ChatError("bad_request", "too long", retry_after=2, field="topic")
    assert failure("room.edit", error, "lobby") == RequestFailed(
        "room.edit", "bad_request", "too long", "lobby", 2.0, "topic"
    )


def test_change_wakes_whoever_polls_unless_a_poll_has_brought_it_about(bench: Bench) -> None:
    """Also before the first poll."""
    client = bench.new_client()
    woken: list[None] = []
    client.wake_with(lambda: woken.append(None))
    client._core.emit(ListChanged("audit"))
    assert len(woken) == 1
    client.poll()
    client._core.emit(ListChanged("audit"))
    assert len(woken) == 2
    client._link.events.on_put = lambda: None
    client._duties = (lambda: client._core.emit(ListChanged("audit")),)
    client.poll()
    assert len(woken) == 2
    client.close()


@pytest.mark.parametrize(
    ("part", "capability"),
    [
        ("avatars", "avatars"),
        ("devices", "devices"),
        ("moderation", "moderation"),
        ("own_settings", "settings"),
        ("saved", "saved"),
    ],
)
def test_part_is_known_where_the_server_says_so(bench: Bench, part: str, capability: str) -> None:
    """A view asks only there: a server of an earlier release does not know of it."""
    bench.sign_in()
    assert not getattr(bench.client, part).known
    bench.capabilities = [capability]
    bench.sign_in()
    assert getattr(bench.client, part).known
