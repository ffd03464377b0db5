"""What can follow an `@`, a `#` or a `:` that is being typed: people, rooms, emoji; it makes no widget."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chat_client.i18n import _, language
from chat_client.model.keys import user_key
from chat_client.model.state import ClientState, RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_of, person_row, room_row
from chat_client.ui.room.emoji_names import find_emoji
from chat_client.ui.sheets.switcher import rank
from chat_client.ui.widgets.row_list import Row
from chat_protocol.limits import ALL_BELOW
from chat_protocol.mentions import ALL

SUGGESTED_MAX: Final = 8
#: The capability of a server that knows `@all`, and refuses it to those who may not.
MENTION_ALL: Final = "mention_all"
# As a mention, a room or an emoji may begin: after no letter, and an emoji after a space alone.
_TYPED: Final = re.compile(r"(?:(?<![\w@.])(?P<sign>[@#])|(?<!\S)(?P<colon>:))(?P<query>[\w.+-]*)\Z")


@dataclass(frozen=True, slots=True)
class Typed:
    """What is being typed: the sign, and what follows it up to the cursor."""

    sign: str
    query: str

    @property
    def text(self) -> str:
        """As it stands in the field."""
        return self.sign + self.query


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may take the place of what is being typed.

    :param text: with the sign.
    """

    row: Row
    text: str


def typed_before(line: str) -> Typed | None:
    """Read what is being typed at the end of a line; None where it is none of the three."""
    found = _TYPED.search(line)
    return None if found is None else Typed(found["sign"] or found["colon"], found["query"])


class Suggester:
    """Finds what fits in one room."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def find(self, state: ClientState, room: RoomState, typed: Typed) -> Sequence[Suggestion]:
        """Give what fits, the best first; nothing where all of it has been typed already."""
        if typed.sign == "@":
            found = self._people(state, room, typed.query)
        elif typed.sign == "#":
            found = self._rooms(state, typed.query)
        else:
            found = self._emoji(typed.query)
        return [] if [one.text for one in found] == [typed.text] else found[:SUGGESTED_MAX]

    def _people(self, state: ClientState, room: RoomState, query: str) -> list[Suggestion]:
        names = room.members or ([room.partner] if room.is_direct else [])
        me = user_key(state.username)
        start = user_key(query)
        people = [person_of(state, name) for name in names if user_key(name) != me]
        fitting = [
            person
            for person in people
            if user_key(person.username).startswith(start) or rank(query, person.display_name) in (0, 1)
        ]
        fitting.sort(key=lambda person: not user_key(person.username).startswith(start))
        found = [
            Suggestion(
                replace(person_row(self._look, person), detail=f"@{person.username}"), f"@{person.username}"
            )
            for person in fitting[:SUGGESTED_MAX]
        ]
        if ALL.startswith(start) and may_call_all(state, room):
            row = Row(key=ALL, title=f"@{ALL}", detail=_("suggest.all"), icon="people")
            found = found[: SUGGESTED_MAX - 1]
            found.insert(0 if start else len(found), Suggestion(row, f"@{ALL}"))
        return found

    def _rooms(self, state: ClientState, query: str) -> list[Suggestion]:
        rooms = [*state.joined_rooms(), *state.other_rooms()]
        ranked = [(place, room) for room in rooms if (place := rank(query, room.title)) is not None]
        ranked.sort(key=lambda each: (each[0], not each[1].joined))
        return [
            Suggestion(room_row(self._look, state, room, active=False), f"#{room.name}")
            for _place, room in ranked[:SUGGESTED_MAX]
        ]

    def _emoji(self, query: str) -> list[Suggestion]:
        if not self._look.emoji:
            return []  # one drawn by this Tk would end the program
        return [
            Suggestion(Row(key=emoji, title=f"{emoji}  {name}"), emoji)
            for emoji, name in find_emoji(query, language(), SUGGESTED_MAX)
        ]


def may_call_all(state: ClientState, room: RoomState) -> bool:
    """Say whether the user may mention everybody in a room, as far as is known."""
    if room.is_direct or MENTION_ALL not in state.connection.capabilities:
        return False
    return room.owner or state.moderator or 0 < room.total < ALL_BELOW
