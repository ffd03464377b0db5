"""What every group of commands stands on: the server, who acts, the questions asked; it must not know any
command.

Runs on the thread that reads the lines: the main thread in the server's terminal, one per visitor behind the
socket.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from chat_server.console.shell.grammar import CommandSpec, parse_usage
from chat_server.console.shell.kinds import Kinds
from chat_server.console.shell.replies import Reply
from chat_server.parts import Parts
from chat_server.services.vocabulary.actors import Actor

YES: Final = frozenset({"y", "yes", "o", "oui"})
SPEC: Final = "spec"
SHOWN_MAX: Final = 20

Method = TypeVar("Method", bound=Callable[..., Reply])


class Asking(Protocol):
    """Show text to the one who types, and ask."""

    interactive: bool
    """Whether somebody is there to answer a question."""

    def write(self, text: str) -> None:
        """Show text."""

    def complain(self, text: str) -> None:
        """Show what went wrong."""

    def ask(self, prompt: str) -> str:
        """Return the answer; raise EOFError when none can come."""

    def ask_secret(self, prompt: str) -> str:
        """Return the answer, which is not shown while it is typed; raise EOFError when none can come."""


class NotConfirmed(Exception):
    """Say what a command would have done to whom, had it been confirmed."""


class Commands:
    """Give the commands what they work with.

    :param parts: the running server's.
    :param actor: who types.
    :param asking: where questions are put.
    """

    def __init__(self, parts: Parts, actor: Actor, asking: Asking) -> None:
        self.parts = parts
        self.actor = actor
        self.asking = asking
        self.kinds = Kinds(parts)
        self.assume_yes = False

    def confirm(self, effect: str, whom: Sequence[str] = ()) -> None:
        """Go on only when the one who types says so, or has said `--yes`.

        :param effect: what would happen, as a sentence without its full stop.
        :param whom: the users it would happen to.
        :raises NotConfirmed: otherwise.
        """
        if self.assume_yes:
            return
        shown = ", ".join(whom[:SHOWN_MAX])
        more = f" and {len(whom) - SHOWN_MAX} more" if len(whom) > SHOWN_MAX else ""
        sentence = f"{effect}: {shown}{more}." if whom else f"{effect}."
        if not self.asking.interactive:
            raise NotConfirmed(f"{sentence} Nothing was done; add --yes to do it.")
        self.asking.write(f"{sentence}\n")
        try:
            answer = self.asking.ask("Go on? [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in YES:
            raise NotConfirmed("Nothing was done.")


def command(topic: str) -> Callable[[Method], Method]:
    """Make a `do_…` method a command: its docstring's first line is the usage and the grammar, the rest is
    the help.

    :param topic: under which heading `help` lists it.
    """

    def mark(method: Method) -> Method:
        usage, _, help_text = inspect.cleandoc(method.__doc__ or "").partition("\n\n")
        setattr(method, SPEC, parse_usage(" ".join(usage.split()), help_text, method, topic))
        return method

    return mark


def collect(shell: type[Commands]) -> dict[tuple[str, ...], CommandSpec]:
    """Return the command table of a shell: the command's words -> the command, in the order of the names."""
    specs = (
        getattr(getattr(shell, name), SPEC, None) for name in sorted(dir(shell)) if name.startswith("do_")
    )
    return {spec.words: spec for spec in specs if isinstance(spec, CommandSpec)}
