"""The shell: finds a typed line's command, runs it, and answers whatever happens; it must not know where
lines come from.

Runs on the thread that reads the lines.
"""

import difflib
import logging
from collections.abc import Sequence
from typing import Final

from chat_protocol.errors import ChatError
from chat_server.console.commands.announcing import NoticeCommands
from chat_server.console.commands.bots import BotCommands
from chat_server.console.commands.certificates import CertificateCommands
from chat_server.console.commands.data import DataCommands
from chat_server.console.commands.devices import DeviceCommands
from chat_server.console.commands.excluding import SanctionCommands
from chat_server.console.commands.files import FileCommands
from chat_server.console.commands.inviting import InvitationCommands
from chat_server.console.commands.people import PeopleCommands
from chat_server.console.commands.records import RecordCommands
from chat_server.console.commands.rooms import RoomCommands
from chat_server.console.commands.running import ServerCommands
from chat_server.console.commands.search import SearchCommands
from chat_server.console.commands.webhooks import WebhookCommands
from chat_server.console.shell.base import Asking, Commands, NotConfirmed, collect, command
from chat_server.console.shell.completing import completions
from chat_server.console.shell.grammar import CommandSpec, UsageError, read_arguments, shorten
from chat_server.console.shell.replies import Reply, Said, to_json
from chat_server.console.shell.text import safe, safe_block
from chat_server.console.shell.tokens import Token, split
from chat_server.parts import Parts
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.errors import StorageError

_log = logging.getLogger("chat.console")

DONE: Final = 0
REFUSED: Final = 1
WRONG_USAGE: Final = 2

FAILED: Final = "That failed inside the server; the log has the details. The console goes on."
AWAY: Final = "The database does not answer just now. Try again when it is back."


class Shell(
    RoomCommands,
    PeopleCommands,
    DeviceCommands,
    SanctionCommands,
    NoticeCommands,
    RecordCommands,
    DataCommands,
    FileCommands,
    SearchCommands,
    InvitationCommands,
    WebhookCommands,
    BotCommands,
    CertificateCommands,
    ServerCommands,
    Commands,
):
    """Run one line at a time; whatever is typed, an answer comes and the shell keeps running.

    :param as_json: answer in JSON, a line for each command.
    :param yes: take every question as answered with yes.
    """

    prompt = "chat> "

    def __init__(
        self, parts: Parts, actor: Actor, asking: Asking, *, as_json: bool = False, yes: bool = False
    ) -> None:
        super().__init__(parts, actor, asking)
        self.status = DONE
        self._always_json = as_json
        self._always_yes = yes
        self._as_json = as_json

    def run_line(self, line: str) -> int:
        """Run one line and answer it; return :attr:`status`."""
        self.status = DONE
        line = _encodable(line)
        tokens = split(line)
        if tokens:
            self._run_one(line, tokens)
        return self.status

    def run_words(self, words: Sequence[str]) -> int:
        """Run a command whose words are apart already, as a script gives them; return :attr:`status`."""
        tokens: list[Token] = []
        line = ""
        for word in map(_encodable, words):
            start = len(line)
            line += f"{word} "
            tokens.append(Token(word, start, start + len(word)))
        if tokens:
            self._run_one(line.rstrip(" "), tokens)
        return self.status

    def completions(self, line: str, begin: int, end: int) -> list[str]:
        """Return what may stand in place of `line[begin:end]`."""
        try:
            return completions(TABLE, self.kinds, line, begin, end)
        except Exception:
            _log.exception("completion failed")
            return []

    @command("console")
    def do_help(self, arg: str) -> Reply:
        """help [command]

        List the commands, or explain one: `help kick`.
        """
        words = tuple(token.text.lower() for token in split(arg))
        if not words:
            return Said(overview())
        found = [spec for spec in TABLE.values() if spec.words[: len(words)] == words]
        if not found:
            raise UsageError(_unknown(" ".join(words)))
        return Said("\n\n".join(f"{spec.usage}\n{_indented(spec.help)}" for spec in found))

    def _run_one(self, line: str, tokens: Sequence[Token]) -> None:
        """Run one command and answer it, whatever happens."""
        self.status = DONE
        self.assume_yes = self._always_yes
        self._as_json = self._always_json or any(token.text == "--json" for token in tokens)
        try:
            self._answer(self._run(line, tokens))
        except UsageError as wrong:
            self._complain(str(wrong), WRONG_USAGE)
        except NotConfirmed as unconfirmed:
            self._complain(str(unconfirmed), REFUSED)
        except ChatError as refusal:
            self._complain(f"Refused: {refusal.message}", REFUSED)
        except StorageError as error:
            _log.warning("a console command met the database: %s", error)
            self._complain(AWAY, REFUSED)
        except Exception:
            _log.exception("a console command failed: %s", safe(shorten(line)))
            self._complain(FAILED, REFUSED)

    def _run(self, line: str, tokens: Sequence[Token]) -> Reply:
        if tokens[0].text == "?":
            return self.do_help(line[tokens[0].end :])
        spec = find(tokens)
        try:
            given = read_arguments(spec, line, tokens[len(spec.words) :], self.kinds)
        except UsageError as wrong:
            raise UsageError(f"{wrong}\nUsage: {spec.usage}") from None
        self.assume_yes = self._always_yes or "--yes" in given.common
        if "--help" in given.common:
            return self.do_help(spec.name)
        reply: Reply = spec.run(self, *given.arguments, **given.flags)
        return reply

    def _answer(self, reply: Reply) -> None:
        text = to_json(reply.data()) if self._as_json else reply.text()
        self.asking.write(f"{text}\n")

    def _complain(self, text: str, status: int) -> None:
        self.status = status
        if self._as_json:
            text = to_json({"error": text, "status": status})
        self.asking.complain(f"{text if self._as_json else safe_block(text)}\n")


