"""Where the account is signed in: the list, and its ends."""

import pytest

from chat_client.engine.devices import device_name
from chat_client.model.changes import DevicesChanged, DevicesEnded, RequestFailed
from chat_protocol.objects import Device
from tests.chat_client.fakes import Bench

DESK = Device("0123456789ab", 1_700_000_000_000, 1_700_000_060_000, True, "desk (Linux)", "192.0.2.1")
PHONE = Device("ba9876543210", 1_700_000_000_000, 1_700_000_000_000)


def _listed(bench: Bench) -> None:
    bench.sign_in()
    bench.client.devices.refresh()
    bench.server.ok(bench.server.take("devices"), devices=[DESK.to_frame(), PHONE.to_frame()])
    assert DevicesChanged() in bench.poll()
    assert bench.state.devices == [DESK, PHONE]


def test_devices_are_listed_and_one_is_ended(bench: Bench) -> None:
    """A device that was signed out is no longer in the list, and how many there were is told."""
    _listed(bench)
    bench.client.devices.end(PHONE.id)
    request = bench.server.take("end_device")
    assert (request["id"], request.get("others")) == (PHONE.id, None)
    bench.server.ok(request, ended=1)
    assert bench.poll() == [DevicesChanged(), DevicesEnded(1, PHONE.id)]
    assert bench.state.devices == [DESK]


def test_all_other_devices_are_ended(bench: Bench) -> None:
    """This one stays in the list."""
    _listed(bench)
    bench.client.devices.end_others()
    request = bench.server.take("end_device")
    assert (request.get("id"), request["others"]) == (None, True)
    bench.server.ok(request, ended=1)
    assert DevicesEnded(1) in bench.poll()
    assert bench.state.devices == [DESK]


def test_end_refused_changes_nothing(bench: Bench) -> None:
    """What the server does not do is told, and the list stays."""
    _listed(bench)
    bench.client.devices.end(DESK.id)
    bench.server.error(bench.server.take("end_device"), "bad_request")
    assert any(isinstance(change, RequestFailed) for change in bench.poll())
    assert bench.state.devices == [DESK, PHONE]


@pytest.mark.parametrize("host", ["desk-7.example.org", "x" * 200])
def test_client_has_a_name(monkeypatch: pytest.MonkeyPatch, bench: Bench, host: str) -> None:
    """It says the computer's name and its system, in as many characters as the server takes."""
    monkeypatch.setattr("chat_client.engine.devices.socket.gethostname", lambda: host)
    monkeypatch.setattr("chat_client.engine.devices.sys.platform", "linux")
    assert device_name().startswith(host.partition(".")[0][:40])
    assert device_name().endswith(" (Linux)")
    assert len(device_name()) <= 64
    bench.restart()
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    bench.poll()
    assert bench.server.take("login")["device"] == device_name()
