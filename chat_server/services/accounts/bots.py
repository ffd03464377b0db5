"""The accounts of programs and the tokens that sign them in; it must not know what the programs do.

Runs on the console's threads. A token is told once; only its hash is kept, among those of people's devices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import clean_username, username_key
from chat_server.services.accounts.devices import Devices
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import DeviceRecord, UserRecord


@dataclass(frozen=True, slots=True)
class BotToken:
    """A bot with its token, which is kept nowhere."""

    name: str
    token: str


class Bots:
    """Make bots that sign in, and give, replace and end their tokens.

    :param devices: keeps the tokens, and ends the connections that they serve.
    :param audit: records each act.
    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, devices: Devices, audit: Audit, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._devices = devices
        self._audit = audit
        self._clock = clock

    def listing(self) -> Sequence[tuple[UserRecord, DeviceRecord | None]]:
        """Return all bots by name, each with what is known of its token; None for one without."""
        found = []
        for bot in self._storage.users.bots():
            tokens = self._devices.of_user(bot.id)
            found.append((bot, tokens[0] if tokens else None))
        return found

    def add(self, actor: Actor, name: str) -> BotToken:
        """Make a bot, or take one that has no token, and give it one.

        :raises ChatError: `forbidden`, `invalid_username`, or `username_taken`: by a person, or by a bot that
            has a token.
        """
        with self._audit.act(actor, "bot add", name[:40]):
            require(actor, "admin")
            bot = make_bot(self._storage, name, self._clock())
            if self._devices.of_user(bot.id):
                message = f"{bot.username} has a token already; `bot rotate` gives it another one."
                raise ChatError(ErrorCode.USERNAME_TAKEN, message)
            return self._new_token(bot)

    def rotate(self, actor: Actor, bot: UserRecord) -> BotToken:
        """Give a bot another token; the former one ends with the connections that it serves.

        :raises ChatError: `forbidden`; `bad_request` for a person.
        """
        with self._audit.act(actor, "bot rotate", bot.username):
            require(actor, "admin")
            _refuse_person(bot)
            self._end(bot, "This bot has got another token.")
            return self._new_token(bot)

    def revoke(self, actor: Actor, bot: UserRecord) -> None:
        """End a bot's token and its connections; the account, its rooms and its messages stay.

        :raises ChatError: `forbidden`; `bad_request` for a person.
        """
        with self._audit.act(actor, "bot revoke", bot.username):
            require(actor, "admin")
            _refuse_person(bot)
            self._end(bot, "The token of this bot was revoked.")

    def _end(self, bot: UserRecord, reason: str) -> None:
        # The tokens first: a sign-in under way looks for its own once more when it has entered.
        self._storage.tokens.remove_all(bot.id)
        self._devices.end_connections(bot.id, reason)

    def _new_token(self, bot: UserRecord) -> BotToken:
        token = self._devices.sign_in(bot, "", "")
        if token is None:
            raise ChatError(ErrorCode.NO_SUCH_USER, f"{bot.username} was erased meanwhile.")
        return BotToken(bot.username, token)


def _refuse_person(user: UserRecord) -> None:
    if not user.is_bot:
        raise ChatError(ErrorCode.BAD_REQUEST, f"{user.username} is no bot.")


def make_bot(storage: Storage, name: str, now: int) -> UserRecord:
    """Return the bot of this name, made if need be.

    :param now: milliseconds since 1970 UTC.
    :raises ChatError: `invalid_username`; `username_taken` when a person has the name.
    """
    username = clean_username(name)
    key = username_key(username)
    known = storage.users.by_key(key)
    if known is None:
        try:
            return storage.users.create_bot(username, key, now)
        except DuplicateKey:
            known = storage.users.by_key(key)
    if known is None or not known.is_bot:
        raise ChatError(ErrorCode.USERNAME_TAKEN, f"{username} is the name of a person's account.")
    return known
