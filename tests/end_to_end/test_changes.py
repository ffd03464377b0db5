"""Edits, deletions, reactions and answers: each has its own place in the room's order."""

from collections.abc import Callable

import pytest

from tests.support.server import ServerProcess
from tests.support.wire import Frame, WireClient, connected, own_name

ROOM = "Général"
Person = Callable[..., WireClient]


def said(client: WireClient, body: str = "hello") -> int:
    """Say something and return its seq."""
    return int(client.ok("send", room=ROOM, body=body)["seq"])


def stored(client: WireClient, seq: int) -> Frame:
    """Return one message as the history shows it now."""
    (found,) = client.ok("history", room=ROOM, after=seq - 1, limit=1)["messages"]
    return dict(found)


def test_changes_on_each_database(server_process: Callable[..., ServerProcess], database: str | None) -> None:
    """Edits, reactions and deletions come as events in order, stand in the history, and show there."""
    server = server_process(database=database)
    with connected(server.port) as alice, connected(server.port) as bob:
        alice.register("alice")
        bob.register("bob")
        assert said(alice, "helo") == 1
        edit = alice.ok("edit", room=ROOM, seq=1, body="hello", nonce="n1")
        assert (edit["room"], edit["seq"], edit["target"]) == (ROOM, 2, 1)
        assert alice.ok("edit", room=ROOM, seq=1, body="hello", nonce="n1")["seq"] == 2
        assert bob.ok("react", room=ROOM, seq=1, emoji="👍🏽")["seq"] == 3
        assert alice.ok("react", room=ROOM, seq=1, emoji="👍🏽")["seq"] == 4
        present = stored(bob, 1)
        assert (present["body"], present["edited_at"]) == ("hello", edit["sent_at"])
        # By time; of one millisecond, in either order.
        assert {emoji: sorted(names) for emoji, names in present["reactions"].items()} == {
            "👍🏽": ["alice", "bob"]
        }
        assert bob.ok("react", room=ROOM, seq=1, emoji="👍🏽", on=False)["seq"] == 5
        assert stored(bob, 1)["reactions"] == {"👍🏽": ["alice"]}
        assert alice.ok("send", room=ROOM, body="again", reply_to=1)["seq"] == 6
        assert alice.ok("delete", room=ROOM, seq=1)["seq"] == 7
        events = bob.collect(lambda frames: len(frames) == 5)
        kinds = [(event["seq"], event.get("kind"), event["body"], event.get("target")) for event in events]
        assert kinds == [
            (1, None, "helo", None),
            (2, "edit", "hello", 1),
            (4, "react", "👍🏽", 1),
            (6, None, "again", None),
            (7, "delete", "", 1),
        ]
        assert events[3]["reply_to"] == 1
        history = bob.ok("history", room=ROOM, after=0)["messages"]
        assert [message["seq"] for message in history] == list(range(1, 8))
        assert (history[0]["body"], history[0]["deleted"]) == ("", True)
        assert (history[4]["kind"], history[4]["on"], history[4]["target"]) == ("react", False, 1)
        token = bob.token
    assert server.stop() == 0
    server = server_process(database=database)
    with connected(server.port) as bob:
        bob.resume(token)
        assert bob.ok("history", room=ROOM, after=0)["messages"] == history


def test_change_of_anothers_message(person: Person) -> None:
    """Others may react to a message, and neither edit nor delete it."""
    alice, bob = person("alice"), person("bob")
    seq = said(alice)
    assert bob.error("edit", room=ROOM, seq=seq, body="x") == "forbidden"
    assert bob.error("delete", room=ROOM, seq=seq) == "forbidden"
    bob.ok("react", room=ROOM, seq=seq, emoji="🎉")
    assert stored(alice, seq)["body"] == "hello"


@pytest.mark.parametrize("kind", ["edit", "delete", "react"])
def test_change_of_what_is_not_there(person: Person, kind: str) -> None:
    """A seq that has no message, a deleted one, and one that is itself a change are `no_such_message`."""
    alice = person()
    fields = {"edit": {"body": "x"}, "react": {"emoji": "👍"}}.get(kind, {})
    seq = said(alice)
    change = alice.ok("edit", room=ROOM, seq=seq, body="y")["seq"]
    deletion = alice.ok("delete", room=ROOM, seq=seq)["seq"]
    for target in (seq, change, deletion, deletion + 1, 2**53 - 1):
        assert alice.error(kind, room=ROOM, seq=target, **fields) == "no_such_message"


def test_change_in_a_room_one_is_not_in(person: Person) -> None:
    """Changes are for members."""
    alice = person()
    assert alice.error("react", room="Informatique", seq=1, emoji="👍") == "not_a_member"
    assert alice.error("edit", room="Nowhere", seq=1, body="x") == "no_such_room"


def test_reaction_that_is_repeated(person: Person) -> None:
    """Putting the same emoji twice shows it once; taking away what is not there changes nothing shown."""
    alice = person()
    name, seq = own_name(alice), said(alice)
    for _ in range(2):
        alice.ok("react", room=ROOM, seq=seq, emoji="👍")
    assert stored(alice, seq)["reactions"] == {"👍": [name]}
    for _ in range(2):
        alice.ok("react", room=ROOM, seq=seq, emoji="👍", on=False)
    assert stored(alice, seq).get("reactions", {}) == {}


def longest_emoji(number: int) -> str:
    """Return one of the flags of subdivisions: 16 characters, four bytes each."""
    return "🏴" + chr(0xE0061 + number) * 14 + "\U000e007f"


def test_reactions_without_end(person: Person) -> None:
    """A message takes 20 different reactions, and the history goes on being readable."""
    alice, bob = person("alice"), person("bob")
    seq = said(alice, "\x01" * 4000)
    for number in range(20):
        alice.ok("react", room=ROOM, seq=seq, emoji=longest_emoji(number))
    assert alice.error("react", room=ROOM, seq=seq, emoji="🎉") == "forbidden"
    bob.ok("react", room=ROOM, seq=seq, emoji=longest_emoji(0))
    alice.ok("react", room=ROOM, seq=seq, emoji=longest_emoji(1), on=False)
    alice.ok("react", room=ROOM, seq=seq, emoji="🎉")
    assert len(stored(bob, seq)["reactions"]) == 20


def test_changes_pipelined_behind_their_message(person: Person) -> None:
    """An edit in the same write as its message finds it."""
    alice, bob = person("alice"), person("bob")
    seq = said(alice) + 1
    alice.send_bytes(
        b'{"type":"send","ref":1,"room":"general","body":"frist"}\n'
        + b'{"type":"edit","ref":2,"room":"general","seq":%d,"body":"first"}\n' % seq
        + b'{"type":"delete","ref":3,"room":"general","seq":%d}\n' % seq
    )
    assert [alice.reply(ref)["seq"] for ref in (1, 2, 3)] == [seq, seq + 1, seq + 2]
    assert [bob.event("message")["seq"] for _ in range(4)] == [seq - 1, seq, seq + 1, seq + 2]


def test_private_message_edited(newcomer: Person) -> None:
    """In a private conversation a change reaches the other under the right name of the room."""
    alice, bob = newcomer("alice"), newcomer("bob")
    alice_name, bob_name = own_name(alice), own_name(bob)
    alice.ok("send", room=f"@{bob_name}", body="helo")
    assert alice.ok("edit", room=f"@{bob_name}", seq=1, body="hello")["room"] == f"@{bob_name}"
    event = bob.event("message", kind="edit")
    assert (event["room"], event["from"], event["body"]) == (f"@{alice_name}", alice_name, "hello")
