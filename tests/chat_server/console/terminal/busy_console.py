"""A console that is busy until something is written into a pipe, and then shows the line that it reads."""

import sys
from pathlib import Path

from chat_server.console.terminal.terminal import Terminal


def main(pipe: Path) -> None:
    """Be busy, then read a line; then a secret."""
    terminal = Terminal(sys.stdin, sys.stdout)
    with terminal.attached():
        terminal.write("busy\n")
        pipe.read_text("utf-8")
        terminal.write(f"line: {terminal.read_command('> ')!r}\n")
        terminal.write(f"secret: {terminal.ask_secret('secret? ')!r}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
