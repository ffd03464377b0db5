"""The model's promise: whatever the network does with the order, the view ends as a fresh client's."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_client.model.merging import sorted_reactions
from chat_client.model.state import ClientState, MessageState, RoomState
from chat_client.model.timeline import Timeline
from chat_protocol.objects import Message

ME = "zoe"
NAMES = ("zoe", "jules", "ada")


@dataclass
class ServerRoom:
    """A room as the server keeps it: entries in commit order, and their present state."""

    entries: list[Message] = field(default_factory=list)

    def say(self, sender: str, body: str) -> None:
        self._store(sender, body, "text", None, None)

    def change(self, sender: str, kind: str, target: int, body: str, on: bool | None) -> None:
        self._store(sender, body, kind, target, on)

    def state_at(self, seq: int) -> list[Message]:
        """Return the entries up to `seq`, with the changes up to `seq` applied to their targets."""
        shown = {entry.seq: entry for entry in self.entries[:seq]}
        for entry in self.entries[:seq]:
            if entry.target is not None:
                shown[entry.target] = self._changed(shown[entry.target], entry)
        return list(shown.values())

    def _store(self, sender: str, body: str, kind: str, target: int | None, on: bool | None) -> None:
        seq = len(self.entries) + 1
        # Several entries share a millisecond, as in a batch.
        self.entries.append(Message("r", seq, sender, body, seq // 3, kind=kind, target=target, on=on))

    def _changed(self, target: Message, change: Message) -> Message:
        if target.deleted:
            return target
        if change.kind == "edit":
            return replace(target, body=change.body, edited_at=change.sent_at)
        if change.kind == "delete":
            return replace(target, body="", deleted=True, reactions={})
        names = set(target.reactions.get(change.body, ()))
        names = names | {change.author} if change.on else names - {change.author}
        return replace(target, reactions={**target.reactions, change.body: tuple(names)})


def a_room(actions: list[tuple[int, str, int]]) -> ServerRoom:
    room = ServerRoom()
    room.say("jules", "first")
    for kind, sender, pick in actions:
        texts = [entry.seq for entry in room.entries if entry.kind == "text"]
        target = texts[pick % len(texts)]
        if kind <= 2:
            room.say(sender, f"text {pick} @zoe" if pick % 2 else f"text {pick}")
        elif kind == 3:
            room.change(sender, "edit", target, f"edited {pick}", None)
        elif kind == 4:
            room.change(sender, "delete", target, "", None)
        else:
            room.change(sender, "react", target, "👍" if pick % 2 else "🎉", on=pick % 3 != 0)
    return room


def a_timeline() -> Timeline:
    return Timeline(RoomState("r", "r", membership="joined"), lambda: ME)


def view(room: RoomState) -> list[MessageState]:
    """Return what is shown, without the mark that only serves merging."""
    return [replace(message, as_of=0) for message in room.messages]


def fresh_view(server: ServerRoom) -> RoomState:
    timeline = a_timeline()
    last = len(server.entries)
    timeline.room.last_seq = last
    timeline.add_page(server.state_at(last), 1, last, last)
    return timeline.room


ACTIONS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(NAMES), st.integers(0, 50)), max_size=25)


@st.composite
def deliveries(draw: st.DrawFn, last: int) -> list[tuple[int, int, int, int]]:
    """Draw how all entries reach a client: (first, last, state at, asked at), `state at` 0 for live events.

    Each entry comes at least once, live or on a page; more of both are mixed in, in any order. A page shows
    the state at some time not before its last entry; the client knows only that it is not older than what it
    had seen when it asked.
    """
    cuts = sorted({0, last, *draw(st.lists(st.integers(0, last), max_size=4))})
    parts = [(low + 1, high) for low, high in itertools.pairwise(cuts)]
    more = st.tuples(st.integers(1, last), st.integers(1, last)).map(lambda pair: (min(pair), max(pair)))
    steps = []
    for low, high in parts + draw(st.lists(more, max_size=4)):
        if draw(st.booleans()):
            steps += [(seq, seq, 0, 0) for seq in range(low, high + 1)]
        else:
            read_at = draw(st.integers(high, last))
            steps.append((low, high, read_at, draw(st.integers(high, read_at))))
    return draw(st.permutations(steps))


@settings(max_examples=200, deadline=None)
@given(ACTIONS, st.data())
def test_view_any_order_of_pages_and_events_ends_as_a_fresh_client(actions: Any, data: st.DataObject) -> None:
    """Live events and pages (some read long before they arrive) in any order give the same messages."""
    server = a_room(actions)
    last = len(server.entries)
    timeline = a_timeline()
    for low, high, read_at, asked_at in data.draw(deliveries(last)):
        if read_at == 0:
            timeline.add_live(server.entries[low - 1])
        else:
            page = [m for m in server.state_at(read_at) if low <= m.seq <= high]
            timeline.add_page(page, low, high, asked_at)
    expected = fresh_view(server)
    assert view(timeline.room) == view(expected)
    assert timeline.room.covered.ranges() == [(1, last)]
    assert (timeline.room.unread, timeline.room.mentions) == (expected.unread, expected.mentions)


@settings(max_examples=100, deadline=None)
@given(ACTIONS)
def test_view_of_live_events_equals_that_of_the_history(actions: Any) -> None:
    """One who was there all the time sees what one sees who comes later."""
    server = a_room(actions)
    timeline = a_timeline()
    for entry in server.entries:
        timeline.add_live(entry)
    expected = fresh_view(server)
    assert view(timeline.room) == view(expected)
    assert timeline.room.unread == expected.unread


def reacted_server() -> ServerRoom:
    """A message, a reaction put (2) and taken back (3), and an edit (4)."""
    room = ServerRoom()
    room.say("jules", "first")
    room.change("ada", "react", 1, "👍", on=True)
    room.change("ada", "react", 1, "👍", on=False)
    room.change("jules", "edit", 1, "edited", None)
    return room


def test_page_newer_than_a_known_change_is_not_undone_by_it() -> None:
    """What the server said after a change is the truth, although a later change is not known yet."""
    server, timeline = reacted_server(), a_timeline()
    timeline.add_live(server.entries[1])
    timeline.add_page(server.state_at(3)[:1], 1, 1, 3)
    assert timeline.room.messages[0].reactions == {}
    other = a_timeline()
    other.add_page(server.state_at(3)[:1], 1, 1, 3)
    other.add_live(server.entries[1])
    assert other.room.messages[0].reactions == {}


def test_late_change_is_put_between_the_others_only_from_the_page_on() -> None:
    """Building a message anew begins with what the server said of it, not with what it had in it already."""
    server, timeline = reacted_server(), a_timeline()
    server.change("jules", "edit", 1, "edited again", None)
    timeline.add_live(server.entries[1])
    timeline.add_page(server.state_at(3)[:1], 1, 1, 3)
    timeline.add_live(server.entries[4])
    timeline.add_live(server.entries[3])
    message = timeline.room.messages[0]
    assert (message.body, message.reactions) == ("edited again", {})


def test_page_newer_than_what_is_shown_replaces_it() -> None:
    """A second look at a message brings what changed meanwhile, although the change itself is in a gap."""
    server, timeline = reacted_server(), a_timeline()
    timeline.add_page(server.state_at(1)[:1], 1, 1, 1)
    added = timeline.add_page(server.state_at(4)[:1], 1, 1, 4)
    assert (timeline.room.messages[0].body, added.changed) == ("edited", {1})


def test_page_older_than_what_is_shown_changes_nothing() -> None:
    """An answer that was overtaken does not bring an old text back."""
    server, timeline = reacted_server(), a_timeline()
    timeline.add_page(server.state_at(4)[:1], 1, 1, 4)
    added = timeline.add_page(server.state_at(2)[:1], 1, 1, 2)
    assert (timeline.room.messages[0].body, timeline.room.messages[0].reactions) == ("edited", {})
    assert added.changed == set()


def test_reactions_come_in_a_fixed_order_without_empty_ones() -> None:
    """The order of emoji and names does not depend on the way they came."""
    assert sorted_reactions({"b": ("z", "a"), "c": (), "a": ("x",)}) == {"a": ("x",), "b": ("a", "z")}


def test_client_state_starts_signed_out() -> None:
    """A new state shows the sign-in window."""
    assert ClientState().connection.phase == "signed_out"
