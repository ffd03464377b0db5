"""The model alone: what each event and answer does to the state, and what is announced."""

from collections.abc import Sequence

import pytest

from chat_client.model import changes as ch
from chat_client.model.model import HISTORY_IN_FLIGHT_MAX
from chat_client.model.state import MessageState, Mute, NotifyLevel, Status
from chat_protocol import own_events, room_events, server_events
from chat_protocol.message_replies import ReadMarked
from chat_protocol.objects import Message, Room, User
from chat_protocol.requests import History
from tests.chat_client.model.bench import ModelBench, lobby_of, page_of, said_of


@pytest.fixture
def bench() -> ModelBench:
    return ModelBench()


def _attention(changes: Sequence[ch.Change]) -> list[tuple[str, int | None]]:
    return [(one.room, one.message.seq) for one in changes if isinstance(one, ch.Attention)]


# Sign-in and connection


def test_sign_in_says_who_one_is(bench: ModelBench) -> None:
    """The first one is fresh; mutes of before are forgotten, and the own name is known."""
    bench.state.mutes["lobby"] = Mute("loud", None)
    bench.state.status, bench.state.status_text = "busy", "a call"
    everything = [ch.ProfileChanged(), ch.RoomsChanged(), ch.PeopleChanged()]
    assert [one for one in bench.sign_in() if one != ch.RoomChanged("lobby")] == [
        ch.SignedIn(True),
        *everything,
    ]
    assert (bench.state.username, bench.state.display_name, bench.state.role) == ("zoe", "Zoé", "moderator")
    assert bench.state.mutes == {}
    me = bench.state.people["zoe"]
    assert (me.display_name, me.status, me.text) == ("Zoé", "busy", "a call")
    assert bench.sign_in()[0] == ch.SignedIn(False)


def test_event_of_the_connection_changes_nothing(bench: ModelBench) -> None:
    """What ends or greets a connection is not the model's."""
    assert bench.apply(server_events.Hello("chat", "1.0.0")) == []


def test_disconnected_forgets_requests_under_way(bench: ModelBench) -> None:
    """After a lost connection the same page is asked for again, and nobody is taken for present."""
    bench.sign_in(lobby_of(last_seq=9, read_seq=1))
    (asked,) = bench.model.take_requests()
    assert bench.room("lobby").loading
    assert bench.model.take_requests() == []
    bench.model.people.person("jules").status = "online"
    bench.model.jump_to(bench.room("lobby"), 2)
    plan = bench.model.rooms.plan(bench.room("lobby"))
    bench.model.disconnected()
    assert (plan.asked, plan.jump_to) == (None, None)
    assert not bench.room("lobby").loading
    assert bench.state.people["jules"].status == "offline"
    bench.sign_in(lobby_of(last_seq=9, read_seq=1))
    assert bench.model.take_requests() == [asked]


# History


def test_few_histories_are_under_way_and_the_open_room_is_first(bench: ModelBench) -> None:
    """Only so many pages are asked for at a time; each answer makes place for one."""
    names = [f"r{number}" for number in range(HISTORY_IN_FLIGHT_MAX + 2)]
    bench.sign_in(*[lobby_of(5, 1, name, name) for name in names])
    bench.state.open_room = names[-1]
    asked = bench.model.take_requests()
    assert [one.room for one in asked] == [names[-1], *names[: HISTORY_IN_FLIGHT_MAX - 1]]
    assert bench.model.take_requests() == []
    bench.model.history_answered(asked[0], page_of(names[-1], [1, 2, 3, 4, 5]))
    (another,) = bench.model.take_requests()
    assert another.room == names[HISTORY_IN_FLIGHT_MAX - 1]


def test_nothing_is_asked_in_rooms_of_others(bench: ModelBench) -> None:
    """A room that one has left is not read."""
    bench.sign_in(lobby_of(5, 1))
    bench.room("lobby").membership = "pending"
    assert bench.model.take_requests() == []


