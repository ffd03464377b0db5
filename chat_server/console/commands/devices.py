"""Commands about the devices on which a user is signed in; it must not know what a token is.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Listing, Reply, Said, count
from chat_server.storage.core.records import UserRecord

DEVICES: Final = (
    Column("id", "Device"),
    Column("name", "Name"),
    Column("address", "Address"),
    Column("created_at", "Signed in", "time"),
    Column("last_used_at", "Last used", "time"),
)


class DeviceCommands(Commands):
    """See where a user is signed in, and sign devices out."""

    @command("people")
    def do_devices(self, user: UserRecord) -> Reply:
        """devices <user>

        List where a user is signed in: what the client calls itself, from where, and when it was used last.
        """
        rows = [
            {
                "id": device.public_id,
                "name": device.name,
                "address": device.address,
                "created_at": device.created_at,
                "last_used_at": device.last_used_at,
            }
            for device in self.parts.devices.of_user(user.id)
        ]
        return Listing("devices", DEVICES, rows, f"{user.username} is signed in nowhere.")

    @command("people")
    def do_end_device(self, user: UserRecord, device: str | None) -> Reply:
        """end device <user> <device|all>

        Sign a user out on one device, by its id, or on all. The password still signs in.
        """
        if device is None:
            self.confirm(f"{user.username} would be signed out everywhere")
        ended = self.parts.devices.end(self.actor, user, device)
        said = f"{count(ended, 'device')} of {user.username} signed out."
        return Said(said, {"username": user.username, "ended": ended})
