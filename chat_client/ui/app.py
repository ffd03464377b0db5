"""The program with a window: makes it, polls the client, and chooses between sign-in and rooms.

Tk may be called from its own thread only. The network has its own thread and a queue; it wakes this one
(:mod:`chat_client.ui.waking`), which takes what has arrived, at most so much that the window goes on
answering, and comes back at once while more waits. Where Tk cannot be woken it looks every 50 ms.
"""

import logging
import time
from collections.abc import Callable
from types import TracebackType

from chat_client import i18n
from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.state import Phase, Status
from chat_client.store.autostart import Autostart, start_command
from chat_client.ui.attention import AttentionKeeper
from chat_client.ui.garbage import collect_due, collected_here
from chat_client.ui.interpreter import make_root
from chat_client.ui.keyboard import Keyboard
from chat_client.ui.look import display
from chat_client.ui.look.look import Look
from chat_client.ui.look.placement import Placement, is_maximised
from chat_client.ui.main_window import MainWindow
from chat_client.ui.notify import APPLICATION, Notifier
from chat_client.ui.outside import Outside
from chat_client.ui.pace import Pace
from chat_client.ui.panes.status_bar import StatusBar, report
from chat_client.ui.sheets.devices_sheet import DevicesSheet
from chat_client.ui.sheets.fingerprint import FingerprintSheet
from chat_client.ui.sheets.questions import ask
from chat_client.ui.sheets.settings_sheet import SettingsSheet
from chat_client.ui.sheets.sign_in import SignInView
from chat_client.ui.waking import Waker
from chat_client.ui.widgets.editing import use_desktop_keys
from chat_protocol.invitations import Invitation

#: How often the window looks where it cannot be woken, and while it waits to connect again.
POLL_MS = 50
#: How often it looks for what is due at a time, where it is woken for all that arrives.
IDLE_POLL_MS = 500
#: Events taken in one go; between two goes the window answers keys and pointer.
EVENTS_MAX = 100
FIRST_SIZE = (1120, 740)
SMALLEST_SIZE = (720, 480)

_log = logging.getLogger("chat.client")