TABLE: Final = collect(Shell)
LONGEST: Final = max(map(len, TABLE))
TOPICS: Final = {
    "people": "People",
    "rooms": "Rooms",
    "sanctions": "Sanctions",
    "notices": "To everyone",
    "records": "Messages and records",
    "server": "The server",
    "console": "This console",
}


def find(tokens: Sequence[Token]) -> CommandSpec:
    """Return the command that the line begins with; the one of more words wins.

    :raises UsageError: when there is none.
    """
    words = tuple("" if token.quoted else token.text.lower() for token in tokens[:LONGEST])
    for size in range(len(words), 0, -1):
        if words[:size] in TABLE:
            return TABLE[words[:size]]
    raise UsageError(_unknown(" ".join(token.text for token in tokens[:2])))


def overview() -> str:
    """Return every command's usage, by topic."""
    parts = []
    for topic, title in TOPICS.items():
        usages = [f"  {spec.usage}" for spec in TABLE.values() if spec.topic == topic]
        parts.append("\n".join([f"{title}:", *usages]))
    parts.append(
        "`help kick` explains one. A name with spaces stands in quotes; @jules and jules are the same.\n"
        "Durations: 30s 10m 1h 2d 1w 1y, combined 1d12h; forever.\n"
        "Every command takes --yes (no question), --json and --help."
    )
    return "\n\n".join(parts)


def _encodable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no database and no client takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _unknown(typed: str) -> str:
    first = typed.split(" ")[0].lower()
    longer = [spec.name for spec in TABLE.values() if spec.words[0] == first]
    names = sorted({spec.name for spec in TABLE.values()})
    near = longer or difflib.get_close_matches(typed.lower()[:40], names, n=3)
    near = near or difflib.get_close_matches(first[:40], sorted({spec.words[0] for spec in TABLE.values()}))
    hint = f" Did you mean: {', '.join(near)}?" if near else ""
    return f"There is no command “{shorten(typed)}”.{hint} Type help for the list."


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))
