"""Console commands at the admin socket of a server that a test has started."""

from chat_server.admin.client import Client
from tests.support.server import ServerProcess


def command(server: ServerProcess, line: str) -> int:
    """Run a console command at the server's admin socket."""
    server.wait_for_output("no console here")
    client = Client(server.data_dir, yes=True)
    try:
        return client.run_words(line.split(" "))
    finally:
        client.close()
