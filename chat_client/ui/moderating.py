"""Opens the sheets about people and moderation: which there are for whom; Tk thread only."""

from collections.abc import Callable

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.keys import user_key
from chat_client.ui.action_targets import PersonCommands
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_of
from chat_client.ui.sheets.moderation_sheet import OF_ADMINISTRATORS, OF_MODERATORS, ModerationSheet
from chat_client.ui.sheets.person_sheet import PersonSheet
from chat_client.ui.sheets.sanction_sheet import SanctionSheet
from chat_client.ui.sheets.sheet import Sheet
from chat_protocol.objects import Member


class Moderating:
    """Show the moderators' window, everybody, a person, and the question how long and why.

    :param commands: what is done with a person.
    :param open_sheet: shows the sheet that is made, unless there is one.
    """

    def __init__(
        self,
        look: Look,
        client: Client,
        commands: PersonCommands,
        open_sheet: Callable[[Callable[[], Sheet]], object],
    ) -> None:
        self._look, self._client, self._commands = look, client, commands
        self._open_sheet = open_sheet

    def show(self) -> None:
        """Show the moderators' window."""
        tabs = OF_ADMINISTRATORS if self._client.state.role == "admin" else OF_MODERATORS
        self._show(_("moderation.title"), tabs)

    def show_everybody(self) -> None:
        """Show everybody who has an account."""
        self._show(_("directory.title"), ("people",))

    def _show(self, title: str, tabs: tuple[str, ...]) -> None:
        self._open_sheet(lambda: ModerationSheet(self._look, self._client, title, tabs, self.show_person))

    def show_person(self, username: str) -> None:
        """Show who somebody is."""
        member = self._member(username)
        self._open_sheet(lambda: PersonSheet(self._look, self._client, member, self._commands))

    def ask_sanction(self, kind: str, username: str, room: str | None) -> None:
        """Ask for how long and why somebody is muted, kicked or banned."""
        self._open_sheet(lambda: SanctionSheet(self._look, self._client, kind, username, room))

    def _member(self, username: str) -> Member:
        """Return what is known of somebody: from the list of everybody, or else as a person."""
        for member in self._client.state.lists.directory.items or ():
            if user_key(member.username) == user_key(username):
                return member
        person = person_of(self._client.state, username)
        return Member(person.username, person.display_name, person.status, person.text, bot=person.bot)
