"""The accounts used on this computer, with their tokens and never a password; `accounts.json`, mode 0600."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from chat_client.model.keys import user_key
from chat_client.store.files import JsonFile


@dataclass(frozen=True, slots=True)
class Account:
    """One user on one server. `last_used` is in ms since 1970.

    `token` is empty where the password is asked for: after a logout, or as the user chose at the sign-in.
    """

    host: str
    port: int
    username: str
    display_name: str = ""
    server: str = ""
    token: str = ""
    insecure: bool = False
    last_used: int = 0

    @property
    def id(self) -> str:
        """What names the account in files and calls: `key@host:port`."""
        return account_id(self.host, self.port, self.username)

    def __repr__(self) -> str:
        return f"Account({self.id})"  # never the token: this is what lands in logs


def account_id(host: str, port: int, username: str) -> str:
    """Return the name of an account, the same for all spellings of its username and host."""
    return f"{user_key(username)}@{host.lower()}:{port}"


class Accounts:
    """Remember accounts.

    :param folder: the settings folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile(folder / "accounts.json")

    def all(self) -> list[Account]:
        """Return the accounts, the last used first."""
        found = [account for item in self._file.load().values() if (account := _read(item)) is not None]
        return sorted(found, key=lambda account: -account.last_used)

    def get(self, account: str) -> Account | None:
        """Return an account by its id."""
        return next((found for found in self.all() if found.id == account), None)

    def keep(self, account: Account) -> None:
        """Add an account, or replace what was known of it."""
        self._change(lambda items: items.update({account.id: asdict(account)}))

    def forget_token(self, account: str) -> None:
        """Forget how to sign in without the password; the account stays in the list."""
        known = self.get(account)
        if known is not None:
            self.keep(replace(known, token=""))

    def remove(self, account: str) -> None:
        """Forget an account altogether."""
        self._change(lambda items: items.pop(account, None))

    def _change(self, change: Callable[[dict[str, Any]], object]) -> None:
        self._file.update(lambda items: (change(items), None)[1])


def _read(item: object) -> Account | None:
    """Read one entry of the file; None for one that was written by hand, or by a later version."""
    if not isinstance(item, dict):
        return None
    known = {f.name: item[f.name] for f in fields(Account) if f.name in item}
    if any(type(known[f.name]) is not f.type for f in fields(Account) if f.name in known):
        return None
    return Account(**known) if {"host", "port", "username"} <= known.keys() else None
