"""Who may use the console: the first administrator is made, later ones sign in; it must not know any command.

Runs on the main thread.
"""

from collections.abc import Callable, Mapping
from typing import Final

from chat_protocol.errors import ChatError
from chat_server.console.shell.base import Asking
from chat_server.services.people.roles import Roles
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.errors import StorageError

TRIES: Final = 3
PAUSE_S: Final = 10.0  # slows guessing at an unwatched terminal; who mistyped three times gets a breath
LOOPBACK: Final = ("127.0.0.1", "::1")
ORIGIN: Final = "console"

FIRST_WORDS: Final = (
    "There is no administrator yet. Choose a name and a password; later starts of the console ask for them.\n"
)


class SignIn:
    """Ask for an administrator's name and password.

    :param roles: makes and knows administrators.
    :param asking: the terminal.
    :param addresses: the network addresses of the one at the terminal.
    :param pause: waits a number of seconds.
    """

    def __init__(
        self, roles: Roles, asking: Asking, addresses: tuple[str, ...], pause: Callable[[float], None]
    ) -> None:
        self._roles = roles
        self._asking = asking
        self._addresses = addresses
        self._pause = pause

    def run(self) -> Actor:
        """Return the administrator; asks until one is there.

        :raises EOFError: when the terminal's input ends.
        """
        tries = 0
        while True:
            try:
                return self._sign_in() if self._roles.has_admin() else self._create_first()
            except ChatError as refusal:
                self._asking.write(f"{refusal.message}\n")
            except StorageError:
                self._asking.write("The database does not answer just now.\n")
            tries += 1
            if tries % TRIES == 0:
                self._asking.write(f"Three tries have failed; wait {PAUSE_S:.0f} seconds.\n")
                self._pause(PAUSE_S)

    def _sign_in(self) -> Actor:
        name = self._asking.ask("Administrator: ").strip()
        if not name:
            raise ChatError("bad_request", "Type the name of an administrator.")
        password = self._asking.ask_secret("Password: ")
        return self._roles.sign_in(name, password, ORIGIN, self._addresses)

    def _create_first(self) -> Actor:
        self._asking.write(FIRST_WORDS)
        name = self._asking.ask("Name of the administrator: ").strip()
        password = ask_new_password(self._asking)
        maker = Actor(name[:40] or "?", "admin", ORIGIN)
        user = self._roles.create_admin(maker, name, password)
        self._asking.write(f"{user.username} is an administrator now, here and in the client.\n")
        return Actor(user.username, "admin", ORIGIN, user.id, self._addresses)


def ask_new_password(asking: Asking) -> str:
    """Ask for a new password twice.

    :raises ChatError: when the two differ.
    """
    password = asking.ask_secret("Password (at least 10 characters): ")
    if asking.ask_secret("The same again: ") != password:
        raise ChatError("weak_password", "The two passwords differ.")
    return password


def own_addresses(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses of whoever sits at this terminal: this machine, and where an SSH session comes
    from.
    """
    ssh = environ.get("SSH_CONNECTION", "").split()
    return (*LOOPBACK, ssh[0]) if ssh else LOOPBACK
