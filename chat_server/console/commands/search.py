"""The command about the search index; it must not know how the index is built.

Runs on the thread that reads the lines.
"""

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Reply, Said


class SearchCommands(Commands):
    """Look after the search."""

    @command("server")
    def do_reindex(self) -> Reply:
        """reindex

        Rebuild the search index from the stored messages. The server goes on meanwhile, and search finds
        more and more; the log says when it is done. After a crash or a restore nobody needs to do this.
        """
        with self.parts.audit.act(self.actor, "reindex"):
            self.parts.pipeline.indexer.rebuild()
        return Said("The search index is being rebuilt; until it is done, search finds less.")
