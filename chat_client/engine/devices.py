"""Where the account is signed in: asks the server, and has devices signed out; it shows nothing."""

import socket
import sys
from typing import Final

from chat_client.engine.core import Core
from chat_client.model.changes import DevicesChanged, DevicesEnded
from chat_protocol.limits import DEVICE_NAME_MAX_CHARS
from chat_protocol.own_replies import DeviceList
from chat_protocol.own_replies import DevicesEnded as Ended
from chat_protocol.requests import Devices, EndDevice

CAPABILITY: Final = "devices"
_SYSTEMS: Final = {"win32": "Windows", "darwin": "macOS", "linux": "Linux"}


class OwnDevices:
    """Keep the list of the user's devices in `state.devices`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def known(self) -> bool:
        """Whether the server knows of devices."""
        return CAPABILITY in self._core.state.connection.capabilities

    def refresh(self) -> None:
        """Ask for the list."""
        self._core.ask(Devices(), self._listed)

    def end(self, device: str) -> None:
        """Sign out one other device, by its id."""

        def ended(reply: Ended) -> None:
            state = self._core.state
            state.devices = [each for each in state.devices if each.id != device]
            self._core.emit(DevicesChanged(), DevicesEnded(reply.ended, device))

        self._core.ask(EndDevice(device), ended)

    def end_others(self) -> None:
        """Sign out all devices but this one."""

        def ended(reply: Ended) -> None:
            state = self._core.state
            state.devices = [each for each in state.devices if each.current]
            self._core.emit(DevicesChanged(), DevicesEnded(reply.ended))

        self._core.ask(EndDevice(others=True), ended)

    def _listed(self, reply: DeviceList) -> None:
        self._core.state.devices = list(reply.devices)
        self._core.emit(DevicesChanged())


def device_name() -> str:
    """Return what this client calls itself: the computer's name, and its system."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    name = socket.gethostname().partition(".")[0]
    return f"{name[: DEVICE_NAME_MAX_CHARS - len(system) - 3]} ({system})"
