"""The example that asks LDAP, with a directory of its own in place of python-ldap."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.filemap import ROOT

EXAMPLE = ROOT / "docs" / "run" / "accounts"
ADA = "uid=ada,ou=people,dc=example,dc=org"
ERRORS = (
    "SERVER_DOWN", "CONNECT_ERROR", "TIMEOUT", "TIMELIMIT_EXCEEDED", "BUSY", "UNAVAILABLE",
    "INVALID_CREDENTIALS", "INAPPROPRIATE_AUTH", "UNWILLING_TO_PERFORM",
)  # fmt: skip

OPTIONS = (
    "NETWORK_TIMEOUT", "TIMEOUT", "REFERRALS", "X_TLS_CACERTFILE", "X_TLS_REQUIRE_CERT", "X_TLS_DEMAND",
    "X_TLS_NEWCTX",
)  # fmt: skip


class Directory:
    """A connection to a directory with one person in it."""

    groups: list[bytes]
    url = ""

    def set_option(self, _option: str, _value: object) -> None:
        """Take it."""

    def simple_bind_s(self, entry: str, password: str) -> None:
        right = {"cn=chat,ou=services,dc=example,dc=org": "searching", ADA: "right"}
        if "down" in self.url:
            raise sys.modules["ldap"].SERVER_DOWN
        if right.get(entry) != password:
            raise sys.modules["ldap"].INVALID_CREDENTIALS

    def search_s(self, base: str, _scope: str, wanted: str, _names: list[str]) -> list[Any]:
        if base.startswith("ou=groups"):
            assert f"(member={ADA})" in wanted
            return [("cn=Staff,ou=groups,dc=example,dc=org", {})]
        found = [(ADA, {"cn": ["Adä".encode()], "memberOf": self.groups})] if "(uid=ada)" in wanted else []
        return [*found, (None, ["ldap://elsewhere.example.org"])]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The example's module, and its settings with the password where they say."""
    ldap, filters = ModuleType("ldap"), ModuleType("ldap.filter")
    for name in ERRORS:
        setattr(ldap, name, type(name, (Exception,), {}))
    for name in OPTIONS:
        setattr(ldap, f"OPT_{name}", name)
    directory = Directory()
    directory.groups = []

    def initialize(url: str) -> Directory:
        directory.url = url
        return directory

    vars(ldap).update(SCOPE_SUBTREE="subtree", initialize=initialize, filter=filters)
    vars(filters).update(filter_format=lambda text, values: text.replace("%s", "{}").format(*values * 2))
    monkeypatch.setitem(sys.modules, "ldap", ldap)
    monkeypatch.setitem(sys.modules, "ldap.filter", filters)
    spec = importlib.util.spec_from_file_location("auth_ldap", EXAMPLE / "auth_ldap.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.directory = directory
    module.settings = json.loads((EXAMPLE / "ldap.json").read_text(encoding="utf-8"))
    (tmp_path / "password").write_text("searching\n", encoding="utf-8")
    module.settings["bind_password_file"] = str(tmp_path / "password")
    return module


def ask(example: Any, name: str, password: str) -> Any:
    return example.answer({"name": name, "password": password, "address": ""}, example.settings)


def test_right_and_wrong(example: Any) -> None:
    """Only the right password of somebody who is there is a yes; an empty one, a bind as nobody, is a no."""
    assert ask(example, "ada", "right") == {"ok": True, "display_name": "Adä", "rooms": [], "role": "member"}
    for name, password in (("ada", "wrong"), ("ada", ""), ("nobody", "right")):
        assert ask(example, name, password) == {"ok": False}


def test_groups(example: Any) -> None:
    """A group gives its role and rooms, whatever the case of its name; who is in none is not let in."""
    example.directory.groups = [b"CN=it,ou=groups,dc=example,dc=org"]
    said = ask(example, "ada", "right")
    assert (said["role"], said["rooms"]) == ("admin", ["Informatique"])
    example.directory.groups = []
    del example.settings["groups_base"]
    assert ask(example, "ada", "right") == {"ok": False}


def test_directory_down(example: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> None:
    """A directory that does not answer is "later"."""
    settings = tmp_path / "ldap.json"
    settings.write_text(json.dumps(example.settings | {"url": "ldaps://down"}), encoding="utf-8")
    question = tmp_path / "question"
    question.write_text('{"name": "ada", "password": "right", "address": ""}', encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["auth_ldap.py", str(settings)])
    with question.open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        example.main()
    assert json.loads(capsys.readouterr().out) == {"later": True}
