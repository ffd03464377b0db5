"""What the server tells of a person beside the presence, in words: role, time, rooms; no widget."""

from datetime import datetime

from chat_client.i18n import _
from chat_client.model.keys import user_key
from chat_client.model.local_time import time_at
from chat_client.model.state import ClientState
from chat_protocol.names import room_title


def role_words(role: str) -> str:
    """Say a role that is more than a member's; nothing for a member."""
    return _(f"person.role_{role}") if role in ("moderator", "admin") else ""


def local_time_words(state: ClientState, username: str) -> str:
    """Say how late it is where somebody is; nothing where that is not told."""
    known = state.lists.persons.get(user_key(username))
    there = time_at(known.utc_offset or "", datetime.now().astimezone()) if known is not None else None
    return _("person.local_time", time=f"{there:%H:%M}") if there is not None else ""


def facts_of(state: ClientState, username: str) -> str:
    """Say the role and the local time of somebody, as far as they are known."""
    known = state.lists.persons.get(user_key(username))
    role = role_words(known.role) if known is not None else ""
    return "\n".join(filter(None, (role, local_time_words(state, username))))


def rooms_in_common(state: ClientState, username: str) -> list[str]:
    """Return the names of the rooms that the user shares with somebody."""
    known = state.lists.persons.get(user_key(username))
    return list(known.rooms) if known is not None else []


def titles(rooms: list[str]) -> str:
    """Say rooms in one line, without the marks of private ones."""
    return ", ".join(room_title(name) for name in rooms)
