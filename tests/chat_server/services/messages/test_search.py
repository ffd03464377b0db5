"""Search as clients meet it: what is found, by whom, in which order, and how soon."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.support.server import ServerProcess, start_server
from tests.support.waiting import came_true
from tests.support.wire import WireClient, connect

FOUND_WITHIN_S = 2.0


@pytest.fixture
def server(server_process: Callable[..., ServerProcess]) -> ServerProcess:
    return server_process("--no-limits", tls=False)


@pytest.fixture
def people(server: ServerProcess) -> Iterator[Callable[[str], WireClient]]:
    """A function that signs somebody up."""
    clients: list[WireClient] = []

    def sign_up(name: str) -> WireClient:
        client = connect(server.port, tls=False)
        clients.append(client)
        client.register(name, display_name=f"{name} Durand")
        return client

    yield sign_up
    for client in clients:
        client.close()


def say(client: WireClient, body: str, room: str = "Général", **fields: Any) -> int:
    return int(client.ok("send", room=room, body=body, **fields)["seq"])


def search(client: WireClient, query: str, **fields: Any) -> list[str]:
    return [message["body"] for message in client.ok("search", query=query, **fields)["messages"]]


def searched(client: WireClient, query: str, expected: list[str], **fields: Any) -> list[str]:
    """Search until the expected is found; what was said may take two seconds."""
    came_true(lambda: search(client, query, **fields) == expected, FOUND_WITHIN_S, 0.05)
    return search(client, query, **fields)


def test_search_newest_first(people: Callable[[str], WireClient]) -> None:
    """Accents and case do not matter, all words must match, and the newest stands first."""
    alice = people("Alice")
    for body in ("Réunion à l'ÉCOLE", "rien", "la reunion de l'école, demain", "réunion"):
        say(alice, body)
    assert searched(alice, "ecole REUNION", ["la reunion de l'école, demain", "Réunion à l'ÉCOLE"]) == [
        "la reunion de l'école, demain",
        "Réunion à l'ÉCOLE",
    ]
    assert search(alice, "réu") == ["réunion", "la reunion de l'école, demain", "Réunion à l'ÉCOLE"]
    assert search(alice, "“réunion à”") == ["Réunion à l'ÉCOLE"]


def test_search_only_where_one_belongs(people: Callable[[str], WireClient]) -> None:
    """Nobody finds what was said in a room that he has not joined, or between two others."""
    alice, bob, carol = people("Alice"), people("Bob"), people("Carol")
    alice.ok("join", room="Blabla")
    say(alice, "girafe à Blabla", "Blabla")
    say(alice, "girafe pour Bob", "@Bob")
    assert searched(alice, "girafe", ["girafe pour Bob", "girafe à Blabla"]) == [
        "girafe pour Bob",
        "girafe à Blabla",
    ]
    reply = bob.ok("search", query="girafe")
    assert [(message["room"], message["from"]) for message in reply["messages"]] == [("@Alice", "Alice")]
    assert search(carol, "girafe") == []
    assert carol.error("search", query="girafe", room="Blabla") == "not_a_member"
    assert search(carol, "girafe in:Blabla") == []
    carol.ok("join", room="Blabla")
    assert search(carol, "girafe") == ["girafe à Blabla"]
    carol.ok("leave", room="Blabla")
    assert search(carol, "girafe") == []


def test_search_filters(people: Callable[[str], WireClient]) -> None:
    """`from:`, `in:`, `before:` and `after:` narrow the search, in any case and with quotes."""
    alice, bob = people("Alice"), people("Bob")
    for client in (alice, bob):
        client.ok("join", room="Blabla")
    say(alice, "tigre un")
    say(bob, "tigre deux", "Blabla")
    say(bob, "tigre trois", "@alice")
    assert len(searched(alice, "tigre", ["tigre trois", "tigre deux", "tigre un"])) == 3
    assert search(alice, "tigre from:@bob") == ["tigre trois", "tigre deux"]
    assert search(alice, 'FROM:"alice durand"') == ["tigre un"]
    assert search(alice, "tigre from:nobody") == []
    assert search(alice, 'tigre in:"général"') == ["tigre un"]
    assert search(alice, "in:@Bob tigre") == ["tigre trois"]
    assert search(alice, "tigre", room="@bob") == ["tigre trois"]
    assert search(alice, "tigre before:2020-01-01") == []
    assert search(alice, "tigre after:2020-01-01 from:alice") == ["tigre un"]
    assert search(alice, "from:bob after:2020-01-01") == ["tigre trois", "tigre deux"]
    assert search(alice, "tigre before:yesterday") == []


def test_search_follows_changes(people: Callable[[str], WireClient]) -> None:
    """An edited message is found by its new words only, a deleted one not at all."""
    alice = people("Alice")
    first, second = say(alice, "lapin blanc"), say(alice, "lapin noir")
    assert searched(alice, "lapin", ["lapin noir", "lapin blanc"]) == ["lapin noir", "lapin blanc"]
    alice.ok("edit", room="Général", seq=first, body="lièvre blanc")
    alice.ok("delete", room="Général", seq=second)
    alice.ok("react", room="Général", seq=first, emoji="👍")
    assert searched(alice, "lièvre", ["lièvre blanc"]) == ["lièvre blanc"]
    assert search(alice, "lapin") == []
    (message,) = alice.ok("search", query="blanc")["messages"]
    assert message["seq"] == first
    assert message["edited_at"]
    assert message["reactions"] == {"👍": ["Alice"]}


def test_search_pages(people: Callable[[str], WireClient]) -> None:
    """`before` goes on where a page ended, until `more` is false, without a loss or a double."""
    alice = people("Alice")
    seqs = [say(alice, f"pingouin {number}") for number in range(30)]
    searched(alice, "pingouin 29", ["pingouin 29"])
    found: list[int] = []
    fields: dict[str, Any] = {}
    while True:
        page = alice.ok("search", query="pingouin", limit=10, **fields)
        found += [message["seq"] for message in page["messages"]]
        if not page["more"]:
            break
        fields = {"before": page["messages"][-1]["sent_at"]}
    assert found == seqs[::-1]


def test_search_long_messages_fit(people: Callable[[str], WireClient]) -> None:
    """A page that would not fit in a frame is cut, and says that there is more."""
    alice = people("Alice")
    for number in range(30):
        say(alice, f"zèbre {number} " + "é" * 3_900)
    searched(alice, "zebre 29", [f"zèbre 29 {'é' * 3_900}"])
    page = alice.ok("search", query="zèbre", limit=100)
    assert 1 <= len(page["messages"]) < 30
    assert page["more"]


@pytest.mark.long
def test_search_after_a_crash(server_process: Callable[..., ServerProcess]) -> None:
    """What was stored and not yet indexed when the server died is found after the next start."""
    server = server_process("--no-limits", tls=False)
    alice = connect(server.port, tls=False)
    alice.register("Alice")
    for number in range(50):
        say(alice, f"chouette {number}")
    say(alice, "chouette dernière")
    server.kill()
    alice.close()
    server = server_process("--no-limits", tls=False)
    again = connect(server.port, tls=False)
    again.login("Alice")
    assert searched(again, "chouette derniere", ["chouette dernière"]) == ["chouette dernière"]
    assert len(search(again, "chouette", limit=100)) == 51
    again.close()


@pytest.mark.long
def test_search_on_mariadb(server_process: Callable[..., ServerProcess], mariadb_url: str) -> None:
    """The production store finds the same: short words, stop words, parts of runs, and changes."""
    server = server_process("--no-limits", tls=False, database=mariadb_url)
    alice = connect(server.port, tls=False)
    alice.register("Alice")
    for body in ("the fox, à l'école", "日本語のテキスト", "le renard 🎉"):
        seq = say(alice, body)
    assert searched(alice, "🎉", ["le renard 🎉"]) == ["le renard 🎉"]
    assert search(alice, "the FOX a l") == ["the fox, à l'école"]
    assert search(alice, "本語") == ["日本語のテキスト"]
    assert search(alice, 'from:alice in:général "le ren"') == []
    assert search(alice, 'from:alice in:général "le renard"') == ["le renard 🎉"]
    alice.ok("edit", room="Général", seq=seq, body="le loup")
    assert searched(alice, "loup", ["le loup"]) == ["le loup"]
    assert search(alice, "renard") == []
    alice.close()


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "(((",
        "a@b +c -d *",
        "NEAR(a b, 2) AND NOT x OR y",
        "text : fox ^a",
        "' OR 1=1; --",
        "%_\\ \x00 \u202e",
        "from: in: before: after:",
        'from:"" in:@',
        "before:9999-12-31T23:59:60Z after:0000-00-00",
        "\U0001f468\u200d\U0001f469 ﷺ" * 20,
        "a " * 150,
    ],
    ids=count(),
)
def test_search_anything(guest: WireClient, query: str) -> None:
    """Whatever a user types is a query."""
    assert guest.ok("search", query=query)["messages"] == []


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireClient]:
    """Somebody who is signed in on a server where nothing was said."""
    server = start_server(tmp_path_factory.mktemp("server"), "--no-limits", tls=False)
    client = connect(server.port, tls=False)
    try:
        client.register("Guest")
        yield client
    finally:
        client.close()
        server.stop()
