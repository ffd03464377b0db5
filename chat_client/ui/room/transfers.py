"""The files under way that the open room shows: which, and how far each has come. Tk thread only."""

from chat_client.engine.client import Client
from chat_client.model.state import MessageState
from chat_client.model.transfer_state import TransferState
from chat_client.store.attachments import WAITING
from chat_client.ui.room.timeline.view import TimelineView
from chat_protocol.objects import File


class RoomTransfers:
    """Keeps the bars between the lines of a timeline as the transfers are."""

    def __init__(self, client: Client, timeline: TimelineView) -> None:
        self._client, self._timeline = client, timeline
        timeline.paper.on_transfer = self.press

    def of(self, file: File) -> TransferState | None:
        """Return the transfer of a file that the user knows of; None where there is none."""
        state = self._client.state.transfers.get(file.id.removeprefix(WAITING))
        return state if state is not None and state.asked else None

    def of_message(self, message: MessageState) -> list[TransferState]:
        """Return those of a message's files."""
        return [state for file in message.files if (state := self.of(file)) is not None]

    def changed(self, key: str) -> None:
        """Draw how far a transfer is; its file's lines anew only where it begins or ends."""
        paper = self._timeline.paper
        state = self._client.state.transfers.get(key)
        bars = paper.transfer_bars(key)
        if state is not None and state.asked and bars:
            for bar in bars:
                bar.show(state)
        elif bars or (state is not None and state.asked):
            self._timeline.rewrite(lambda entry: _brings(entry.message, key))

    def press(self, key: str, what: str) -> None:
        """Pause, go on or cancel."""
        files = self._client.files
        {"pause": files.pause, "go_on": files.go_on, "cancel": files.cancel}[what](key)


def _brings(message: MessageState | None, key: str) -> bool:
    return message is not None and any(file.id.removeprefix(WAITING) == key for file in message.files)
