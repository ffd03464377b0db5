"""A terminal client on a bench, for the tests that type lines and look at what is written."""

from chat_client.terminal.__main__ import Terminal
from chat_client.terminal.line_input import Typed
from tests.chat_client.fakes import Bench


class Session:
    """A terminal on a bench; `type` runs lines and gives what was written since the last look."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.lines: list[str] = []
        self.terminal = Terminal(bench.client, self.lines.append)

    def type(self, *lines: str) -> str:
        self.terminal.read(Typed(line) for line in lines)
        return self.step()

    def step(self) -> str:
        self.lines.clear()
        for _ in range(2):
            self.terminal.step()
        return "\n".join(self.lines)
