"""What is said in a room is sent on: once each in order, tried again, given up after a day, never a bot's."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.webhooks.outgoing import OutgoingWebhooks
from chat_server.storage.core.records import MessageRecord, NewMessage, OutgoingHookRecord, RoomRecord
from chat_server.webhooks.posts import Undelivered
from chat_server.webhooks.sending import (
    GIVE_UP_MS,
    PAGE,
    RETRY_FIRST_MS,
    RETRY_MAX_MS,
    SHARED_LOOK_S,
    WebhookSender,
)
from tests.support.office import Office, open_office


class Receiver:
    """What would be posted, and what is answered to it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failure: Undelivered | None = None

    def __call__(self, hook: OutgoingHookRecord, message: MessageRecord, room: str, now_ms: int) -> None:
        assert (hook.room_id, bool(room), now_ms > 0) == (message.room_id, True, True)
        if self.failure is not None:
            raise self.failure
        self.texts.append(message.body)


class Relay:
    """An office with a room that is sent on."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.receiver = Receiver()
        self.sender = WebhookSender(
            office.storage, office.directory, office.clock, office.parts.measurements, self.receiver
        )
        self.webhooks = OutgoingWebhooks(
            office.storage, office.directory, office.audit, self.sender.changed, office.clock
        )
        self.room: RoomRecord = office.directory.find("Blabla")
        self.author = office.user("jules")

    def add(self, name: str = "archive") -> None:
        self.webhooks.add(self.office.admin, self.room, name, "https://archive.example/in")

    def say(
        self, *texts: str, author_id: int | None = None, kind: str = "text", target: int | None = None
    ) -> None:
        author_id = self.author.id if author_id is None else author_id
        messages = [
            NewMessage(self.room.id, author_id, text, f"{author_id} {text}", kind, target) for text in texts
        ]
        self.office.storage.messages.append(messages, self.office.clock())

    @property
    def hook(self) -> OutgoingHookRecord:
        return self.webhooks.listing()[0]


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    office = open_office(tmp_path / "chat.db")
    yield Relay(office)
    office.storage.close()


def test_said_from_now_on_is_sent_once(relay: Relay) -> None:
    """What was said before the webhook is not sent; what follows is, once and in order."""
    relay.say("before")
    relay.add()
    relay.say("one", "two")
    assert relay.sender.turn() is None
    assert relay.sender.turn() is None
    assert relay.receiver.texts == ["one", "two"]
    assert relay.office.parts.measurements.webhook_sends.read() == {"ok": 2}


def test_one_server_of_a_cluster_sends(relay: Relay) -> None:
    """Another one sends nothing and looks now and then whether it is its turn."""
    relay.add()
    relay.say("one")
    turns = [False, True]
    relay.sender.share(lambda: turns.pop(0))
    assert relay.sender.turn() == SHARED_LOOK_S
    assert relay.receiver.texts == []
    assert relay.sender.turn() == SHARED_LOOK_S
    assert relay.receiver.texts == ["one"]


def test_only_what_people_say_is_sent(relay: Relay) -> None:
    """Bots' messages, edits and reactions go nowhere: two programs that answer each other would never end."""
    relay.add()
    bot = relay.office.storage.users.create_bot("robo", "robo", 0)
    relay.say("a person")
    relay.say("a bot", author_id=bot.id)
    relay.say("👍", kind="react", target=1)
    relay.sender.turn()
    assert relay.receiver.texts == ["a person"]
    assert relay.webhooks.waiting(relay.hook) == 0


def test_receiver_that_is_away(relay: Relay) -> None:
    """A message that is not taken is tried again, later each time, before the next one; nothing is lost."""
    relay.add()
    relay.say("one", "two")
    relay.receiver.failure = Undelivered("connection refused")
    pauses = []
    for _ in range(12):
        wait_s = relay.sender.turn()
        assert wait_s is not None
        assert relay.sender.turn() == wait_s
        pauses.append(int(wait_s * 1000))
        relay.office.clock.pass_by(pauses[-1])
    assert pauses[:3] == [RETRY_FIRST_MS, 2 * RETRY_FIRST_MS, 4 * RETRY_FIRST_MS]
    assert max(pauses) == RETRY_MAX_MS
    assert (relay.hook.tries, relay.hook.trouble) == (12, "connection refused")
    relay.receiver.failure = None
    assert relay.sender.turn() is None
    assert relay.receiver.texts == ["one", "two"]
    assert (relay.hook.tries, relay.hook.trouble) == (0, "")


def test_given_up_after_a_day(relay: Relay, caplog: pytest.LogCaptureFixture) -> None:
    """What could not be sent for a day is given up with a line in the log, and counted; the rest is sent."""
    relay.add()
    relay.say("old")
    relay.office.clock.pass_by(GIVE_UP_MS + 1)
    relay.say("new")
    relay.sender.turn()
    assert relay.receiver.texts == ["new"]
    assert relay.hook.given_up == 1
    assert "1 messages were given up, and not sent to the webhook archive" in caplog.text


def test_message_that_will_never_be_taken(relay: Relay) -> None:
    """A message that the receiver refuses for good keeps no other one waiting."""
    relay.add()
    relay.say("one")
    relay.receiver.failure = Undelivered("it answers 422", is_final=True)
    assert relay.sender.turn() is None
    assert (relay.hook.given_up, relay.hook.trouble) == (1, "it answers 422")


def test_more_than_a_page(relay: Relay) -> None:
    """What does not fit in one turn follows in the next one, at once."""
    relay.add()
    relay.say(*(str(number) for number in range(PAGE + 1)))
    assert relay.sender.turn() == 0
    assert relay.sender.turn() is None
    assert len(relay.receiver.texts) == PAGE + 1


def test_one_receiver_keeps_no_other_waiting(relay: Relay) -> None:
    """Each webhook has its own place: what one has not taken yet, another one has."""
    relay.add("away")
    relay.say("one")
    relay.receiver.failure = Undelivered("away")
    relay.sender.turn()
    relay.receiver.failure = None
    relay.add("here")
    relay.say("two")
    relay.sender.turn()
    assert relay.receiver.texts == ["two"]


def test_thread_is_woken_by_what_is_said(relay: Relay) -> None:
    """The thread sleeps until something is said in a room that has a webhook, and sends it."""
    sent = threading.Event()
    relay.sender._post = lambda *_: sent.set()
    relay.add()
    relay.sender.start()
    try:
        relay.say("one")
        relay.sender.changed()
        assert sent.wait(10)
        sent.clear()
        relay.say("two")
        relay.sender.stored({relay.room.id})
        assert sent.wait(10)
    finally:
        relay.sender.stop()


@pytest.mark.parametrize(
    "url",
    ["", "archive.example", "ftp://a.example/", "https://", "https://u:p@a.example/", "https://a.example/#x",
     "https://a.example/é", "https://a.example/ x", "https://a.example:x/", "https://a.example:0/",
     "file:///etc/passwd", "https://a.example/" + "x" * 2_000],
)  # fmt: skip
def test_no_address(relay: Relay, url: str) -> None:
    """What is no web address is refused."""
    with pytest.raises(ChatError, match="address"):
        relay.webhooks.add(relay.office.admin, relay.room, "archive", url)
    assert relay.webhooks.listing() == []
