"""The shell: every command answers, whatever is typed, and the shell keeps running."""

import json
from collections.abc import Callable
from typing import Final, cast

import pytest

from chat_protocol.server_events import EndEvent
from chat_server.console.shell.kinds import Kinds
from chat_server.console.shell.shell import DONE, REFUSED, TABLE, WRONG_USAGE
from chat_server.live.session import Account, Session
from chat_server.server import ChatServer
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.core.records import NewMessage, UserRecord
from tests.chat_server.console.conftest import Typist
from tests.chat_server.console.lines import ONE_OF_EACH
from tests.chat_server.fakes import FakeSession

MakeUser = Callable[..., UserRecord]


def test_every_command_does_its_work(console: Typist, user: MakeUser) -> None:
    """A session with each command, rightly typed, is carried out."""
    user("jules")
    for line in ONE_OF_EACH:
        assert console.status(line) == DONE, f"{line}: {console.shown}"
        assert console.shown.strip()
        assert "Refused" not in console.shown


def test_session_uses_every_command() -> None:
    """The session leaves no command out, but those with tests of their own."""
    used = {spec.words for line in ONE_OF_EACH for spec in TABLE.values() if line.startswith(spec.name)}
    left = {" ".join(words) for words in set(TABLE) - used}
    with_tests_of_their_own = {
        "accept pending", "refuse pending", "versions", "export user", "retention", "reindex", "reload",
        "files", "remove file", "quota user", "import users", "invite", "devices", "end device",
        "invitations", "revoke invitation", "certificate", "certificate announce", "certificate use",
        "certificate withdraw",
        "webhooks", "webhook add", "webhook rotate", "webhook remove", "webhook send", "external user",
        "bots", "bot add", "bot rotate", "bot revoke",
        "shutdown all", "shutdown server",
    }  # fmt: skip
    assert left <= with_tests_of_their_own


PLAIN: Final = ("user", "room", "time", "text", "number", "name", "id", "duration", "url", "file", "new name")
#: What is said where a word of a kind is missing.
MISSING: Final = {
    **{kind: f"The {kind} is missing." for kind in PLAIN},
    "device|all": "Say which device, or all.",
    "rooms|all": "Say which rooms, or all.",
    "member|moderator|admin": "Say which: member or moderator or admin.",
    "address|network": "The address, or network, is missing.",
    "newuser": "The new username is missing.",
    "a,b": "The name of a room is missing.",
    "create-rooms": "Say which: create-rooms.",
}


def test_every_command_survives_wrong_input(console: Typist) -> None:
    """Too few, too many and wrong words, control characters and endless lines: an answer, and no failure."""
    tails = ["", " a", " nobody nowhere nothing never", " --nonsense", " \x00\x1b[2J\x07", ' "', " '' ''"]
    tails += [" " + "x" * 10_000, " " + "x " * 5_000, " \u202e\udc80\U0001f389", " --help", " 🎉" * 9]
    for name in (spec.name for spec in TABLE.values() if spec.name != "shutdown"):
        for tail in tails:
            console.type(name + tail)
            assert console.shown.strip(), name + tail
            assert "failed inside" not in console.shown, name + tail
            assert "\x1b" not in console.shown, name + tail


def test_every_command_without_its_words_shows_its_usage(console: Typist) -> None:
    """Too few words: what is missing, the usage, and the status of a usage error."""
    needy = [spec for spec in TABLE.values() if any(not param.optional for param in spec.params)]
    kinds = Kinds(console.server.parts)
    needed = {param.kind for spec in needy for param in spec.params if not param.optional}
    assert {kind: kinds(kind).missing(kind) for kind in needed} == MISSING
    for spec in needy:
        assert console.status(spec.name) == WRONG_USAGE
        assert MISSING[next(param.kind for param in spec.params if not param.optional)] in console.shown
        assert f"Usage: {spec.usage}" in console.shown


@pytest.mark.parametrize("line", ["", "   ", "\t", "\x00", "\n"])
def test_empty_line_does_nothing(console: Typist, user: MakeUser, line: str) -> None:
    """Enter alone does not repeat the last command."""
    user("jules")
    console.type("ban jules")
    before = len(console.server.parts.audit.entries())
    console.type(line)
    assert len(console.server.parts.audit.entries()) == before


