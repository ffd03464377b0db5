"""The line that tells how the connection stands."""

import pytest

from chat_client import i18n
from chat_client.model.state import ConnectionState, Phase
from chat_client.ui.look import dates
from chat_client.ui.panes.status_bar import report


@pytest.fixture(autouse=True)
def _english():
    i18n.use("en")


def state(phase, **values):
    return ConnectionState(phase, "chat.example.org", 5000, **values)


@pytest.mark.parametrize(
    ("connection", "tone", "words"),
    [
        (state(Phase.ONLINE, encrypted=True), "calm", "Connected to chat.example.org, encrypted"),
        (state(Phase.ONLINE), "warning", "Connected to chat.example.org, not encrypted"),
        (state(Phase.CONNECTING), "warning", "Connecting to chat.example.org…"),
        (
            state(Phase.WAITING, code="unreachable", retry_in=4),
            "warning",
            "chat.example.org:5000 cannot be reached. Trying again in 4 seconds.",
        ),
        (
            state(Phase.WAITING, code="shutdown", ended_by="shutdown", retry_in=0),
            "warning",
            "The server has stopped. Trying again…",
        ),
        (
            state(Phase.ONLINE, encrypted=True, storing_ok=False),
            "warning",
            "The server cannot store messages right now. Yours wait here and will be sent automatically.",
        ),
        (
            state(Phase.ONLINE, encrypted=True, shutdown_at=31_000, shutdown_reason="Update."),
            "warning",
            "The server stops in 30 seconds. Update.",
        ),
        (
            state(Phase.REFUSED, code="banned", detail="spam"),
            "danger",
            "You are banned from this server. Reason: spam",
        ),
    ],
)
def test_report(connection, tone, words):
    """Each state of the connection is told in a sentence of its own."""
    made = report(connection, 1_000)
    assert (made.words, made.tone) == (words, tone)


def test_report_of_a_kick_names_its_end(at):
    """Somebody who was kicked out reads until when."""
    made = report(state(Phase.REFUSED, code="kicked", until=at(30)), at())
    assert made.words == "You have been kicked out. Until 12:30."


@pytest.mark.parametrize("code", ["kicked", "banned", "killed"])
def test_end_by_a_moderator_gives_the_reason_and_a_way_back(code):
    """The reason is shown; a button tries again, since what was imposed may have been lifted early."""
    made = report(state(Phase.REFUSED, code=code, detail="spam"), 0)
    assert made.words.endswith("Reason: spam")
    assert made.retry


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (1, "in 1 second", "dans 1 seconde"),
        (59, "in 59 seconds", "dans 59 secondes"),
        (60, "in 1 minute", "dans 1 minute"),
        (600, "in 10 minutes", "dans 10 minutes"),
        (7200, "in 2 hours", "dans 2 heures"),
        (86_518, "in 24 hours", "dans 24 heures"),
        (3 * 86_400, "in 3 days", "dans 3 jours"),
    ],
)
def test_countdown_is_in_words(seconds, english, french):
    """What lies ahead is told in the unit that says it well."""
    assert dates.ahead(seconds) == english
    i18n.use("fr")
    assert dates.ahead(seconds) == french


def test_report_counts_what_waits():
    """Messages that are not stored yet are counted."""
    made = report(state(Phase.ONLINE, encrypted=True), 0, waiting=2)
    assert made.words.endswith("2 messages waiting to be sent")


def test_retry_is_offered_while_waiting():
    """While another attempt is due, one can ask for it at once."""
    assert report(state(Phase.WAITING, code="dropped", retry_in=9), 0).retry
    assert not report(state(Phase.ONLINE, encrypted=True), 0).retry
