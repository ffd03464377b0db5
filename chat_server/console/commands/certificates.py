"""Commands about the server's certificate; it must not know where it is kept.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_server import renewal
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Facts, Reply, Said, count
from chat_server.net.certificate import VALID_DAYS

_PRESENT: Final = (
    Column("own", "Made by this server", "flag"),
    Column("names", "Names", "list"),
    Column("fingerprint", "Fingerprint"),
    Column("from", "From", "time"),
    Column("until", "Until", "time"),
    Column("next_fingerprint", "Next fingerprint"),
)
_NEXT: Final = (
    Column("next_names", "Next names", "list"),
    Column("next_from", "Next from", "time"),
    Column("next_until", "Next until", "time"),
)


class CertificateCommands(Commands):
    """Look at the certificate, and replace it."""

    @command("server")
    def do_certificate(self) -> Reply:
        """certificate

        Show the server's certificate: its names, fingerprint, from when until when it holds, and the next one
        where it is announced. To replace it without locking anybody out: `certificate announce`, wait until
        everybody was there once (a month, where people take holidays), then `certificate use`.
        """
        facts = renewal.described(self.parts)
        return Facts([*_PRESENT, *(_NEXT if facts["next_fingerprint"] else ())], facts)

    @command("server")
    def do_certificate_announce(self, *, days: int | None) -> Reply:
        """certificate announce [--days days]

        Make the next certificate, with the public name of today, and tell all clients its fingerprint, now or
        when they connect. They take it later without asking anybody. It holds for ten years, or as many days
        as --days says. Another one that was announced before is replaced.
        """
        if self.parts.encryption.next_fingerprint:
            self.confirm("The next certificate is announced already; clients would have to learn another one")
        announced = renewal.announce(self.parts, self.actor, VALID_DAYS if days is None else days)
        return Said(
            f"Announced: {announced}\nWhen everybody was there once, `certificate use` takes it.",
            {"next_fingerprint": announced},
        )

    @command("server")
    def do_certificate_withdraw(self) -> Reply:
        """certificate withdraw

        Remove the next certificate that was announced; clients forget it, now or when they connect.
        """
        renewal.withdraw(self.parts, self.actor)
        return Said("Withdrawn; the present certificate stays.")

    @command("server")
    def do_certificate_use(self) -> Reply:
        """certificate use

        Show the next certificate to all new connections; those that are open stay. Clients that were never
        told of it ask their users. Invitations that were made before name the old one: make them again.
        """
        self.confirm("Users who were not connected since it was announced would be asked about it")
        used = renewal.use(self.parts, self.actor)
        old = self.parts.invitations.count()
        note = (
            f"\n{count(old, 'one-time invitation')} named the old one: revoke, and make again." if old else ""
        )
        return Said(f"In use for new connections: {used}{note}", {"fingerprint": used})
