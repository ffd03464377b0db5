"""The first window: an account that is remembered, a sign-in, or a new account; Tk thread only."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _, error_text
from chat_client.model.keys import user_key
from chat_client.model.state import ConnectionState, Phase
from chat_client.ui.look.look import Look
from chat_client.ui.panes.status_bar import report
from chat_client.ui.sheets.fingerprint import ChangedFingerprintSheet
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.clipboard import ClipboardError, clipboard_text
from chat_client.ui.widgets.row_list import Row, RowList
from chat_client.ui.widgets.scroller import Scroller
from chat_client.ui.widgets.widgets import Field, button, close_menu
from chat_client.ui.widgets.words import Words
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Invitation, parse_invitation
from chat_protocol.limits import DEFAULT_PORT, DISPLAY_NAME_MAX_CHARS, PASSWORD_MIN_CHARS

WIDTH = 368
ACCOUNTS_SHOWN = 3


class SignInView(ttk.Frame):
    """The widget. ``on_settings`` opens language and theme, ``on_back`` leads back to a present account."""

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        client: Client,
        *,
        on_settings: Callable[[], object],
        on_back: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(parent, style="Paper.TFrame")
        self._look = look
        self._client = client
        self.mode = tk.StringVar(self, "in")
        self._invitation: Invitation | None = None  # the last one pasted, with its code: never on disk
        self._build_brand()
        self._scroller = Scroller(self, look, look.px(WIDTH))
        self._scroller.pack(fill="both", expand=True)
        self._card = self._scroller.inside
        self._build_accounts()
        self._build_form()
        self._build_end()
        corner = button(self, _("settings.title"), on_settings, kind="Quiet")
        corner.configure(image=look.pictures.icon("settings", "muted", 16), compound="left")
        corner.place(relx=1.0, x=-look.px(16), y=look.px(14), anchor="ne")
        #: Called when the user asks to connect; until then a present account stays signed in.
        self.on_try: Callable[[], object] = lambda: None
        self.back = button(self, _("action.back"), on_back or self.destroy, kind="Quiet")
        self.back.configure(image=look.pictures.icon("back", "muted", 16), compound="left")
        if on_back is not None:
            self.back.place(x=look.px(16), y=look.px(14), anchor="nw")
        self._fill_in()
        self._switch_mode()
        self._scroller.watch()
        close_menu(self)

    # Building

    def _build_brand(self) -> None:
        self._rail = tk.Frame(self, background=self._look.palette.accent, height=self._look.px(4))
        self._rail.pack(fill="x")

    def _build_accounts(self) -> None:
        look = self._look
        self.title = ttk.Label(self._card, style="Paper.Display.TLabel")
        self.title.pack(anchor="w")
        self._subtitle = ttk.Label(self._card, style="Paper.Muted.TLabel", wraplength=look.px(WIDTH))
        self._subtitle.pack(anchor="w", pady=(look.px(4), look.px(20)))
        remembered = [account for account in self._client.accounts.all() if account.token][:ACCOUNTS_SHOWN]
        self._accounts_box = ttk.Frame(self._card, style="Paper.TFrame")
        self.accounts = RowList(self._accounts_box, look, surface="paper")
        if not remembered:
            return
        self.accounts.set_rows(
            [
                Row(
                    key=account.id,
                    title=look.line(account.display_name or account.username),
                    detail=look.line(f"{account.server or account.host}  ·  {account.host}:{account.port}"),
                    avatar=(account.display_name, account.username),
                )
                for account in remembered
            ]
        )
        self.accounts.canvas.configure(height=self.accounts.content_height)
        self.accounts.on_choose = self._resume
        self.accounts.pack(fill="x", pady=(0, look.px(8)))
        tk.Frame(self._accounts_box, height=1, background=look.palette.line).pack(
            fill="x", pady=(0, look.px(16))
        )

    def _build_form(self) -> None:
        look = self._look
        modes = ttk.Frame(self._card, style="Paper.TFrame")
        modes.pack(fill="x", pady=(0, look.px(16)))
        for value, text in (("in", _("signin.sign_in")), ("up", _("signin.sign_up"))):
            choice = ttk.Radiobutton(
                modes,
                text=text,
                value=value,
                variable=self.mode,
                command=self._switch_mode,
                style="Paper.Choice.TRadiobutton",
            )
            gap = look.px(4)
            left, right = (0, gap) if value == "in" else (gap, 0)
            choice.grid(row=0, column=int(value == "up"), sticky="ew", padx=(left, right))
        modes.columnconfigure((0, 1), weight=1, uniform="modes")
        where = ttk.Frame(self._card, style="Paper.TFrame")
        where.pack(fill="x")
        self.host = Field(where, look, _("signin.server"))
        self.port = Field(where, look, _("signin.port"), width=6)
        self.port.pack(side="right", padx=(look.px(8), 0), anchor="n")
        self.host.pack(side="left", fill="x", expand=True, anchor="n")
        self.name = self._field(_("signin.name"))
        self.display_name = self._field(_("signin.display_name"))
        self.password = self._field(_("signin.password"), secret=True)
        self.repeat = self._field(_("signin.repeat"), secret=True)
        self.stay = tk.BooleanVar(self, bool(self._client.settings.get("stay_signed_in")))
        self.stay_switch = ttk.Checkbutton(
            self._card, text=_("signin.stay"), variable=self.stay, style="Paper.TCheckbutton"
        )
        self.stay_switch.pack(anchor="w", pady=(0, look.px(6)))
        self.host.value.trace_add("write", lambda *_args: self._look_for_invitation())
        for field in self._fields:
            field.entry.bind("<Return>", lambda _event: self.submit())
            field.recheck = partial(self._wrong_with, field)

    @property
    def _fields(self) -> tuple[Field, ...]:
        return self.host, self.port, self.name, self.display_name, self.password, self.repeat

    def _field(self, label: str, secret: bool = False) -> Field:
        field = Field(self._card, self._look, label, secret=secret)
        field.pack(fill="x")
        return field

    def _build_end(self) -> None:
        look = self._look
        self._message = tk.Frame(self._card, padx=look.px(12), pady=look.px(8), borderwidth=0)
        self._words = Words(self._message, look, "Paper.Small", wrap=look.px(WIDTH - 24))
        self._words.pack(anchor="w")
        self._forget = button(self._card, _("signin.forget_fingerprint"), self._forget_pin, kind="Link")
        self.button = button(self._card, "", self.submit, kind="Accent")
        self.button.pack(fill="x", pady=(look.px(6), 0))
        # What is said stands below the button, which stays where it is under the pointer.
        self._end = ttk.Frame(self._card, style="Paper.TFrame")
        self._end.pack(fill="x")
        self.paste = button(self._end, _("signin.paste_invitation"), self._paste_invitation, kind="Link")
        self.paste.pack(pady=(look.px(12), 0))

    def _fill_in(self) -> None:
        settings = self._client.settings
        self.host.set(str(settings.get("last_host")))
        self.port.set(str(settings.get("last_port") or DEFAULT_PORT))
        known = self._client.accounts.get(str(settings.get("last_account")))
        if known is not None:
            self.name.set(known.username)
        Timer(self, self.take_focus).soon()

    def take_focus(self) -> None:
        """Take the keyboard to where something is missing: an invitation may have filled in the server."""
        first = next((f for f in (self.host, self.name, self.password) if not f.get()), self.password)
        first.entry.focus_set()

    # What the user does

    def _switch_mode(self) -> None:
        new = self.mode.get() == "up"
        self._show_accounts(not new)
        for field in self._fields:
            field.complain("")  # it was about the other way in
        self._message.pack_forget()
        self._forget.pack_forget()
        for field, before in ((self.display_name, self.name), (self.repeat, self.password)):
            if new:
                field.pack(fill="x", after=before)
            else:
                field.pack_forget()
        known = _("signin.title_in") if self._client.accounts.all() else _("signin.title_first")
        self.title.configure(text=_("signin.title_up") if new else known)
        self._subtitle.configure(text=_("signin.words_up") if new else _("signin.words_in"))
        self.button.configure(text=_("signin.button_up") if new else _("signin.button_in"))

    def _show_accounts(self, shown: bool) -> None:
        if not self.accounts.rows:
            return
        if shown:
            self._accounts_box.pack(fill="x", after=self._subtitle)
        else:
            self._accounts_box.pack_forget()

    def _look_for_invitation(self) -> None:
        """Take a pasted invitation apart: it names the server, its port and its fingerprint."""
        text = self.host.get()
        if "://" in text:
            self.take_invitation(text)

    def _paste_invitation(self) -> None:
        text = None
        with contextlib.suppress(ClipboardError):
            text = clipboard_text(self)
        if text is None:
            self._say(_("signin.no_invitation"), "warning")
        else:
            self.take_invitation(text)

    def take_invitation(self, text: str) -> None:
        """Fill in what an invitation says."""
        try:
            invitation = parse_invitation(text)
        except ValueError:
            self._say(_("signin.no_invitation"), "warning")
            return
        Timer(self, partial(self._accept_invitation, invitation)).soon()

    def _accept_invitation(self, invitation: Invitation) -> None:
        """Pin what an invitation says of the server; where something else is known of it, ask first."""
        self.host.set(invitation.host)
        self.port.set(str(invitation.port))
        try:
            self._client.trust.accept_invitation(invitation)
        except ChatError:
            known = self._client.known_servers.fingerprint(invitation.host, invitation.port)
            sheet = ChangedFingerprintSheet(
                self._look,
                invitation.host,
                known,
                invitation.fingerprint,
                lambda: self._replace_pin(invitation),
            )
            sheet.show(sheet.keep)
            return
        self._fill_invitation(invitation)

    def _replace_pin(self, invitation: Invitation) -> None:
        self._client.trust.forget(invitation.host, invitation.port)
        self._accept_invitation(invitation)

    def _fill_invitation(self, invitation: Invitation) -> None:
        self._invitation = invitation
        known = any(account.host == invitation.host for account in self._client.accounts.all())
        self.mode.set("in" if known and not invitation.code else "up")
        self._switch_mode()
        words = "signin.invited_once" if invitation.code else "signin.invited"
        self._say(_(words, server=self._look.line(invitation.server or invitation.host)), "calm")
        if invitation.username:
            self.name.set(invitation.username)
        (self.password if invitation.username else self.name).entry.focus_set()

    def _invited(self) -> Invitation | None:
        """Return the one-time invitation to the server in the fields, for a new account."""
        invitation = self._invitation
        if invitation is None or not invitation.code or self.mode.get() != "up":
            return None
        here = (self.host.get().strip(), self.port.get().strip())
        return invitation if here == (invitation.host, str(invitation.port)) else None

    def submit(self) -> str:
        """Check the fields, then connect."""
        if self._complaints():
            return "break"
        self.on_try()
        session, stay = self._client.session, bool(self.stay.get())
        self._client.settings.set("stay_signed_in", stay)
        place = self.host.get().strip(), int(self.port.get())
        name, password = self.name.get(), self.password.get()
        if self.mode.get() == "up":
            invited = self._invited()
            code = invited.code if invited else ""
            session.sign_up(*place, name, password, self.display_name.get(), stay=stay, code=code)
        else:
            session.sign_in(*place, name, password, stay=stay)
        self.show(self._client.state.connection)
        return "break"

    def _resume(self, account: str) -> None:
        self.on_try()
        self._client.session.resume(account)

    def _complaints(self) -> bool:
        wrong = []
        for field in self._fields:
            words = self._wrong_with(field)
            field.complain(words)
            if words:
                wrong.append(field)
        if wrong:
            wrong[0].entry.focus_set()
        return bool(wrong)

    def _wrong_with(self, field: Field) -> str:
        """Say what is wrong with a field; what only the server can say counts as right."""
        value, new = field.get().strip(), self.mode.get() == "up"
        if field is self.host:
            return "" if value else _("signin.need_server")
        if field is self.port:
            return "" if value.isdigit() and 0 < int(value) < 65536 else _("signin.bad_port")
        if field is self.name:
            return self._name_complaint(value)
        if field is self.password:
            return self._password_complaint(new)
        if field is self.display_name:
            too_long = new and len(value) > DISPLAY_NAME_MAX_CHARS
            return _("signin.long_name", n=DISPLAY_NAME_MAX_CHARS) if too_long else ""
        return _("signin.not_equal") if new and self.repeat.get() != self.password.get() else ""

    def _name_complaint(self, name: str) -> str:
        invited = self._invited()
        if name and invited and invited.username and user_key(name) != user_key(invited.username):
            return _("signin.invited_name", name=invited.username)
        return "" if name else _("signin.need_name")

    def _password_complaint(self, new: bool) -> str:
        if not self.password.get():
            return _("signin.need_password")
        if new and len(self.password.get()) < PASSWORD_MIN_CHARS:
            return _("signin.short_password", n=PASSWORD_MIN_CHARS)
        return ""

    def _forget_pin(self) -> None:
        connection = self._client.state.connection
        self._client.trust.forget(connection.host, connection.port)
        self.submit()

    # What the state says

    def ask_again(self, code: str) -> None:
        """Ask for the password of an account whose remembered sign-in is no longer good."""
        ended = code == "invalid_credentials"
        self.mode.set("in")
        self._switch_mode()
        self.button.state(["!disabled"])
        self._say(_("signin.ended") if ended else error_text(code), "warning")
        self.password.entry.focus_set()

    def show(self, connection: ConnectionState) -> None:
        """Draw how the connection stands."""
        phase = connection.phase
        busy = phase in (Phase.CONNECTING, Phase.SIGNING_IN, Phase.FINGERPRINT, Phase.ONLINE)
        self.button.state(["disabled" if busy else "!disabled"])
        self._forget.pack_forget()
        if busy:
            self._say(report(connection, 0).words, "calm")
        elif phase in (Phase.REFUSED, Phase.WAITING):
            self._show_refusal(connection)

    def _show_refusal(self, connection: ConnectionState) -> None:
        code = connection.code
        fields = {
            "username_taken": self.name,
            "invalid_username": self.name,
            "weak_password": self.password,
            "invalid_credentials": self.password,
            "unreachable": self.host,
        }
        words = report(connection, 0).words
        if code == "invalid_invitation":
            self._invitation = None
        if code in fields and connection.phase == Phase.REFUSED:
            self._message.pack_forget()
            fields[code].complain(words)
            fields[code].entry.focus_set()
            return
        self._say(words, "danger")
        if code == "fingerprint_changed":
            self._forget.pack(before=self._end, anchor="w")

    def _say(self, words: str, tone: str) -> None:
        palette = self._look.palette
        ground, ink = {
            "calm": (palette.accent_soft, palette.accent_text),
            "warning": (palette.warning_soft, palette.warning_text),
            "danger": (palette.danger_soft, palette.danger_text),
        }[tone]
        self._message.configure(background=ground)
        self._words.paint(ink, ground)
        self._words.say(words)
        self._message.pack(fill="x", before=self._end, pady=(0, self._look.px(8)))
        self._scroller.reveal(self._message)

    @property
    def message(self) -> str:
        """What stands above the button."""
        return self._words.text if self._message.winfo_manager() else ""
