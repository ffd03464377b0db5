"""What the user may choose: language, theme, notifications, name, password and others; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import LANGUAGES, _
from chat_client.store.autostart import Autostart
from chat_client.ui.look.look import Look
from chat_client.ui.look.photos import pillow
from chat_client.ui.own_picture import OwnPicture
from chat_client.ui.room.dropping import dropping
from chat_client.ui.room.spelling import is_installed
from chat_client.ui.sheets.questions import ask_text
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.tray import has_tray
from chat_client.ui.widgets.widgets import Field, button, on_event, person_label
from chat_protocol.limits import PASSWORD_MIN_CHARS

TEXT_SIZES = (100, 115, 130, 150)


class SettingsSheet(Sheet):
    """The sheet.

    :param apply: gets the name of a setting that changes how the window looks, after a choice.
    :param show_devices: shows where the user is signed in, in the place of this sheet.
    :param autostart: of this program at the login.
    """

    def __init__(
        self,
        look: Look,
        client: Client,
        apply: Callable[[str], object],
        show_devices: Callable[[], object],
        autostart: Autostart,
    ) -> None:
        super().__init__(look.root, look, _("settings.title"), width=600)
        self.choices: dict[str, list[ttk.Radiobutton]] = {}
        self._client = client
        self._apply = apply
        self._show_devices = show_devices
        self.switches: dict[str, ttk.Checkbutton] = {}
        settings = client.settings
        self.language = tk.StringVar(self, str(settings.get("language")))
        self.theme = tk.StringVar(self, str(settings.get("theme")))
        self.text_size = tk.IntVar(self, int(settings.get("text_percent")))
        self.order = tk.BooleanVar(self, bool(settings.get("unread_first")))
        self.desktop = tk.BooleanVar(self, bool(settings.get("desktop_notifications")))
        self.sound = tk.BooleanVar(self, bool(settings.get("sound")))
        self._grid = ttk.Frame(self.inside, style="Raised.TFrame")
        self._grid.pack(fill="x")
        self._grid.columnconfigure(1, weight=1)
        languages = (("", _("settings.system")), *LANGUAGES.items())
        themes = (("", _("settings.system")), ("light", _("settings.light")), ("dark", _("settings.dark")))
        self._choices(_("settings.language"), self.language, "language", languages)
        self._choices(_("settings.theme"), self.theme, "theme", themes)
        sizes = tuple((size, f"{size} %") for size in TEXT_SIZES)
        self._choices(_("settings.text_size"), self.text_size, "text_percent", sizes)
        orders = ((False, _("settings.by_name")), (True, _("settings.unread_first")))
        self._choices(_("rooms.joined"), self.order, "unread_first", orders)
        row = self._row(_("settings.notifications"))
        self._switch(row, _("settings.desktop"), self.desktop, "desktop_notifications")
        self._switch(row, _("settings.sound"), self.sound, "sound")
        if has_tray(look.root):
            tray = tk.BooleanVar(self, bool(settings.get("tray")))
            self._switch(row, _("settings.tray"), tray, "tray")
        else:
            self._tell(row, _("settings.without_tray"))
        if is_installed():
            spelling = tk.BooleanVar(self, bool(settings.get("spell_check")))
            self._switch(self._row(_("settings.writing")), _("settings.spell_check"), spelling, "spell_check")
        self._autostart = autostart
        self.at_login = tk.BooleanVar(self, autostart.on)
        self.start_switch = ttk.Checkbutton(
            self._row(_("settings.start")),
            text=_("settings.autostart"),
            variable=self.at_login,
            style="Raised.TCheckbutton",
            command=self._choose_start,
        )
        self.start_switch.pack(anchor="w", pady=(look.px(2), 0))
        self._tell_pictures()
        if client.state.username:
            self._account()
        self.end_with_close()

    def _row(self, title: str) -> ttk.Frame:
        """Begin a line: what it is about at the left, and a frame for the rest."""
        look, number = self.look, self._grid.grid_size()[1]
        label = ttk.Label(self._grid, text=title, style="Raised.SmallBold.TLabel", wraplength=look.px(110))
        label.grid(row=number, column=0, sticky="nw", padx=(0, look.px(16)), pady=(look.px(14), 0))
        frame = ttk.Frame(self._grid, style="Raised.TFrame")
        frame.grid(row=number, column=1, sticky="ew", pady=(look.px(6), 0))
        return frame

    def _choices(
        self,
        title: str,
        variable: tk.StringVar | tk.IntVar | tk.BooleanVar,
        name: str,
        options: tuple[tuple[str | int, str], ...],
    ) -> None:
        row = self._row(title)
        made = self.choices[name] = []
        for value, text in options:
            choice = ttk.Radiobutton(
                row,
                text=text,
                value=value,
                variable=variable,
                style="Raised.Choice.TRadiobutton",
                command=lambda: self._choose(name, variable.get()),
            )
            choice.pack(side="left", padx=(0, self.look.px(8)))
            number = len(made)
            for key, step in (("Left", -1), ("Up", -1), ("Right", 1), ("Down", 1)):
                choice.bind(f"<{key}>", on_event(_focus, made, number + step))
            made.append(choice)

    def _switch(self, row: ttk.Frame, text: str, variable: tk.BooleanVar, name: str) -> None:
        switch = ttk.Checkbutton(
            row,
            text=text,
            variable=variable,
            style="Raised.TCheckbutton",
            command=lambda: self._client.settings.set(name, bool(variable.get())),
        )
        self.switches[name] = switch
        switch.pack(anchor="w", pady=(self.look.px(2), 0))

    def _choose_start(self) -> None:
        """Have the program started at the login, or no more; where that cannot be kept, say so."""
        try:
            self._autostart.set(self.at_login.get())
        except OSError as error:
            self.start_switch.configure(text=_("settings.autostart_failed", reason=error.strerror or error))
            self.at_login.set(self._autostart.on)

    def _tell_pictures(self) -> None:
        """Say which pictures are shown, which depends on what is installed."""
        words = _("settings.with_pillow" if pillow() else "settings.without_pillow")
        if not dropping():
            words += "\n" + _("settings.without_dropping")
        self._tell(self._row(_("settings.pictures")), words)

    def _tell(self, row: ttk.Frame, words: str) -> None:
        """Say something that is not the user's to choose."""
        label = ttk.Label(
            row, text=words, style="Raised.Muted.TLabel", wraplength=self.look.px(400), justify="left"
        )
        label.pack(anchor="w", pady=self.look.px(8))

    def _choose(self, name: str, value: object) -> None:
        self._client.settings.set(name, value)
        self.close()
        self._apply(name)

    def present(self, name: str) -> ttk.Radiobutton:
        """Give the choice of a setting that is chosen now."""
        return next(choice for choice in self.choices[name] if choice.instate(["selected"]))

    def _account(self) -> None:
        look = self.look
        row = self._row(_("settings.account"))
        button(row, _("settings.display_name"), self._ask_name, surface="raised").pack(side="left")
        button(row, _("settings.password"), self._ask_password, surface="raised").pack(
            side="left", padx=look.px(8)
        )

        if self._client.avatars.known:
            self._own_picture()
        if self._client.devices.known:
            row = self._row(_("settings.devices"))
            button(row, _("settings.show_devices"), self.show_devices, surface="raised").pack(side="left")

    def _own_picture(self) -> None:
        """Show which picture others see, and let the user choose another one or none."""
        look, client, state = self.look, self._client, self._client.state
        row = self._row(_("avatar.own"))
        shown = person_label(row, look, state.display_name, state.username, 48)
        shown.pack(side="left", padx=(0, look.px(12)))
        own = OwnPicture(look.root, client, lambda words: self.told.configure(text=words))
        self.choose_picture = button(row, _("avatar.choose_here"), own.choose, surface="raised")
        self.choose_picture.pack(side="left")
        self.remove_picture = button(row, _("avatar.remove_here"), own.remove, surface="raised")
        self.remove_picture.pack(side="left", padx=look.px(8))
        look.pictures.follow(row, lambda: self._offer_removal(own))
        self._offer_removal(own)
        self.told = ttk.Label(
            self._row(""), style="Raised.Muted.TLabel", wraplength=look.px(400), justify="left"
        )
        self.told.configure(text=_("avatar.words"))
        self.told.pack(anchor="w")

    def _offer_removal(self, own: OwnPicture) -> None:
        self.remove_picture.state(["!disabled" if own.shown else "disabled"])

    def show_devices(self) -> None:
        """Show where the user is signed in, in the place of the settings."""
        self.close()
        self._show_devices()

    def _ask_name(self) -> None:
        client, look = self._client, self.look
        self.close()
        ask_text(
            look,
            _("settings.display_name"),
            _("settings.display_name_label"),
            _("action.save"),
            client.status.set_display_name,
            value=client.state.display_name,
        )

    def _ask_password(self) -> None:
        client, look = self._client, self.look
        self.close()
        PasswordSheet(look, client)