def test_history_answer_fills_the_room(bench: ModelBench) -> None:
    """A page of messages is appended, and the request is no longer under way."""
    bench.sign_in(lobby_of(3, 0))
    (asked,) = bench.model.take_requests()
    bench.take()
    bench.model.history_answered(asked, page_of("Lobby", [1, 2, 3]))
    assert bench.take() == [ch.MessagesAppended("lobby", 3), ch.RoomChanged("lobby")]
    room = bench.room("lobby")
    assert [message.seq for message in room.messages] == [1, 2, 3]
    assert (room.unread, room.loading, room.read_seq) == (3, False, 0)


def test_late_history_answer_is_ignored(bench: ModelBench) -> None:
    """An answer to what is not asked any more, or about a room that is gone, changes nothing."""
    bench.sign_in(lobby_of(3, 0))
    bench.model.take_requests()
    bench.take()
    bench.model.history_answered(History("Lobby"), page_of("Lobby", [1, 2, 3]))
    bench.model.history_answered(History("elsewhere"), page_of("elsewhere", [1]))
    assert bench.take() == []
    assert bench.room("lobby").messages == []


def test_what_was_said_before_one_joined_counts_as_read(bench: ModelBench) -> None:
    """The first page after joining moves the reading mark to its end."""
    bench.sign_in(Room("Lobby", "public", membership="none", id="r1"))
    bench.model.rooms.set_membership(bench.room("lobby"), "joined")
    (asked,) = bench.model.take_requests()
    bench.model.history_answered(asked, page_of("Lobby", [4, 5]))
    assert (bench.room("lobby").read_seq, bench.room("lobby").unread) == (5, 0)
    bench.say("Lobby", 6)
    assert bench.room("lobby").unread == 1


def test_failed_history_is_asked_again_unless_for_good(bench: ModelBench) -> None:
    """A gap that cannot be read costs one request; a passing failure is tried again."""
    bench.sign_in(lobby_of(0, 0))
    for seq in (1, 4):
        bench.say("Lobby", seq)
    (asked,) = bench.model.take_requests()
    bench.take()
    bench.model.history_failed(asked, for_good=False)
    assert bench.take() == [ch.RoomChanged("lobby")]
    (again,) = bench.model.take_requests()
    bench.model.history_failed(again, for_good=True)
    assert bench.model.take_requests() == []
    bench.take()
    bench.model.history_failed(History("elsewhere"), for_good=True)
    assert bench.take() == []


def test_jump_waits_for_the_history_around_the_message(bench: ModelBench) -> None:
    """A loaded message is shown at once; another one after its page, once."""
    bench.sign_in(lobby_of(0, 0))
    bench.say("Lobby", 1)
    bench.model.jump_to(bench.room("lobby"), 1)
    assert bench.take() == [ch.JumpReady("lobby", 1)]
    bench.sign_in(lobby_of(500, 500))
    bench.model.jump_to(bench.room("lobby"), 200)
    assert bench.take() == []
    while asked := bench.model.take_requests():
        for one in asked:
            if one.before is not None:
                low = one.before - one.limit
                bench.model.history_answered(one, page_of("Lobby", range(low, one.before), more=True))
            else:
                assert one.after is not None
                low = one.after + 1
                bench.model.history_answered(one, page_of("Lobby", range(low, min(501, low + one.limit))))
    assert [one for one in bench.take() if isinstance(one, ch.JumpReady)] == [ch.JumpReady("lobby", 200)]


# What was missed


def test_message_of_an_unknown_room_brings_the_room(bench: ModelBench) -> None:
    """Another session of the user has joined it; what was said before counts as read."""
    bench.sign_in()
    changes = bench.say("Tower", 5)
    assert changes[0] == ch.RoomsChanged()
    room = bench.room("tower")
    assert (room.joined, room.last_seq, room.read_seq, room.unread) == (True, 5, 4, 1)


def test_message_in_a_room_that_was_left_joins_it(bench: ModelBench) -> None:
    """Who gets a room's messages belongs to it."""
    bench.sign_in(Room("Lobby", "public", membership="none", id="r1"))
    bench.say("Lobby", 1)
    assert bench.room("lobby").joined


