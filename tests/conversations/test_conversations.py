"""The protocol page says what the server does: each conversation is held with real servers."""

import contextlib
import io
import itertools
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from chat_protocol.names import fold_text
from chat_protocol.times import now_ms
from chat_server.admin.client import Client
from chat_server.services.accounts.passwords import hash_password
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import open_storage
from tests.conversations.page import PAGE, make_page
from tests.conversations.player import Account, Place, Player
from tests.conversations.script import ABSENT, Conversation, Step, Values, difference, fill, glued, read_all
from tests.support.mariadb import MariaDb
from tests.support.server import LOGGED_ERROR, start_server
from tests.support.wire import PASSWORD

Pair = tuple[Path, Path]

#: Above this, one byte at a time shows nothing more and takes long.
SHORT_BYTES: Final = 1_000
CONVERSATIONS: Final = read_all()
#: How frames are cut in the conversations with each server.
LIMITS: Final = {
    "strict": "messages_burst = 2\nmessages_per_second = 0.5\nsign_in_s = 1",
    "own": "backlog_max_bytes = 65536",
}
CUTS: Final = {"sqlite": ("whole", "split", "bytes"), "mariadb": ("whole", "glued"), "tls": ("glued",)}


def _is_short(conversation: Conversation) -> bool:
    sent = [step.text for step in conversation.steps if step.arrow in ("->", "~>")]
    return len("".join(sent)) <= SHORT_BYTES and not any("${" in text for text in sent)


def _cuts(kind: str, conversation: Conversation) -> list[str]:
    if _server_of(conversation) == "own":
        return ["whole"]
    return [cut for cut in CUTS[kind] if cut != "bytes" or _is_short(conversation)]


def _server_of(conversation: Conversation) -> str:
    """Return with which server a conversation is held: an `ordinary`, a `strict` or its `own` one."""
    return "".join(conversation.words("server")) or "ordinary"


def _with(server: str) -> list[Conversation]:
    return [conversation for conversation in CONVERSATIONS if _server_of(conversation) == server]


def _people_of(kind: str, server: str) -> int:
    """Return how many people the conversations with one server need: each run has its own."""
    return sum(
        len(_cuts(kind, conversation)) * len(conversation.words("people") + conversation.words("admins"))
        for conversation in _with(server)
    )


def _make_accounts(database: str, count: int) -> list[Account]:
    """Make accounts before the server starts, with one hash: hashing a password is slow on purpose."""
    storage, made, password = open_storage(database), [], hash_password(PASSWORD)
    try:
        for number in range(count):
            name = f"user{number}"
            user = storage.users.create(name, fold_text(name), name, password, now_ms(), "member")
            storage.tokens.add(user.id, hash_secret(f"token of {name}"), now_ms())
            made.append(Account(name, f"token of {name}"))
    finally:
        storage.close()
    return made


def _run_command(data_dir: Path, line: str) -> str:
    printed = io.StringIO()
    client = Client(data_dir, yes=True)
    try:
        with contextlib.redirect_stdout(printed):
            assert client.run_words(shlex.split(line)) == 0, line
    finally:
        client.close()
    return printed.getvalue()


def _run_sql(mariadb: MariaDb, database: str, statement: str) -> None:
    kind, _, name = database.rpartition("/")
    if kind.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            connection.execute(statement)
            connection.commit()
    else:
        mariadb.sql(statement, name.partition("?")[0])


Places = dict[tuple[str, str], Place]


Starter = Callable[[str, str], contextlib.AbstractContextManager[Place]]


@pytest.fixture(scope="module")
def start(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory, tls_files: Pair) -> Starter:
    """Start a server of a kind (`sqlite`, `mariadb`, or `tls` with SQLite) for some conversations."""
    certificate, key = map(str, tls_files)

    @contextlib.contextmanager
    def started(kind: str, name: str) -> Iterator[Place]:
        folder = tmp_path_factory.mktemp(kind) / "data"
        folder.mkdir(mode=0o700)
        database = mariadb.new_database() if kind == "mariadb" else f"sqlite:///{folder / 'chat.db'}"
        tls = ("--tls-cert", certificate, "--tls-key", key) if kind == "tls" else ()
        unused = _make_accounts(database, _people_of(kind, name))
        server = start_server(folder, *tls, *_options(folder, name), tls=kind == "tls", database=database)
        server.wait_for_output("no console here")
        yield Place(
            kind,
            server.port,
            lambda line: _run_command(folder, line),
            unused,
            lambda statement: _run_sql(mariadb, database, statement),
        )
        assert server.stop() == 0, server.output
        assert not LOGGED_ERROR.search(server.output), server.output

    return started


