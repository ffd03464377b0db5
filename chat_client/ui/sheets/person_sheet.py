"""Who somebody is, on a sheet, and what moderators and administrators do about them; Tk thread only.

It looks the rights up in the state; what is decided against them the server says.
"""

from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _, error_text
from chat_client.model import changes as ch
from chat_client.model.keys import user_key
from chat_client.ui.action_targets import PersonCommands
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_of, status_words
from chat_client.ui.panes.person_facts import local_time_words, rooms_in_common, titles
from chat_client.ui.sheets.keeping_sheet import KeepingSheet
from chat_client.ui.sheets.listed_rows import ListedRow, ListedRows
from chat_client.ui.sheets.secret_line import SecretLine
from chat_client.ui.widgets.choices import Choices
from chat_client.ui.widgets.widgets import button, person_label
from chat_client.ui.widgets.words import Words
from chat_protocol.moderation_requests import ModerationEndDevice, ModerationRole
from chat_protocol.objects import Device, Member

WIDTH: Final = 600
ROLES: Final = ("member", "moderator", "admin")
_HEIGHT: Final = 110


class PersonSheet(KeepingSheet):
    """The sheet.

    :param commands: writes to the person, and asks for a sanction, in the place of this sheet.
    """

    def __init__(self, look: Look, client: Client, member: Member, commands: PersonCommands) -> None:
        super().__init__(look.root, look, look.plain_line(member.display_name), width=WIDTH)
        self._client, self._commands, self.member = client, commands, member
        self._inner = look.px(WIDTH - 48) - 2
        self._is_me = user_key(member.username) == user_key(client.state.username)
        self.buttons: dict[str, ttk.Button] = {}
        self._confirmed = ""
        self._about()
        self._acts()
        self.role: Choices | None = None
        if client.state.role == "admin" and client.moderation.known:
            self._administration()
        self.told = ttk.Label(
            self.inside, style="Raised.Muted.TLabel", wraplength=self._inner, justify="left"
        )
        self.told.pack(anchor="w", pady=(look.px(8), 0))
        self.end_with_close()
        self.show(next(iter(self.buttons.values()), self.done))

    # What is there

    def _about(self) -> None:
        look, member = self.look, self.member
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(0, look.px(12)))
        avatar = person_label(row, look, member.display_name, member.username, 48)
        avatar.pack(side="left", padx=(0, look.px(12)))
        words = ttk.Frame(row, style="Raised.TFrame")
        words.pack(side="left", fill="x", expand=True)
        known = person_of(self._client.state, member.username)  # the list of everybody has no texts
        status = status_words(member.status, known.text if known.status == member.status else member.text)
        kind = _("people.bot") if member.bot else _(f"person.role_{member.role or 'member'}")
        wrap = self._inner - look.px(70)
        Words(words, look, "Raised", look.line(f"@{member.username}"), wrap=wrap).pack(anchor="w")
        Words(words, look, "Raised.Muted", look.line(f"{status} · {kind}"), wrap=wrap).pack(anchor="w")
        self.facts = Words(words, look, "Raised.Small", wrap=wrap)
        self.facts.pack(anchor="w")
        self._client.people.ask_about(member.username)
        self._show_facts()

    def _show_facts(self) -> None:
        state, username = self._client.state, self.member.username
        common = [] if self._is_me else rooms_in_common(state, username)
        rooms = _("person.rooms_in_common", rooms=titles(common)) if common else ""
        words = "\n".join(filter(None, (local_time_words(state, username), rooms)))
        self.facts.say(self.look.paragraph(words, "small", self._inner - self.look.px(70)))

    def _acts(self) -> None:
        username, commands = self.member.username, self._commands
        if self._is_me:
            return
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(0, self.look.px(12)))
        offered: list[tuple[str, str, Callable[[], object]]] = [
            ("write", "action.direct", partial(commands.write_to, username))
        ]
        if commands.may_moderate:
            offered += [
                (kind, f"sanctions.do_{kind}", partial(commands.ask_sanction, kind, username, None))
                for kind in ("mute", "kick", "ban")
                if kind != "ban" or commands.may_ban
            ]
        for name, label, act in offered:
            self.buttons[name] = button(row, _(label), partial(self._instead, act), surface="raised")
            self.buttons[name].pack(side="left", padx=(0, self.look.px(8)))
        if commands.may_moderate and self._client.avatars.named(username):
            take_away = partial(self._client.avatars.take_away, username)
            self.buttons["avatar"] = button(self.inside, _("avatar.take_away"), take_away, surface="raised")
            self.buttons["avatar"].pack(anchor="w", pady=(0, self.look.px(12)))

    def _administration(self) -> None:
        look, inside, username = self.look, self.inside, self.member.username
        if not self.member.bot:
            self._heading(_("person.role"))
            row = ttk.Frame(inside, style="Raised.TFrame")
            row.pack(fill="x", pady=(0, look.px(12)))
            labels = {role: _(f"person.role_{role}") for role in ROLES}
            self.role = Choices(row, look, labels, self.member.role or "member", self._role_chosen)
            self.role.pack(side="left")
            self.buttons["role"] = button(row, _("action.save"), self._set_role, surface="raised")
            self.buttons["role"].state(["disabled"])
            self.buttons["role"].pack(side="right")
        self._heading(_("person.devices"))
        client = self._client
        self.devices = ListedRows(inside, look, self._inner, _HEIGHT, lambda: None)
        self.devices.pack(fill="x")
        row = ttk.Frame(inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(8), 0))
        self.buttons["end"] = button(
            row,
            _("person.end_devices"),
            partial(client.administration.end_device, username),
            kind="Danger",
            surface="raised",
        )
        self.buttons["end"].pack(side="left", padx=(0, look.px(8)))
        if not self._is_me and not self.member.bot:
            self.buttons["password"] = button(
                row, _("person.password"), self._one_time_password, kind="Danger", surface="raised"
            )
            self.buttons["password"].pack(side="left")
        self.secret = SecretLine(inside, look, self._inner)
        client.administration.devices(username)
        self._draw_devices()

    def _heading(self, words: str) -> None:
        label = ttk.Label(self.inside, text=words, style="Raised.SmallBold.TLabel")
        label.pack(anchor="w", pady=(0, self.look.px(3)))

    def _draw_devices(self) -> None:
        devices = self._client.state.lists.devices
        rows = [self._device(device) for device in devices or ()]
        self.devices.fill(rows, _("person.no_devices") if devices is not None else "")
        self.buttons["end"].state(["!disabled" if devices else "disabled"])
        if self.winfo_ismapped() and self.focus_get() in (None, self.look.root):
            self.done.focus_set()  # the row that had the keyboard is gone

    def _device(self, device: Device) -> ListedRow:
        used = _("devices.used", when=dates.moment(device.last_used_at, dates.today()))
        current = _("devices.current") if device.current else ""
        detail = " · ".join(filter(None, (current, self.look.plain_line(device.address), used)))
        end = partial(self._client.administration.end_device, self.member.username, device.id)
        name = device.name or _("devices.unnamed")
        return ListedRow(name, detail, "" if device.current else _("devices.end"), end)

    # What is asked

    def _instead(self, act: Callable[[], object]) -> None:
        """Close, and do what leads elsewhere."""
        self.close()
        act()

    def _role_chosen(self) -> None:
        changed = self.role is not None and self.role.get() != (self.member.role or "member")
        self.buttons["role"].state(["!disabled" if changed else "disabled"])

    def _set_role(self) -> None:
        if self.role is not None:
            self._client.administration.set_role(self.member.username, self.role.get())

    def _one_time_password(self) -> None:
        """Ask for it at the second press; the first one says what it does."""
        if self._confirmed == "password":
            self._confirmed = ""
            self._client.administration.one_time_password(self.member.username)
            return
        self._confirmed = "password"
        self._say(_("person.password_words", name=self.look.plain_line(self.member.display_name)))

    # What becomes of it

    def apply(self, change: ch.Change) -> None:
        """Draw what a change concerns."""
        if isinstance(change, ch.PeopleChanged):
            if self.member.username not in change.usernames:
                return
            self._show_facts()
        elif isinstance(change, ch.AvatarChanged):
            if "avatar" in self.buttons and not self._client.avatars.named(self.member.username):
                self.buttons["avatar"].state(["disabled"])
        elif "end" not in self.buttons:
            return
        elif isinstance(change, ch.ListChanged) and change.name == "devices":
            self._draw_devices()
        elif isinstance(change, ch.RequestDone) and change.request == ModerationEndDevice.TYPE:
            self._say(_("person.device_ended"))
        elif isinstance(change, ch.PasswordMade) and change.username == self.member.username:
            self._say("")
            self.secret.tell(_("person.password_made"), change.password)
        elif isinstance(change, ch.RequestDone) and change.request == ModerationRole.TYPE and self.role:
            self.buttons["role"].state(["disabled"])
            self._say(_("person.role_changed"))
        else:
            return
        self.grown()

    def refused(self, change: ch.RequestFailed) -> bool:
        """Say why a request was refused; False where it was none of this sheet's."""
        if not change.request.startswith("moderation."):
            return False
        self._say(error_text(change.code), danger=True)
        return True

    def _say(self, words: str, *, danger: bool = False) -> None:
        self.told.configure(text=words, style=f"Raised.{'Danger' if danger else 'Muted'}.TLabel")
        self.grown()
