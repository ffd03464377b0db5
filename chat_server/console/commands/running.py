"""Commands about the server itself: how it does, and its end; it must not know how it stops.

Runs on the thread that reads the lines.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.cluster.member import CALL_OFF
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Facts, Listing, Reply, Row, Said
from chat_server.services.moderation.sanction_order import clean_reason
from chat_server.services.vocabulary.durations import format_duration
from chat_server.statistics import statistics_of
from chat_server.storage.mysql.servers import SILENT_MS, ServerRecord

SHUTDOWN_MAX_MS: Final = 7 * 86_400_000
FORMS_BY_SUFFIX: Final = {"_bytes": "size", "_for_ms": "span"}


SERVERS: Final = (
    Column("name", "Name"),
    Column("address", "Address"),
    Column("version", "Version"),
    Column("online", "Users", "number"),
    Column("since", "Since", "time"),
    Column("beat", "Heard", "time"),
    Column("state", "State"),
)


class ServerCommands(Commands):
    """Look at the server, and stop it."""

    @command("server")
    def do_stats(self) -> Reply:
        """stats

        Show how the server does: connections, messages, queues, memory, and the limits in force.
        """
        limits = asdict(self.parts.options.limits)
        stats = asdict(statistics_of(self.parts)) | self._other_servers()
        stats |= {f"limit_{name}": value for name, value in limits.items()}
        return Facts([_column(key, value) for key, value in stats.items()], stats)

    def _other_servers(self) -> dict[str, object]:
        cluster = self.parts.cluster
        if cluster is None:
            return {}
        live = [each for each in cluster.others() if each.silent_ms < SILENT_MS]
        return {"other_servers": len(live), "users_elsewhere": len(self.parts.services.presence.remote.all())}

    @command("server")
    def do_servers(self) -> Reply:
        """servers

        Show the servers that share this one's database (`--cluster`): where each listens, its version, how
        many users it has, since when it runs, when it was heard last. One that has been silent for more than
        ten seconds has most likely ended without a word.
        """
        servers = self.parts.storage.servers
        rows: list[Row] = [] if servers is None else [_server(each, servers.id) for each in servers.all()]
        return Listing("servers", SERVERS, rows, "This server is alone: it was started without --cluster.")

    @command("server")
    def do_reload(self) -> Reply:
        """reload

        Read the settings again and load a renewed certificate, without dropping anybody. Says which settings
        were taken and which need a restart. SIGHUP does the same on a server without a terminal.
        """
        if self.parts.reloading is None:
            raise ChatError(ErrorCode.BAD_REQUEST, "This server has no settings to read again.")
        with self.parts.audit.act(self.actor, "reload"):
            done = self.parts.reloading.run()
        facts: dict[str, object] = {
            "taken": list(done.taken),
            "at_next_start": list(done.at_next_start),
            "fingerprint": done.fingerprint,
            "renewed": done.renewed,
        }
        return Said(f"Settings read again; {done}.", facts)

    @command("server")
    def do_shutdown(self, delay: int | None, reason: str) -> Reply:
        """shutdown [delay] [reason]

        Stop the server, after a delay where there is one: every client is warned, counts down, and is told
        the reason. `shutdown 5m Update of the database`; `shutdown cancel` calls it off.
        """
        after = _after(delay)
        with self.parts.audit.act(self.actor, "shutdown", "", f"{after}: {reason}" if reason else after):
            self.parts.shutdown.request((delay or 0) / 1000, clean_reason(reason))
        return Said(f"The server stops {after}." + (" `shutdown cancel` calls it off." if delay else ""))

    @command("server")
    def do_shutdown_all(self, delay: int | None, reason: str) -> Reply:
        """shutdown all [delay] [reason]

        Stop this server and all others that share its database, after a delay where there is one.
        """
        after = _after(delay)
        with self.parts.audit.act(self.actor, "shutdown all", "", f"{after}: {reason}" if reason else after):
            told = self._stop_others(delay, reason)
            self.parts.shutdown.request((delay or 0) / 1000, clean_reason(reason))
        return Said(f"This server and {_named(told)} stop {after}.", {"told": [each.name for each in told]})

    @command("server")
    def do_shutdown_server(self, name: str, delay: int | None, reason: str) -> Reply:
        """shutdown server <name> [delay] [reason]

        Stop another server that shares this one's database, by its name in `servers`.
        """
        after = _after(delay)
        with self.parts.audit.act(self.actor, "shutdown", name, f"{after}: {reason}" if reason else after):
            told = self._stop_others(delay, reason, name)
            if not told:
                raise ChatError(ErrorCode.BAD_REQUEST, f"No other server is called {name}: see `servers`.")
        return Said(f"To stop {after}: {_named(told)}.", {"told": [each.name for each in told]})

    def _stop_others(self, delay: int | None, reason: str, name: str = "") -> list[ServerRecord]:
        if self.parts.cluster is None:
            raise ChatError(ErrorCode.BAD_REQUEST, "This server is alone: it was started without --cluster.")
        return self.parts.cluster.stop_others(delay or 0, clean_reason(reason), name)

    @command("server")
    def do_shutdown_cancel(self) -> Reply:
        """shutdown cancel

        Call off a shutdown that has not begun, on all servers that share this one's database.
        """
        cluster = self.parts.cluster
        with self.parts.audit.act(self.actor, "shutdown cancel"):
            told = cluster.stop_others(CALL_OFF, "") if cluster else []
            if not self.parts.shutdown.cancel() and not told:
                raise ChatError(ErrorCode.BAD_REQUEST, "No shutdown is under way.")
        also = f" That goes for {_named(told)}, too." if told else ""
        return Said(f"The shutdown is called off; everyone is told.{also}")


def _after(delay: int | None) -> str:
    if (delay or 0) > SHUTDOWN_MAX_MS:
        longest = format_duration(SHUTDOWN_MAX_MS)
        raise ChatError(ErrorCode.BAD_REQUEST, f"The longest delay is {longest}.")
    return f"in {format_duration(delay)}" if delay else "now"


def _named(servers: Sequence[ServerRecord]) -> str:
    silent = (" (silent: it may have ended)" if each.silent_ms > SILENT_MS else "" for each in servers)
    names = (each.name + said for each, said in zip(servers, silent, strict=True))
    return ", ".join(names) or "no other one"


def _server(record: ServerRecord, own_id: str) -> Row:
    silent = record.silent_ms > SILENT_MS
    state = "this one" if record.id == own_id else "silent" if silent else "runs"
    return {**record._asdict(), "state": state}


def _column(key: str, value: object) -> Column:
    for suffix, form in FORMS_BY_SUFFIX.items():
        if key.endswith(suffix):
            return Column(key, _heading(key.removesuffix("_ms" if suffix == "_for_ms" else suffix)), form)
    return Column(key, _heading(key), "number" if isinstance(value, int) else "text")


def _heading(key: str) -> str:
    return key.replace("_", " ").capitalize()