def _focus(choices: list[ttk.Radiobutton], to: int) -> str:
    """Take the keyboard to a neighbour; the space bar chooses it, since each choice draws the window anew."""
    choices[to % len(choices)].focus_set()
    return "break"


class PasswordSheet(Sheet):
    """Another password: the old one, and the new one twice. ``forced`` after one for a single use."""

    def __init__(self, look: Look, client: Client, forced: bool = False) -> None:
        super().__init__(look.root, look, _("password.title"))
        self._client = client
        self._forced = forced
        words = ttk.Label(
            self.inside,
            text=_("password.forced") if forced else _("password.words"),
            style="Raised.Muted.TLabel",
            wraplength=look.px(370),
            justify="left",
        )
        words.pack(anchor="w", pady=(0, look.px(12)))
        self.old, self.new, self.repeat = (
            Field(self.inside, look, text, secret=True, surface="raised")
            for text in (_("password.old"), _("password.new"), _("signin.repeat"))
        )
        for field in (self.old, self.new, self.repeat):
            field.pack(fill="x")
            field.entry.bind("<Return>", lambda _event: self.submit())
        self.new.recheck, self.repeat.recheck = self._wrong_with_new, self._wrong_with_repeat
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(8), 0))
        self.button = button(row, _("password.change"), self.submit, kind="Accent", surface="raised")
        self.button.pack(side="right")
        if not forced:
            button(row, _("action.cancel"), self.close, surface="raised").pack(side="right", padx=look.px(8))
        self.show(self.old.entry)

    def _escape(self, event: object) -> str:
        return "break" if self._forced else super()._escape(event)

    def submit(self) -> None:
        """Check what was typed, then ask the server."""
        self.old.complain("" if self.old.get() else _("signin.need_password"))
        for field in (self.new, self.repeat):
            field.complain(field.recheck())
        if not any(field.complaint for field in (self.old, self.new, self.repeat)):
            self._client.session.change_password(self.old.get(), self.new.get())
            self.button.state(["disabled"])

    def _wrong_with_new(self) -> str:
        short = len(self.new.get()) < PASSWORD_MIN_CHARS
        return _("signin.short_password", n=PASSWORD_MIN_CHARS) if short else ""

    def _wrong_with_repeat(self) -> str:
        return "" if self.repeat.get() == self.new.get() else _("signin.not_equal")

    def refused(self, words: str) -> None:
        """Say why the server did not take it."""
        self.button.state(["!disabled"])
        self.old.complain(words)