@pytest.fixture(scope="module")
def places(start: Starter) -> Iterator[Places]:
    """A server for each kind and strictness, which many conversations share."""
    with contextlib.ExitStack() as running:
        yield {
            (kind, name): running.enter_context(start(kind, name))
            for kind, name in itertools.product(CUTS, ("ordinary", "strict"))
        }


def _options(folder: Path, name: str) -> tuple[str, ...]:
    if name == "ordinary":
        return ("--no-limits",)
    settings = folder.parent / "settings.toml"
    settings.write_text(f"[limits]\n{LIMITS[name]}\n")
    return ("--config", str(settings), *(("--no-limits",) if name == "own" else ()))


# In `make test` each is held with one server, by turns; with the others, too, in `make test-long`.
HELD: Final = [
    pytest.param(
        kind,
        conversation,
        id=f"{kind}-{conversation.name}",
        marks=() if number % len(CUTS) == turn else pytest.mark.long,
    )
    for turn, kind in enumerate(CUTS)
    for number, conversation in enumerate(CONVERSATIONS)
]


@pytest.mark.parametrize(("kind", "conversation"), HELD)
def test_server_keeps_to_the_conversation(
    places: Places, start: Starter, kind: str, conversation: Conversation
) -> None:
    """The server answers as the conversation says, however the frames are cut."""
    name = _server_of(conversation)
    for cut in _cuts(kind, conversation):
        with start(kind, name) if name == "own" else contextlib.nullcontext(places[kind, name]) as place:
            Player(place, conversation, cut).play()


def test_page_of_conversations_fresh() -> None:
    """docs/build/conversations.md shows the conversations as they are."""
    assert PAGE.read_text(encoding="utf-8") == make_page(), (
        "stale: run `make conversations-page` and commit it"
    )


@pytest.mark.parametrize(
    ("expected", "found", "wrong"),
    [
        ({"a": 1}, {"a": 1, "later": True}, ""),
        ({"a": 1}, {"a": True}, "a is True, not 1"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1] is 3, not 2"),
        ({"a": [1]}, {"a": [1, 2]}, "a has 2 items, not 1: [1, 2]"),
        ({"a": [1, "..."]}, {"a": [1, 2]}, ""),
        ({"a": ABSENT}, {"a": None}, "a is None, and should be absent"),
        ({"a": 1}, {}, "a is absent"),
        ({"a": "$new", "b": "$new"}, {"a": 1, "b": 2}, "b is 2, not 1"),
        ({"a": "to $zoe"}, {"a": "to jules"}, "a is 'to jules', not 'to zoe7'"),
    ],
)
def test_difference_is_told(expected: object, found: object, wrong: str) -> None:
    """A frame that differs is told with the place, and what is not expected is ignored."""
    assert difference(expected, found, {"zoe": "zoe7"}) == wrong


def test_requests_glued_up_to_what_must_be_read_first() -> None:
    """What is sent in one write ends where somebody else speaks, or a value must be read from a reply."""
    steps = [
        Step(1, "zoe", "->", "a"),
        Step(2, "zoe", "<-", "{}"),
        Step(3, "zoe", "->", "b"),
        Step(4, "zoe", "->", '"$later"'),
    ]
    values: Values = {}
    assert glued(steps, 0, values) == [0, 2]
    assert glued([*steps[:2], Step(3, "jules", "->", "b")], 0, values) == [0]


def test_placeholders_filled() -> None:
    """A whole string becomes the value itself, a part of one its text."""
    assert fill('{"a":"$n","b":"@$zoe","c":"${x*3}"}', {"n": 7, "zoe": "z"}) == '{"a":7,"b":"@z","c":"xxx"}'
