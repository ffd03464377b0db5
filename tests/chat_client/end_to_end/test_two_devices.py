"""Two devices of one account on a real server agree on what their user keeps there."""

import time
from collections.abc import Callable
from pathlib import Path

from chat_client.model.state import NotifyLevel, Phase
from tests.chat_client.live import PASSWORD, LiveClient
from tests.support.server import ServerProcess

AGREE_S = 1.0


def test_settings_and_saved_messages_agree_within_a_second(
    server_process: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    """A level, a favourite, a pause and a saved message that one device chooses hold on the other one."""
    server = server_process()
    desk, phone = LiveClient(tmp_path / "desk", "zoe"), LiveClient(tmp_path / "phone", "zoe")
    desk.sign_up(server).enter("general")
    phone.client.session.sign_in(server.host, server.port, "zoe", PASSWORD)
    phone.until(lambda: phone.state.connection.phase == Phase.FINGERPRINT)
    phone.client.trust.answer(True)
    phone.until_online()
    phone.client.saved.refresh()
    phone.until(lambda: phone.state.saved == [])
    desk.say("keep this")
    desk.until(lambda: desk.here.messages and not desk.here.pending)
    begun = time.monotonic()
    desk.client.rooms.set_notify("general", NotifyLevel.NONE)
    desk.client.rooms.set_favourite("general", True)
    desk.client.own_settings.choose("quiet_hours", "22:00-07:00")
    desk.client.saved.save("general", desk.here.messages[-1].seq or 0)

    def agree() -> bool:
        desk.poll()
        return (
            phone.room("general").notify == NotifyLevel.NONE
            and phone.client.rooms.favourites() == desk.client.rooms.favourites() != frozenset()
            and phone.state.attention.quiet_hours == "22:00-07:00"
            and [message.body for message in phone.state.saved] == ["keep this"]
        )

    phone.until(agree)
    assert time.monotonic() - begun < AGREE_S
    desk.client.close()
    phone.client.close()