@pytest.mark.parametrize(
    ("line", "hint"),
    [("kik jules", "kick"), ("accept jules", "accept pending"), ("add", "add room"), ("EOF", "no command")],
)
def test_unknown_command_is_answered_with_a_hint(console: Typist, line: str, hint: str) -> None:
    """A mistyped command names what may have been meant."""
    assert console.status(line) == WRONG_USAGE
    assert hint in console.shown


def test_unknown_user_and_room_are_refused(console: Typist) -> None:
    """A name that is not there is a refusal, not a usage error."""
    assert console.status("user nobody") == REFUSED
    assert "no user" in console.shown
    assert console.status("room nowhere") == REFUSED
    assert "no room" in console.shown


@pytest.mark.logged_errors
def test_failure_is_logged_and_answered(console: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in a command is one clear line here and a traceback in the log."""

    def broken(_parts: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chat_server.console.commands.running.statistics_of", broken)
    assert console.status("stats") == REFUSED
    assert "the log has the details" in console.shown
    assert "Traceback" not in console.shown


def test_database_that_is_away_is_said(console: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database does not answer, the console says so and keeps running."""

    def away(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(console.server.parts.storage.users, "listing", away)
    assert console.status("users --all") == REFUSED
    assert "database does not answer" in console.shown
    assert console.status("help") == DONE


def connect(server: ChatServer, user: UserRecord, address: str) -> FakeSession:
    account = Account(user.id, user.username, user.username_key, user.display_name, user.role)
    session = FakeSession(account, address)
    server.parts.registry.add(cast(Session, session))
    return session


def test_mistyped_delay_does_not_stop_the_server(console: Typist) -> None:
    """A delay with a mistake in it is no reason for stopping at once."""
    assert console.status("shutdown 10mn update") == WRONG_USAGE
    assert "not a duration" in console.shown


def test_far_reaching_sanction_asks(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """A network that hits several users shows them and asks; no answer, or another than yes, is no."""
    sessions = [connect(server, user(name), f"192.0.2.{n}") for n, name in enumerate(("jules", "zoe"), 1)]
    for answers in ([], [""], ["n"], ["maybe"]):
        console.answers = list(answers)
        assert console.status("kick ip 192.0.2.0/24 1h") == REFUSED
        assert "jules, zoe" in console.shown
        assert "Nothing was done" in console.shown
        assert server.parts.sanctions.active() == []
    console.answers = ["y"]
    assert console.status("kick ip 192.0.2.0/24 1h flood") == DONE
    assert [session.ended for session in sessions] == [
        EndEvent("kicked", "flood", server.parts.sanctions.active()[0].until)
    ] * 2
    for session in sessions:
        server.parts.registry.closed(cast(Session, session))


def test_sanction_on_the_own_address_asks(console: Typist) -> None:
    """The administrator's own address is not excluded by mistake."""
    assert console.status("ban ip 127.0.0.1") == REFUSED
    assert "your own address" in console.shown
    assert console.status("ban ip 127.0.0.1 --yes") == DONE


def test_question_without_anyone_to_answer_is_refused(
    console: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script is told what would happen, and to say --yes."""
    monkeypatch.setattr(Typist, "interactive", False)
    assert console.status("remove room Blabla") == REFUSED
    assert "--yes" in console.shown
    assert console.asked == []
    assert console.status("remove room Blabla --yes") == DONE


def test_single_user_is_sanctioned_without_a_question(
    console: Typist, server: ChatServer, user: MakeUser
) -> None:
    """One user on two machines is one user."""
    jules = user("jules")
    sessions = [connect(server, jules, "192.0.2.1"), connect(server, jules, "192.0.2.2")]
    assert console.status("kick jules 10m") == DONE
    assert "2 connections ended" in console.shown
    assert console.asked == []
    for session in sessions:
        server.parts.registry.closed(cast(Session, session))


def test_users_shows_who_is_connected(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """Each connection has a line with its address; --all lists accounts."""
    zoe = user("Zoé")
    user("jules")
    session = connect(server, zoe, "192.0.2.1")
    shown = console.type("users")
    assert "Zoé" in shown
    assert "192.0.2.1" in shown
    assert "jules" not in shown
    assert "1 user, 1 connection." in shown
    assert "jules" in console.type("users --all")
    server.parts.registry.closed(cast(Session, session))


def test_requests_are_decided_for_users_who_are_away(
    console: Typist, server: ChatServer, user: MakeUser
) -> None:
    """Requests have a reason and an age; one is accepted, the other refused, while the user is away."""
    jules = user("jules")
    marketing, informatique = (server.parts.directory.find(name) for name in ("Marketing", "Informatique"))
    for room in (marketing, informatique):
        server.parts.storage.members.request(
            room.id, jules.id, "I work there", server.parts.clock() - 120_000
        )
    shown = console.type("pending rooms")
    assert "I work there" in shown
    assert "2m" in shown
    assert "is now a member of Marketing" in console.type("accept pending jules marketing")
    assert "is refused" in console.type("refuse pending @jules all Ask again in May")
    assert console.status("accept pending jules all") == REFUSED
    states = {item.room_id: item.state for item in server.parts.storage.members.of_user(jules.id)}
    assert states[marketing.id] == "joined"
    assert informatique.id not in states


def test_messages_are_shown_in_order_without_private_ones(
    console: Typist, server: ChatServer, user: MakeUser
) -> None:
    """Public messages are shown by time; private ones only by name, and that is in the audit."""
    jules, zoe = user("jules"), user("zoe")
    room = server.parts.directory.find("Général")
    direct = server.parts.storage.rooms.direct(jules.id, zoe.id, server.parts.clock())
    server.parts.storage.messages.append(
        [
            NewMessage(room.id, jules.id, "bonjour\x1b[31m\nà tous", "1"),
            NewMessage(room.id, zoe.id, "salut", "2"),
            NewMessage(direct.id, zoe.id, "entre nous", "3"),
        ],
        server.parts.clock(),
    )
    shown = console.type("messages 1h")
    assert shown.index("bonjour\\x1b[31m ⏎ à tous") < shown.index("salut")
    assert "entre nous" not in shown
    assert "salut" not in console.type("messages 1h --user jules")
    assert "entre nous" in console.type("messages 1h @jules")
    assert ("messages", "jules") in [(entry.action, entry.target) for entry in server.parts.audit.entries()]


def test_json_is_one_line_for_each_command(console: Typist, user: MakeUser) -> None:
    """With --json every answer is one JSON object, errors included."""
    user("jules")
    console.type("kick jules 1h noise")
    [sanction] = json.loads(console.type("sanctions --json"))["sanctions"]
    assert sanction["target"] == "@jules"
    assert sanction["reason"] == "noise"
    assert sanction["until"].endswith("Z")
    for line in (
        "users",
        "users --all",
        "rooms",
        "room Blabla",
        "user jules",
        "audit",
        "stats",
        "messages 1h",
    ):
        assert isinstance(json.loads(console.type(f"{line} --json")), dict)
    error = json.loads(console.type("user --json"))
    assert error["status"] == WRONG_USAGE
    assert json.loads(console.type("user nobody --json"))["status"] == REFUSED


def test_help_lists_every_command(console: Typist) -> None:
    """Each command is in the list, and each explains itself."""
    shown = console.type("help")
    for spec in TABLE.values():
        assert spec.usage in shown
        explained = console.type(f"help {spec.name}")
        assert spec.usage in explained
        assert len(explained) > len(spec.usage) + 20


def complete(console: Typist, line: str) -> list[str]:
    begin = max(line.rfind(" "), line.rfind(",")) + 1
    return console.shell.completions(line, begin, len(line))


def test_completion_knows_commands_users_rooms_and_addresses(
    console: Typist, server: ChatServer, user: MakeUser
) -> None:
    """Tab offers what may stand at the cursor."""
    session = connect(server, user("jules"), "192.0.2.1")
    console.type('add room "Salle de pause"')
    assert complete(console, "ki") == ["kick", "kill"]
    assert complete(console, "add ") == ["member", "room"]
    assert complete(console, "kick ju") == ["jules"]
    assert complete(console, "kick @JU") == ["@jules"]
    assert "ip" in complete(console, "kick ")
    assert complete(console, "kick ip 19") == ["192.0.2.1"]
    assert complete(console, "room gé") == ["Général"]
    assert complete(console, "room Sal") == ['"Salle de pause"']
    assert complete(console, 'room "Salle de p') == ['pause"']
    assert complete(console, "accept pending jules Général,Bla") == ["Blabla"]
    assert complete(console, "accept pending jules a") == ["all"]
    assert complete(console, "role jules ") == ["member", "moderator", "admin"]
    assert complete(console, "kick jules 1") == ["10m", "1h", "1d", "1w"]
    assert "--moderated" in complete(console, "add room x --")
    assert complete(console, "announce ") == []
    assert complete(console, "nonsense ") == []
    assert complete(console, "help ki") == ["kick", "kill"]
    server.parts.registry.closed(cast(Session, session))
