"""What administrators can type, and the lists that moderators ask for; the server decides who may."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.keys import user_key
from chat_client.model.local_time import time_at
from chat_client.terminal.moderating import Lines, Mistake
from chat_client.terminal.wording import Write, name_of, printable

ROLES = ("member", "moderator", "admin")
ALL = "all"


class AskedLists:
    """Write the lists that were asked for, and the secrets that are told only once."""

    def __init__(self, client: Client, write: Write) -> None:
        self._client, self._write = client, write
        self._asked: set[str] = set()
        self._person_asked = ""
        self.writers: dict[type, Callable[[Any], None]] = {
            ch.ListChanged: self._listed,
            ch.PasswordMade: self._password,
            ch.PeopleChanged: self._person,
            ch.InvitationMade: self._invited,
        }
        self._lines: dict[str, Callable[[], list[str]]] = {
            "sanctions": self._sanctions,
            "directory": self._directory,
            "devices": self._devices,
            "invitations": self._invitations,
            "audit": self._audit,
        }

    def write_next(self, name: str) -> None:
        """Write a list once it is there."""
        self._asked.add(name)

    def write_person(self, username: str) -> None:
        """Write who somebody is once the server has told it."""
        self._person_asked = username

    def _person(self, change: ch.PeopleChanged) -> None:
        state, name = self._client.state, self._person_asked
        known = state.lists.persons.get(user_key(name)) if name in change.usernames else None
        if known is None:
            return
        self._person_asked = ""
        there = time_at(known.utc_offset or "", datetime.now().astimezone())
        words = [name_of(known.username, state), known.role, _("people.bot") if known.bot else ""]
        words += [f"{there:%H:%M}" if there is not None else "", ", ".join(known.rooms)]
        self._write(printable(f"  {' · '.join(filter(None, words))}"))

    def _listed(self, change: ch.ListChanged) -> None:
        if change.name not in self._asked:
            return
        self._asked.discard(change.name)
        lines = self._lines[change.name]()
        for line in lines:
            self._write(printable(f"  {line}"))
        if change.name in self._cut():
            self._write(f"  {_('terminal.more')}")
        if not lines:
            self._write(f"* {_('terminal.nothing_listed')}")

    def _cut(self) -> list[str]:
        """Return the lists of which the server has more than was written."""
        lists = self._client.state.lists
        behind = {
            "sanctions": lists.sanctions.next,
            "directory": lists.directory.next,
            "audit": lists.audit.next,
        }
        return [name for name, mark in behind.items() if mark is not None]

    def _sanctions(self) -> list[str]:
        return [
            " ".join(
                filter(
                    None,
                    (
                        one.kind,
                        one.username or one.address or _("timeline.erased_author"),
                        one.room or "",
                        _("terminal.until", when=_when(one.until)) if one.until else _("terminal.for_good"),
                        _("terminal.by", name=one.by),
                        f": {one.reason}" if one.reason else "",
                    ),
                )
            )
            for one in self._client.state.lists.sanctions.items or ()
        ]

    def _directory(self) -> list[str]:
        return [
            " ".join(filter(None, (one.display_name, f"@{one.username}", f"[{one.status}]", one.role)))
            for one in self._client.state.lists.directory.items or ()
        ]

    def _devices(self) -> list[str]:
        return [
            ", ".join(
                filter(
                    None,
                    (f"{one.id}  {one.name or _('devices.unnamed')}", one.address, _when(one.last_used_at)),
                )
            )
            for one in self._client.state.lists.devices or ()
        ]

    def _invitations(self) -> list[str]:
        return [
            f"{one.number} {one.username or '*'} {one.role} {_('terminal.until', when=_when(one.expires_at))}"
            f" {_('terminal.by', name=one.by)}"
            for one in self._client.state.lists.invitations or ()
        ]

    def _audit(self) -> list[str]:
        return [
            " ".join(
                filter(
                    None,
                    (
                        f"[{_when(one.at)}]",
                        one.actor,
                        f"({one.origin})",
                        one.action,
                        one.target,
                        f": {one.detail}" if one.detail else "",
                        "" if one.allowed else _("terminal.not_allowed"),
                    ),
                )
            )
            for one in reversed(self._client.state.lists.audit.items or ())
        ]

    def _password(self, change: ch.PasswordMade) -> None:
        words = _("terminal.password_made", name=change.username, password=change.password)
        self._write(printable(f"* {words}"))

    def _invited(self, change: ch.InvitationMade) -> None:
        words = _("terminal.invited", role=change.role, when=_when(change.expires_at))
        self._write(printable(f"* {words}"))
        self._write(change.link)


class Administering:
    """Carry out the lines of administrators.

    :param lists: writes what they ask for.
    """

    def __init__(self, client: Client, lists: AskedLists) -> None:
        self._client, self._lists = client, lists
        administration = client.administration
        self.lines: Lines = {
            "sanctions": lambda _rest: self._list("sanctions", client.moderation.sanctions),
            "accept-all": self._accept_all,
            "person": self._about,
            "directory": lambda rest: self._list("directory", partial(client.people.directory, rest)),
            "role": self._role,
            "one-time-password": lambda rest: administration.one_time_password(_one(rest)),
            "devices-of": lambda rest: self._list("devices", partial(administration.devices, _one(rest))),
            "end-device-of": self._end_device,
            "invite-one": self._invite,
            "invitations": lambda _rest: self._list("invitations", administration.invitations),
            "revoke": self._revoke,
            "audit": self._audit,
        }

    def _list(self, name: str, ask: Callable[[], object]) -> None:
        self._lists.write_next(name)
        ask()

    def _about(self, rest: str) -> None:
        name = _one(rest)
        self._lists.write_person(name)
        self._client.people.ask_about(name)

    def _accept_all(self, room: str) -> None:
        waiting = [one for one in self._client.state.join_requests if one.room.casefold() == room.casefold()]
        if not waiting:
            raise Mistake(_("terminal.no_requests"))
        self._client.moderation.accept([one.username for one in waiting], waiting[0].room)

    def _role(self, rest: str) -> None:
        username, _space, role = rest.partition(" ")
        if role.strip() not in ROLES:
            raise Mistake(_("terminal.which_role"))
        self._client.administration.set_role(_one(username), role.strip())

    def _end_device(self, rest: str) -> None:
        username, _space, device = rest.partition(" ")
        if not device.strip():
            raise Mistake(_("terminal.which_device_of"))
        wanted = device.strip().casefold()
        self._client.administration.end_device(_one(username), None if wanted == ALL else wanted)

    def _invite(self, rest: str) -> None:
        words = rest.split()
        role = words.pop() if words and words[-1] in ROLES else "member"
        if len(words) > 1:
            raise Mistake(_("terminal.which_role"))
        self._client.administration.invite(_one(words[0]) if words else "", role)

    def _revoke(self, rest: str) -> None:
        if not rest.isdecimal() or not int(rest):
            raise Mistake(_("terminal.which_invitation"))
        self._client.administration.revoke(int(rest))

    def _audit(self, rest: str) -> None:
        words = rest.split()
        wanted = dict(zip(words[::2], words[1::2], strict=False))
        if len(words) % 2 or not wanted.keys() <= {"by", "on"}:
            raise Mistake(_("terminal.which_audit"))
        by, on = (wanted.get(word, "").removeprefix("@") for word in ("by", "on"))
        self._list("audit", partial(self._client.administration.audit, by, on))


def _one(name: str) -> str:
    """Return the username that was typed.

    :raises Mistake: it is none, or more than one.
    """
    if not name or " " in name:
        raise Mistake(_("terminal.which_person"))
    return name.removeprefix("@")


def _when(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_ms / 1000))