def test_attention_as_the_room_s_level_has_it(bench: ModelBench) -> None:
    """Mentions call by default, everything where the user chose so, and nothing in a muted room."""
    bench.levels = {"all": NotifyLevel.ALL, "none": NotifyLevel.NONE}
    bench.sign_in(*[lobby_of(name=name, room_id="") for name in ("Usual", "All", "None")])
    assert _attention(bench.say("Usual", 1)) == []
    assert _attention(bench.say("Usual", 2, body="@zoe look")) == [("usual", 2)]
    assert _attention(bench.say("All", 1)) == [("all", 1)]
    assert _attention(bench.say("All", 2, author="zoe")) == []
    assert _attention(bench.say("None", 1, body="@zoe look")) == []


def test_attention_is_for_news_alone(bench: ModelBench) -> None:
    """What was read elsewhere, came twice, or is a change of another message calls nobody."""
    bench.levels = {"lobby": NotifyLevel.ALL}
    bench.sign_in(lobby_of(3, 3))
    assert _attention(bench.say("Lobby", 3)) == []
    assert _attention(bench.say("Lobby", 4)) == [("lobby", 4)]
    assert _attention(bench.say("Lobby", 4)) == []
    edit = Message("Lobby", 5, "jules", "@zoe", 1, "edit", 4)
    assert _attention(bench.apply(room_events.MessageEvent(edit))) == []
    assert bench.room("lobby").messages[-1].body == "@zoe"


def test_repeated_message_announces_nothing(bench: ModelBench) -> None:
    """A message that is there already does not have the room drawn again."""
    bench.sign_in(lobby_of())
    assert bench.say("Lobby", 1) == [ch.MessagesAppended("lobby", 1), ch.RoomChanged("lobby")]
    assert bench.say("Lobby", 1) == []


def test_message_ends_its_author_s_typing(bench: ModelBench) -> None:
    """Whoever has sent the message is not writing it any more; others are."""
    bench.sign_in(lobby_of())
    for name in ("jules", "ada"):
        bench.apply(room_events.TypingEvent("Lobby", name))
    assert ch.TypingChanged("lobby") in bench.say("Lobby", 1)
    assert list(bench.room("lobby").typing) == ["ada"]


# The outbox


def _waiting(nonce: str) -> MessageState:
    return MessageState(None, "zoe", "hi", 1, nonce, Status.PENDING, mine=True)


def test_waiting_message_is_shown_once_and_goes_when_stored(bench: ModelBench) -> None:
    """The stored message takes the place of the one that waited, and the others go on waiting."""
    bench.sign_in(lobby_of())
    room = bench.room("lobby")
    for nonce in ("a", "b", "a"):
        bench.model.add_pending(room, _waiting(nonce))
    assert bench.take() == [ch.PendingChanged("lobby")] * 2
    assert bench.model.pending(room, "b") is room.pending[1]
    assert bench.model.pending(room, "c") is None
    bench.model.stored(room, said_of("Lobby", 1, "zoe"), "a")
    assert bench.take()[0] == ch.PendingChanged("lobby")
    assert [message.nonce for message in room.pending] == ["b"]
    assert [(message.seq, message.mine) for message in room.messages] == [(1, True)]
    assert room.unread == 0
    bench.model.discard_pending(room, "a")
    assert bench.take() == []


def test_refused_message_says_why(bench: ModelBench) -> None:
    """It stays to be sent again or discarded; one that is gone is not refused."""
    bench.sign_in(lobby_of())
    room = bench.room("lobby")
    bench.model.add_pending(room, _waiting("a"))
    bench.take()
    bench.model.refused(room, "a", "muted")
    assert (room.pending[0].status, room.pending[0].error) == (Status.REFUSED, "muted")
    assert bench.take() == [ch.PendingChanged("lobby")]
    bench.model.refused(room, "b", "muted")
    assert bench.take() == []


# Reading marks and the rest


