"""Says what became of requests and of the user's memberships; it must not know how a request is sent.

Tk thread only.
"""

from collections.abc import Callable

from chat_client.i18n import _, error_text, has
from chat_client.model import changes as ch
from chat_client.model.state import ClientState
from chat_client.ui.action_targets import Program
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import title_of
from chat_client.ui.room.room_view import RoomView
from chat_client.ui.sheets.keeping_sheet import KeepingSheet
from chat_client.ui.sheets.picture_sheet import PictureSheet
from chat_client.ui.sheets.settings_sheet import PasswordSheet
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.toast import Toast


class Outcomes:
    """Show outcomes as a toast, and in the sheet from which the request came.

    :param state: gives what is shown now.
    :param sheet: gives the sheet that is open, if any.
    :param program: tells a user who is elsewhere, and shows where the user is signed in.
    """

    def __init__(
        self,
        look: Look,
        state: Callable[[], ClientState],
        view: RoomView,
        toast: Toast,
        sheet: Callable[[], Sheet | None],
        program: Program,
    ) -> None:
        self._look = look
        self._state = state
        self._view = view
        self._toast = toast
        self._sheet = sheet
        self._program = program

    def failed(self, change: ch.RequestFailed) -> None:
        """Say why a request was refused."""
        words = error_text(change.code)
        sheet = self._sheet()
        if change.request == "password" and isinstance(sheet, PasswordSheet) and not sheet.closed:
            sheet.refused(words)
        elif isinstance(sheet, KeepingSheet) and not sheet.closed and sheet.refused(change):
            pass
        else:
            self._toast.say(words, danger=True)
        if change.room == self._state().open_room:
            self._view.membership_changed()

    def decided(self, change: ch.MembershipDecided) -> None:
        """Say what others have decided about the user and a room."""
        state = self._state()
        if change.was == change.membership == "joined":
            return
        room = state.rooms.get(change.room)  # of a private room nothing is left after a removal
        name = self._look.plain_line(title_of(state, room) if room is not None else change.title)
        if change.membership == "joined":
            words = _("decision.accepted", room=name)
        elif change.was == "joined":
            words = _("decision.removed", room=name)
        elif change.reason:
            words = _("decision.refused_because", room=name, reason=self._look.plain_line(change.reason))
        else:
            words = _("decision.refused", room=name)
        if not self._view.tells_loss:
            self._toast.say(words, danger=change.membership != "joined")
        self._program.attract(words)

    def signed_in_elsewhere(self, change: ch.DeviceSignedIn) -> None:
        """Say that somebody has signed in to the account, and lead to the list of its devices."""
        look = self._look
        device, address = look.plain_line(change.device), look.plain_line(change.address)
        words = _("devices.signed_in", device=device or _("devices.unnamed"), address=address)
        self._toast.say(f"{words} {_('devices.look')}", danger=True, on_click=self._program.show_devices)
        self._program.attract(words)

    def saved(self, change: ch.FileSaved) -> None:
        """Say where a file was saved."""
        sheet = self._sheet()
        words = _("file.saved", path=self._look.plain_line(change.path))
        if isinstance(sheet, PictureSheet) and not sheet.closed:
            sheet.tell(words)
        else:
            self._toast.say(words)

    def done(self, change: ch.RequestDone) -> None:
        """Say that a request was carried out, where nothing else shows it."""
        if change.request == "password":
            sheet = self._sheet()
            if isinstance(sheet, PasswordSheet):
                sheet.close()
            self._toast.say(_("password.changed"))
        elif change.request.startswith("moderation"):
            self._toast.say(_("moderation.done"))
        elif has(f"done.{change.request}"):
            self._toast.say(_(f"done.{change.request}"))
