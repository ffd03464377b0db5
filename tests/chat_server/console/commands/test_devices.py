"""The commands about devices, as they are typed."""

import json
from collections.abc import Callable

from chat_server.server import ChatServer
from chat_server.storage.core.records import UserRecord
from tests.chat_server.console.conftest import Typist

MakeUser = Callable[..., UserRecord]


def test_devices_shown(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """Each with its id, its name and from where it was used; a name hides nothing, and no token is shown."""
    jules = user("jules")
    assert "jules is signed in nowhere." in console.type("devices jules")
    token = server.parts.devices.sign_in(jules, "192.0.2.7", "Chat on \u202edesk")
    assert token is not None
    shown = console.type("devices @Jules")
    assert all(text in shown for text in ("Chat on desk", "192.0.2.7"))
    (device,) = json.loads(console.type("devices jules --json"))["devices"]
    assert device.keys() == {"id", "name", "address", "created_at", "last_used_at"}
    assert device["id"] in shown
    assert console.status("devices nobody") == 1


def test_device_ended(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """One by its id, in any case of its letters, or after a question all; the audit has who did it."""
    jules = user("jules")
    for name in ("desk", "laptop", "phone"):
        server.parts.devices.sign_in(jules, "192.0.2.7", name)
    first = server.parts.devices.of_user(jules.id)[0]
    assert "1 device of jules signed out." in console.type(f"end device jules {first.public_id.upper()}")
    assert "jules has no device" in console.type(f"end device jules {first.public_id}")
    console.answers = ["n", "y"]
    assert "Nothing was done." in console.type("end device jules all")
    assert len(server.parts.devices.of_user(jules.id)) == 2
    assert "2 devices of jules signed out." in console.type("end device jules all")
    assert server.parts.devices.of_user(jules.id) == []
    acts = [(entry.action, entry.target, entry.allowed) for entry in server.parts.audit.entries()]
    assert acts.count(("end device", "jules", True)) == 2
    assert ("end device", "jules", False) in acts