def test_reading_mark_moves_forward_alone(bench: ModelBench) -> None:
    """It never passes the last message nor goes back; from another session it comes as an event."""
    bench.sign_in(lobby_of())
    for seq in (1, 2, 3):
        bench.say("Lobby", seq)
    room = bench.room("lobby")
    assert bench.apply(own_events.ReadEvent("Lobby", 2, "r1")) == [ch.RoomChanged("lobby")]
    assert (room.read_seq, room.unread) == (2, 1)
    assert bench.apply(own_events.ReadEvent("Lobby", 2)) == []
    assert bench.apply(own_events.ReadEvent("Lobby", 1)) == []
    assert bench.apply(own_events.ReadEvent("elsewhere", 1)) == []
    bench.model.mark_read(room, 99)
    assert (room.read_seq, room.unread) == (3, 0)


def test_counts_of_the_server_are_taken_where_it_counted(bench: ModelBench) -> None:
    """A reply without counts changes nothing."""
    bench.sign_in(lobby_of(50, 10))
    room = bench.room("lobby")
    bench.take()
    for reply in (ReadMarked("Lobby", 10), ReadMarked("Lobby", 10, 50), ReadMarked("Lobby", 10, None, 7, 2)):
        bench.model.counted(room, reply)
    assert bench.take() == []
    bench.model.counted(room, ReadMarked("Lobby", 10, 50, 7, 2))
    assert (room.unread, room.mentions) == (7, 2)
    assert bench.take() == [ch.RoomChanged("lobby")]
    bench.model.counted(room, ReadMarked("Lobby", 10, 50, 5))
    assert (room.unread, room.mentions) == (5, 0)


def test_sign_in_elsewhere_is_announced(bench: ModelBench) -> None:
    """A device that does not say its name has an empty one."""
    told = ch.DeviceSignedIn("desk (Linux)", "192.0.2.7")
    assert bench.apply(own_events.DeviceEvent("192.0.2.7", "desk (Linux)")) == [told]
    assert bench.apply(own_events.DeviceEvent("192.0.2.7")) == [ch.DeviceSignedIn("", "192.0.2.7")]


def test_notices_requests_and_planned_stops_are_kept(bench: ModelBench) -> None:
    """Each is in the state, and announced."""
    assert bench.apply(server_events.NoticeEvent("hello all")) == [ch.NoticeArrived("hello all")]
    assert bench.state.notices == ["hello all"]
    assert bench.apply(room_events.ModerationEvent(3)) == [ch.ModerationChanged()]
    assert bench.state.join_request_count == 3
    assert bench.apply(server_events.ShutdownScheduledEvent(99, "repairs")) == [ch.ConnectionChanged()]
    connection = bench.state.connection
    assert (connection.shutdown_at, connection.shutdown_reason) == (99, "repairs")


def test_profile_of_the_own_account_changes(bench: ModelBench) -> None:
    """A new display name or role holds in the state and among the people."""
    bench.sign_in()
    changes = bench.apply(own_events.ProfileEvent(User("zoe", "Zoé Ω", "admin")))
    assert changes == [ch.ProfileChanged(), ch.PeopleChanged(("zoe",))]
    assert (bench.state.display_name, bench.state.role) == ("Zoé Ω", "admin")
    assert bench.state.people["zoe"].display_name == "Zoé Ω"


def test_mutes_begin_and_end(bench: ModelBench) -> None:
    """One holds in its room or everywhere; lifting the one that holds everywhere lifts all."""
    bench.sign_in(lobby_of())
    assert bench.apply(own_events.MuteEvent(True, "loud", 500, "Lobby", "r1")) == [ch.ProfileChanged()]
    assert bench.state.mutes == {"lobby": Mute("loud", 500)}
    assert bench.apply(own_events.MuteEvent(True, "again", None)) == [ch.ProfileChanged()]
    assert bench.state.mutes[""] == Mute("again", None)
    assert bench.apply(own_events.MuteEvent(False, room="Lobby")) == [ch.ProfileChanged()]
    assert list(bench.state.mutes) == [""]
    bench.apply(own_events.MuteEvent(True, "loud", 500, "Lobby", "r1"))
    assert bench.apply(own_events.MuteEvent(False)) == [ch.ProfileChanged()]
    assert bench.state.mutes == {}
    assert bench.apply(own_events.MuteEvent(True, "x", None, "elsewhere")) == []
    assert bench.state.mutes == {}
