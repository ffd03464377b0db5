"""Console commands at the admin socket of a server that a test has started."""

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from chat_server.admin.client import Client
from tests.support.server import ServerProcess


def command(server: ServerProcess, line: str) -> int:
    """Run a console command at the server's admin socket."""
    return _run(server, line.split(" "))


def answer(server: ServerProcess, words: list[str]) -> Any:
    """Run a console command, and return what it answers as JSON."""
    with redirect_stdout(StringIO()) as shown:
        assert _run(server, words, as_json=True) == 0
    return json.loads(shown.getvalue())


def new_webhook(server: ServerProcess) -> str:
    """Make a webhook of the program `alerts` in the first room, and return its address."""
    server.wait_for_output(r"webhooks on port (\d+)")
    (link,) = answer(server, ["webhook", "add", "Général", "alerts"])["links"]
    return str(link)


def _run(server: ServerProcess, words: list[str], *, as_json: bool = False) -> int:
    server.wait_for_output("no console here")
    client = Client(server.data_dir, as_json=as_json, yes=True)
    try:
        return client.run_words(words)
    finally:
        client.close()