class App:
    """The program.

    :param client: what it shows and calls.
    :param notifier: shows desktop notifications.
    :param system_is_dark: asks the desktop.
    :param language: stands above the settings, for this run.
    :param invitation: where to go, in place of the last account's server.
    """

    def __init__(
        self,
        client: Client,
        notifier: Notifier | None = None,
        system_is_dark: Callable[[], bool] = display.system_is_dark,
        language: str = "",
        invitation: Invitation | None = None,
    ) -> None:
        self.client = client
        self._language = language
        self._invitation = invitation
        self._notifier = notifier or Notifier()
        self._system_is_dark = system_is_dark()
        self.root = make_root(APPLICATION)
        self.root.withdraw()
        display.apply_density(self.root)
        self.root.report_callback_exception = _report
        self.attention = AttentionKeeper(self.root, client, self._notifier)
        self.attention.on_front = self._came_to_front
        self.root.createcommand("bgerror", self._report_in_background)
        self.look: Look = None  # type: ignore[assignment]  # made by _build, at once
        self.poll_timer = ""
        self._pace = Pace()
        self._waker = Waker(self.root, self._woken)
        client.wake_with(self._waker.wake)
        self._notifier.on_click = self._waker.wake
        self._fingerprint: FingerprintSheet | None = None
        self.settings_sheet: SettingsSheet | None = None
        self.devices_sheet: DevicesSheet | None = None
        self.main: MainWindow | None = None
        self.sign_in: SignInView | None = None
        self._adding = False
        self._outside = Outside(self.root)
        use_desktop_keys(self.root)
        self._placement = Placement(self.root)
        self._build()
        self._place_window()
        self.root.protocol("WM_DELETE_WINDOW", self.close)
        for sequence in ("<Key>", "<Button>", "<Motion>"):
            self.root.bind_all(sequence, lambda _event: self.client.status.user_active(), add="+")
        self._keyboard = Keyboard(self.root, self, lambda: self.main, lambda: self.main or self.sign_in)
        self.root.deiconify()
        self._resume_last()
        self.poll_timer = self.root.after(POLL_MS, self.tick)

    @property
    def in_front(self) -> bool:
        """Whether the user is looking at the window."""
        return self.attention.in_front

    def attract(self, words: str) -> None:
        """Tell a user who is elsewhere that something has happened."""
        self.attention.tell(words)

    def run(self, *, hidden: bool = False) -> None:
        """Show the window until it is closed; `hidden` minimised, unless somebody has to sign in."""
        if hidden and self.client.state.connection.phase != Phase.SIGNED_OUT:
            self.root.iconify()
        with collected_here():
            self.root.mainloop()

    # Building

    def _build(self) -> None:
        """Make all widgets, in the present language, theme and text size."""
        settings = self.client.settings
        i18n.use(self._language or str(settings.get("language")))
        palette = str(settings.get("theme")) or ("dark" if self._system_is_dark else "light")
        text_percent = int(settings.get("text_percent"))
        if self.look is None or (self.look.palette.name, self.look.theme.text_percent) != (
            palette,
            text_percent,
        ):
            self.look = Look(self.root, palette, text_percent)
        for child in self.root.winfo_children():
            child.destroy()
        self.look.pictures.take_people_from(self.client.avatars)
        self.root.minsize(self.look.px(SMALLEST_SIZE[0]), self.look.px(SMALLEST_SIZE[1]))
        self._outside.dress(self.look)
        self.status = StatusBar(self.root, self.look, self.client.session.reconnect_now)
        self.main, self.sign_in = None, None
        self.choose_view()

    def rebuild(self) -> None:
        """Make all widgets anew after another language, theme or text size was chosen."""
        if self.main is not None:
            self.main.view.keep_draft()
        self._build()
        self.root.focus_set()

    def restart(self) -> None:
        """Show what a program that has just been started would show."""
        self.settings_sheet = self.devices_sheet = self._fingerprint = None
        self._adding = False
        self._build()
        self._resume_last()

    def choose_view(self) -> None:
        """Show the rooms to somebody who is signed in, and the sign-in to everybody else."""
        signed_in = bool(self.client.state.username) and not self._adding
        if signed_in and self.main is None:
            self._drop_views()
            self.main = MainWindow(self.root, self.look, self.client, self)
            self.status.pack(side="bottom", fill="x")
            self.main.pack(fill="both", expand=True)
        elif not signed_in and self.sign_in is None:
            self._drop_views()
            self.status.pack_forget()
            self.sign_in = SignInView(
                self.root,
                self.look,
                self.client,
                on_settings=self.show_settings,
                on_back=(lambda: self.add_account(False)) if self._adding else None,
            )
            self.sign_in.on_try = self._try_account
            self.sign_in.pack(fill="both", expand=True)

    def add_account(self, adding: bool = True) -> None:
        """Show the way in for another account, or go back from it to the present one."""
        if self.main is not None:
            self.main.view.keep_draft()
        self._adding = adding
        self.choose_view()

    def _try_account(self) -> None:
        self._adding = False

    def _drop_views(self) -> None:
        for view in (self.main, self.sign_in):
            if view is not None:
                view.destroy()
        self.main, self.sign_in = None, None

    def _place_window(self) -> None:
        root, look = self.root, self.look
        width = min(look.px(FIRST_SIZE[0]), root.winfo_screenwidth() - 40)
        height = min(look.px(FIRST_SIZE[1]), root.winfo_screenheight() - 80)
        settings = self.client.settings
        self._placement.restore(
            str(settings.get("geometry")), f"{width}x{height}", bool(settings.get("maximised"))
        )

    def _resume_last(self) -> None:
        """Sign in as at the last time, or, where an invitation names a server, as the last time there."""
        client, invitation = self.client, self._invitation
        if client.state.username:
            return
        if invitation is None:
            account = client.accounts.get(str(client.settings.get("last_account")))
        else:
            place = (invitation.host.lower(), invitation.port)
            there = [known for known in client.accounts.all() if (known.host.lower(), known.port) == place]
            account = next((known for known in there if known.token), None)
        if account is not None and account.token:
            client.session.resume(account.id)
        elif invitation is not None and self.sign_in is not None:
            self.sign_in.take_invitation(invitation.link())

    # Polling

    def tick(self) -> None:
        """Take what has arrived and draw it."""
        self.root.after_cancel(self.poll_timer)
        self._pace.begin()
        changes = self.client.poll(EVENTS_MAX)
        for change in _merged(changes):
            try:
                self._apply(change)
            except Exception:
                _log.exception("a change could not be shown: %r", type(change).__name__)
        for room in self._notifier.take_clicked():
            self._open_clicked(room)
        self.show_connection()
        if self.main is not None:
            self.main.follow_time()
        collect_due()
        self.root.after_idle(self._drawn)
        self.poll_timer = self.root.after(1 if self.client.more_waits else self._patience_ms(), self.tick)

    def _open_clicked(self, room: str) -> None:
        """Bring the window to the front with the room whose notification was clicked."""
        if self.main is None or room not in self.client.state.rooms:
            return
        self._outside.come_to_front()
        self.main.open_room(room)

    def _patience_ms(self) -> int:
        waiting = self.client.state.connection.phase == Phase.WAITING
        return IDLE_POLL_MS if self._waker.works and not waiting else POLL_MS

    def _woken(self) -> None:
        """Look at once; right after a look that took long a moment later, with all that comes meanwhile."""
        wait_ms = self._pace.ask()
        if wait_ms == 0:
            self.tick()
        elif wait_ms is not None and self.poll_timer:
            self.root.after_cancel(self.poll_timer)
            self.poll_timer = self.root.after(wait_ms, self.tick)

    def _drawn(self) -> None:
        if self._pace.end():
            self._woken()

    def _apply(self, change: ch.Change) -> None:
        if isinstance(change, ch.SignedIn | ch.SignedOut | ch.ConnectionChanged):
            self._connection_changed(change)
        elif isinstance(change, ch.Attention):
            self.attention.attend(change)
        elif isinstance(change, ch.DevicesChanged | ch.DevicesEnded) and self.devices_sheet is not None:
            self.devices_sheet.changed(change)
        if self.main is not None:
            self.main.apply(change)

    def _connection_changed(self, change: ch.SignedIn | ch.SignedOut | ch.ConnectionChanged) -> None:
        self.choose_view()
        connection = self.client.state.connection
        if self.sign_in is not None:
            if isinstance(change, ch.SignedOut) and change.code:
                self.sign_in.ask_again(change.code)
            else:
                self.sign_in.show(connection)
        asking = self._fingerprint is not None and not self._fingerprint.closed
        if connection.phase == Phase.FINGERPRINT and not asking:
            self._fingerprint = FingerprintSheet(self.look, connection, self.client.trust.answer)
            self._fingerprint.show(self._fingerprint.refuse)

    def show_connection(self) -> None:
        """Draw the status line and the title."""
        state = self.client.state
        self._outside.show(self.client, self.look, self.main.room if self.main is not None else None)
        if self.main is None:
            return
        waiting = sum(m.status == Status.PENDING for room in state.rooms.values() for m in room.pending)
        connection = state.connection
        now_ms = connection.server_now_ms(round(time.time() * 1000))
        self.status.show(report(connection, now_ms, waiting), connection.detail)

    def _came_to_front(self) -> None:
        if self.main is not None:
            self.main.view.focus_came()

    # Errors

    def _report_in_background(self, words: str) -> None:
        """Log an error of a timer, for which Tk would show a dialog; one of a widget that is gone is none."""
        if "invalid command name" in words:
            _log.debug("a timer came too late: %s", words)
        else:
            _log.error("an error in the background: %s", self.root.getvar("errorInfo"))

    # Sheets and the end

    def show_settings(self) -> str:
        """Open the settings."""
        if self.settings_sheet is None or self.settings_sheet.closed:
            self.settings_sheet = sheet = self._settings()
            sheet.show(sheet.done)
        return "break"

    def _settings(self) -> SettingsSheet:
        start = Autostart(start_command(self.client.home))
        return SettingsSheet(self.look, self.client, self._show_choice, self.show_devices, start)

    def show_devices(self) -> None:
        """Show where the user is signed in."""
        if self.devices_sheet is None or self.devices_sheet.closed:
            self.devices_sheet = DevicesSheet(self.look, self.client)

    def _show_choice(self, name: str) -> None:
        """Show the window as it was chosen, and the settings over it again, where the choice was made."""
        self.rebuild()
        self.settings_sheet = sheet = self._settings()
        sheet.show(sheet.present(name))

    def remember_geometry(self) -> None:
        """Keep the window's place and size for the next start, and whether it was maximised."""
        maximised = is_maximised(self.root)
        self.client.settings.set("maximised", maximised)
        self.client.settings.set("geometry", self._placement.normal if maximised else self.root.geometry())

    def close(self) -> None:
        """End the program, after a question where the disk has not kept what would be lost."""
        connection = self.client.state.connection
        if connection.keeping_ok or not self._would_lose():
            self.end()
            return
        words = _("close.not_kept_words")
        ask(self.look, _("close.not_kept"), words, _("close.anyway"), self.end, danger=True)

    def _would_lose(self) -> bool:
        """Say whether there is a message or a draft that only this program holds."""
        rooms = self.client.state.rooms.values()
        return any(room.pending or room.draft.strip() for room in rooms)

    def end(self) -> None:
        """End the program: what was typed is kept, what was not sent goes out at the next start."""
        if self.poll_timer:
            self.root.after_cancel(self.poll_timer)
            self.poll_timer = ""
        if self.main is not None:
            self.main.view.keep_draft()
        self.remember_geometry()
        self.client.close()
        self._waker.close()
        self._notifier.close()
        self._outside.close()
        self.root.destroy()


def _merged(changes: list[ch.Change]) -> list[ch.Change]:
    """Draw once what several changes concern: the state is final when they are drawn."""
    merged: list[ch.Change] = []
    seen: set[object] = set()
    for change in changes:
        if isinstance(change, ch.Attention | ch.NoticeArrived | ch.RequestFailed):
            merged.append(change)
            continue
        key = (ch.MessagesAppended, change.room) if isinstance(change, ch.MessagesAppended) else change
        if key not in seen:
            seen.add(key)
            merged.append(change)
    return merged


def _report(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    _log.error("an error in the window", exc_info=(kind, error, traceback))
