"""People, search, profile and moderation: requests and what their answers change."""

from chat_client.model.changes import (
    FoundPeopleChanged,
    ModerationChanged,
    ProfileChanged,
    RequestDone,
    RequestFailed,
    SearchChanged,
)
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import Bench, a_message, a_room


def test_search_fills_in_results_and_goes_on(bench: Bench) -> None:
    """Results carry their room; more are asked for before the last one, and come once."""
    bench.sign_in(a_room("Général"))
    bench.client.search.start("soup", "general")
    assert bench.state.search.busy
    assert SearchChanged() in bench.poll()
    request = bench.server.take("search")
    assert (request["query"], request["room"]) == ("soup", "Général")
    found = [a_message("Général", seq) for seq in (9, 8)]
    bench.server.ok(request, messages=found, more=True)
    assert SearchChanged() in bench.poll()
    search = bench.state.search
    assert [(r.room, r.message.seq) for r in search.results] == [("general", 9), ("general", 8)]
    bench.client.search.more()
    assert search.busy
    bench.client.search.more()  # one page at a time
    (request,) = bench.server.take_all("search")
    assert request["before"] == to_rfc3339(search.results[-1].message.sent_at + 1)
    bench.server.ok(request, messages=[a_message("Général", seq) for seq in (8, 7)], more=False)
    bench.poll()
    assert [r.message.seq for r in search.results] == [9, 8, 7]
    bench.client.search.more()
    assert bench.server.take_all("search") == []


def test_search_ends_where_a_page_brings_nothing_new(bench: Bench) -> None:
    """A server that says there is more and sends what is known is not asked for ever."""
    bench.sign_in(a_room("Lobby"))
    bench.client.search.start("soup")
    for _ in range(2):
        bench.server.ok(bench.server.take("search"), messages=[a_message("Lobby", 9)], more=True)
        bench.poll()
        bench.client.search.more()
    assert (bench.state.search.busy, bench.state.search.more) == (False, False)
    assert bench.server.take_all("search") == []


def test_search_answer_that_comes_after_another_search_is_not_shown(bench: Bench) -> None:
    """The view shows the results of what was typed last."""
    bench.sign_in(a_room("Lobby"))
    bench.client.search.start("so")
    bench.client.search.start("soup")
    first, second = bench.server.take("search"), bench.server.take("search")
    bench.server.ok(second, messages=[], more=False)
    bench.server.ok(first, messages=[a_message("Lobby", 1)], more=False)
    bench.poll()
    assert (bench.state.search.query, bench.state.search.results) == ("soup", [])


def test_search_refused_tells_its_code(bench: Bench) -> None:
    """A search that the server cannot do ends the waiting."""
    bench.sign_in()
    bench.client.search.start("soup")
    bench.server.error(bench.server.take("search"), "unavailable")
    bench.poll()
    assert (bench.state.search.busy, bench.state.search.code) == (False, "unavailable")
    bench.client.search.clear()
    assert bench.state.search.query == ""
    assert SearchChanged() in bench.poll()


def test_find_people_learns_names_and_presence(bench: Bench) -> None:
    """Who was found is known afterwards."""
    bench.sign_in()
    bench.client.people.find("ju")
    request = bench.server.take("users")
    assert request["prefix"] == "ju"
    bench.server.ok(
        request,
        users=[{"username": "jules", "display_name": "Jules V.", "status": "busy", "text": "away soon"}],
    )
    assert FoundPeopleChanged() in bench.poll()
    (person,) = bench.state.found_people
    assert (person.display_name, person.status, person.text) == ("Jules V.", "busy", "away soon")
    assert bench.state.people["jules"] is person


def test_display_name_changes_with_its_answer(bench: Bench) -> None:
    """The name is shown when the server has it."""
    bench.sign_in()
    bench.client.status.set_display_name("Zoé Ω")
    user = {"username": "zoe", "display_name": "Zoé Ω", "role": "member"}
    bench.server.ok(bench.server.take("profile"), user=user)
    changes = bench.poll()
    assert ProfileChanged() in changes
    assert RequestDone("profile") in changes
    assert bench.state.display_name == "Zoé Ω"


def test_moderator_sees_who_waits_and_decides(bench: Bench) -> None:
    """The list comes with the sign-in and again when it changes; a decision goes out with its reason."""
    bench.sign_in(a_room("Board", kind="moderated"), role="moderator")
    waiting = {
        "username": "jules",
        "display_name": "Jules",
        "room": "Board",
        "reason": "work",
        "requested_at": to_rfc3339(7000),
    }
    bench.server.ok(bench.server.take("moderation.pending"), requests=[waiting])
    assert ModerationChanged() in bench.poll()
    (asked,) = bench.state.join_requests
    assert (asked.username, asked.room, asked.reason, asked.requested_at) == ("jules", "Board", "work", 7000)
    bench.client.moderation.decide("jules", "board", False, "not yet")
    request = bench.server.take("moderation.decide")
    assert (request["room"], request["accept"], request["reason"]) == ("Board", False, "not yet")
    bench.server.ok(request)
    assert RequestDone("moderation.decide", "board") in bench.poll()
    bench.server.ok(bench.server.take("moderation.pending"), requests=[])
    bench.poll()
    assert bench.state.join_request_count == 0


def test_moderation_event_asks_for_the_list(bench: Bench) -> None:
    """A new request is on the moderator's screen without asking."""
    bench.sign_in(role="admin")
    bench.server.take("moderation.pending")
    bench.server.say({"type": "moderation", "pending": 2})
    bench.poll()
    assert bench.state.join_request_count == 2
    assert bench.server.take("moderation.pending")


def test_member_asks_for_no_moderation(bench: Bench) -> None:
    """What would be forbidden is not asked."""
    bench.sign_in()
    assert bench.server.take_all("moderation.pending") == []


def test_sanction_and_its_lifting_go_out_as_asked(bench: Bench) -> None:
    """Empty fields are left out; a refusal is told."""
    bench.sign_in(a_room("Lobby"), role="moderator")
    bench.client.moderation.sanction("mute", username="jules", duration_s=600, room="lobby")
    request = bench.server.take("moderation.sanction")
    assert {k: v for k, v in request.items() if k not in ("type", "ref")} == {
        "kind": "mute",
        "username": "jules",
        "duration": 600,
        "room": "Lobby",
    }
    bench.server.error(request, "forbidden")
    (failed,) = [change for change in bench.poll() if isinstance(change, RequestFailed)]
    assert (failed.request, failed.code) == ("moderation.sanction", "forbidden")
    bench.client.moderation.lift("ban", address="192.0.2.0/24")
    request = bench.server.take("moderation.lift")
    assert (request["kind"], request["address"]) == ("ban", "192.0.2.0/24")
