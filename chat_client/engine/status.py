"""The user's own status and name: chosen, or `away` after a while without input; others' are in the model."""

from collections.abc import Callable

from chat_client.engine.core import Core
from chat_client.model.changes import PeopleChanged, ProfileChanged, RequestDone
from chat_protocol.own_replies import ProfileReply
from chat_protocol.requests import Profile, Status


class OwnStatus:
    """Tell the server how the user is, and under which name.

    :param away_after_s: returns after how many seconds; 0 for never.
    """

    def __init__(self, core: Core, away_after_s: Callable[[], float]) -> None:
        self._core = core
        self._away_after_s = away_after_s
        self._active_at = core.monotonic()
        self._away_by_itself = False

    def begin(self) -> None:
        """Tell after a sign-in what the server does not know: that the user is not simply online."""
        state = self._core.state
        if state.status != "online" or state.status_text:
            self._core.tell(Status(state.status, state.status_text))

    def user_active(self) -> None:
        """Note any key or pointer input: ends the `away` that comes by itself."""
        self._active_at = self._core.monotonic()
        if self._away_by_itself:
            self._away_by_itself = False
            self._change("online", self._core.state.status_text)

    def set(self, status: str, text: str = "") -> None:
        """Choose online, away or busy, and a text."""
        self._active_at = self._core.monotonic()
        self._away_by_itself = False
        self._change(status, text)

    def set_display_name(self, display_name: str) -> None:
        """Ask for another display name."""
        self._core.ask(Profile(display_name), self._renamed)

    def tick(self) -> None:
        """Become away when it is time."""
        after_s = self._away_after_s()
        idle_s = self._core.monotonic() - self._active_at
        if self._core.online and self._core.state.status == "online" and 0 < after_s <= idle_s:
            self._away_by_itself = True
            self._change("away", self._core.state.status_text)

    def _change(self, status: str, text: str) -> None:
        state = self._core.state
        state.status, state.status_text = status, text
        self._core.emit(ProfileChanged())
        self._core.tell(Status(status, text))

    def _renamed(self, reply: ProfileReply) -> None:
        state, user = self._core.state, reply.user
        state.display_name = user.display_name
        self._core.model.people.person(user.username).display_name = user.display_name
        self._core.emit(ProfileChanged(), PeopleChanged((user.username,)), RequestDone(Profile.TYPE))
