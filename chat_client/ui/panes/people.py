"""How people and rooms are called and pictured in lists: looks names up in the state; makes no widget."""

from dataclasses import replace

from chat_client.i18n import _
from chat_client.model.keys import user_key
from chat_client.model.state import ClientState, NotifyLevel, PersonState, RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.row_list import Row


def person_of(state: ClientState, username: str) -> PersonState:
    """Give what is known of a user; a person of that name alone where nothing is."""
    known = state.people.get(user_key(username))
    if known is not None:
        return known
    if username and user_key(username) == user_key(state.username):
        return PersonState(state.username, state.display_name, state.status, state.status_text)
    return PersonState(username, username)


def known_people(state: ClientState) -> dict[str, PersonState]:
    """Give everybody of whom something is known, those found last included, by the key of the name."""
    return {user_key(person.username): person for person in (*state.found_people, *state.people.values())}


def name_of(state: ClientState, username: str) -> str:
    """Give a user's display name."""
    if username and user_key(username) == user_key(state.username) and state.display_name:
        return state.display_name
    return person_of(state, username).display_name or username


def author_of(state: ClientState, username: str) -> str:
    """Give the name of who wrote a message; the username is empty where the account was erased."""
    return name_of(state, username) if username else _("timeline.erased_author")


def title_of(state: ClientState, room: RoomState) -> str:
    """Give a room's name as people say it; of a private conversation, the other's display name."""
    if room.is_direct:
        return room.display_name or name_of(state, room.partner)
    return room.title


def status_words(status: str, text: str = "") -> str:
    """Say a presence: what the person wrote of it, or the word for it."""
    known = status if status in ("online", "away", "busy") else "offline"
    return text or _(f"status.{known}")


def room_row(look: Look, state: ClientState, room: RoomState, *, active: bool) -> Row:
    """Picture a room for the list at the left and for the switcher."""
    unread = room.unread if room.joined else 0
    muted = room.notify == NotifyLevel.NONE
    row = Row(
        key=room.key,
        title=look.line(title_of(state, room)),
        badge=unread if not muted or room.is_direct else 0,
        loud=room.is_direct,
        calls=room.mentions if room.joined and not room.is_direct else 0,
        bold=room.news or (bool(unread) and not muted),
        selected=active,
        trailing_icon=_trailing_icon(room),
    )
    if room.is_direct:
        person = person_of(state, room.partner)
        avatar = (room.display_name or person.display_name, room.partner)
        return replace(row, avatar=avatar, status=person.status or "offline")
    return replace(row, icon=room_icon(room), dim=not room.joined or muted)


def room_icon(room: RoomState) -> str:
    """Name the picture of a room that is no private conversation."""
    if room.archived:
        return "archive"
    return {"moderated": "shield", "private": "lock"}.get(room.kind, "hash")


def _trailing_icon(room: RoomState) -> str:
    if room.news:
        return "bell"
    if room.membership == "pending":
        return "pending"
    if not room.joined and not room.is_direct:
        return "plus"
    if room.notify == NotifyLevel.NONE:
        return "bell_off"
    return "edit" if room.draft.strip() else ""


def person_row(look: Look, person: PersonState, *, me: bool = False) -> Row:
    """Picture a person for the list at the right."""
    name = look.line(person.display_name or person.username)
    detail = _("people.bot") if person.bot else person.text if person.status != "offline" else ""
    return Row(
        key=person.username,
        title=_("people.me", name=name) if me else name,
        detail=look.line(detail) if detail else "",
        avatar=(person.display_name, person.username),
        status=person.status or "offline",
        dim=person.status not in ("online", "away", "busy"),
    )
