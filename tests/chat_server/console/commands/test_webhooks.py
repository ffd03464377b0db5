"""The commands about webhooks, as they are typed."""

import dataclasses
import json

from chat_server.server import ChatServer
from tests.chat_server.console.conftest import Typist


def take_webhooks(server: ChatServer, public_name: str = "") -> None:
    server.parts.options = dataclasses.replace(
        server.parts.options, webhooks="127.0.0.1:5080", public_name=public_name
    )


def test_webhooks_off(console: Typist) -> None:
    """A server without a port for webhooks makes none, and says what to do."""
    assert "--webhooks ADDRESS:PORT" in console.type("webhook add Blabla alerts")
    assert "No program speaks here." in console.type("webhooks")


def test_webhook_made_and_ended(console: Typist, server: ChatServer) -> None:
    """A webhook's address is shown when it is made or rotated, and at no other time; all is in the audit."""
    take_webhooks(server)
    (made,) = json.loads(console.type("webhook add Blabla alerts --json"))["links"]
    assert made.startswith("http://127.0.0.1:5080/hook/")
    shown = console.type("webhook rotate alerts")
    assert "alerts speaks in Blabla" in shown
    assert made not in shown
    listed = console.type("webhooks Blabla")
    assert "alerts" in listed
    assert "/hook/" not in listed
    assert "No program speaks here." in console.type("webhooks Général")
    assert "bot" in console.type("users --all alerts")
    assert "The webhook alerts is removed." in console.type("webhook remove alerts")
    assert "alerts has no webhook." in console.type("webhook remove alerts")
    acts = [(entry.action, entry.target, entry.allowed) for entry in server.parts.audit.entries()]
    assert acts == [
        ("webhook add", "alerts", True),
        ("webhook rotate", "alerts", True),
        ("webhook remove", "alerts", True),
        ("webhook remove", "alerts", False),
    ]


def test_webhook_under_the_public_name(console: Typist, server: ChatServer) -> None:
    """Where the server has a public name, a webhook's address has it too."""
    take_webhooks(server, public_name="chat.example.org:5001")
    server.parts.webhooks_port = 6000
    (made,) = json.loads(console.type("webhook add Blabla alerts --json"))["links"]
    assert made.startswith("http://chat.example.org:6000/hook/")


def test_messages_sent_on(console: Typist) -> None:
    """A room's messages are sent to an address until the webhook is removed; its secret is shown once."""
    made = json.loads(console.type("webhook send Blabla archive https://a.example/in?key=s3cret --json"))
    shown = console.type("webhook rotate Archive")
    assert "Secret of the signatures: " in shown
    assert made["secret"] not in shown
    (listed,) = json.loads(console.type("webhooks Blabla --json"))["outgoing"]
    assert (listed["url"], listed["waiting"]) == ("https://a.example/in?key=s3cret", 0)
    assert "There is a webhook archive already." in console.type(
        "webhook send Blabla archive https://b.example"
    )
    assert "removed" in console.type("webhook remove archive")
    assert json.loads(console.type("webhooks --json"))["outgoing"] == []
    details = [entry.detail for entry in console.server.parts.audit.entries()]
    assert "Blabla to a.example" in details
    assert not any("s3cret" in detail for detail in details)


def test_sent_in_the_clear(console: Typist) -> None:
    """Who sends messages over plain HTTP is told what that means."""
    assert "in the clear" in console.type("webhook send Blabla archive http://archive.example/")
