"""`chat-admin config check` and `config show`, and the tools that read the settings file."""

import json
import os
from pathlib import Path

import pytest

from chat_server.admin.__main__ import main


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CHAT_")]:
        monkeypatch.delenv(name)


def test_check_names_each_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the file, in the environment's and between settings are each a line; the status is 1."""
    path = tmp_path / "chat.toml"
    path.write_text('prot = 1\nname = ""\ninsecure = true\nhost = "0.0.0.0"\ntls_key = "k"\n')
    assert main(["config", "check", "--config", str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"{path}:1: there is no setting prot; did you mean port?"
    assert lines[1].startswith(f"{path}:2: name: ")
    assert "loopback" in lines[2]
    assert "tls-cert" in lines[3]
    assert len(lines) == 4


def test_check_of_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without a mistake is told so."""
    path = tmp_path / "chat.toml"
    path.write_text("port = 1234\n")
    assert main(["config", "check", "--config", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: no mistake.\n"


def test_check_with_the_file_named_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The option may stand before the words, as with the program's other commands; so may the server's."""
    path = tmp_path / "chat.toml"
    path.write_text("port = 1234\n")
    assert main(["--config", str(path), "config", "check", "--name", "Ours"]) == 0
    assert capsys.readouterr().out == f"{path}: no mistake.\n"
    assert main(["--config", str(path), "--json", "config", "show"]) == 0
    assert json.loads(capsys.readouterr().out)["port"]["value"] == 1234


def test_file_that_this_user_may_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says as whom to do it, without a page of usage; `config check` says the same."""

    def refuse(_path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("chat_server.config.settings_file._text", refuse)
    monkeypatch.setattr("os.geteuid", lambda: 54_321)
    hint = f"put `sudo -u {tmp_path.owner()}` before the command"
    for command in (["stats"], ["create-admin", "kevin"], ["config", "check"]):
        assert main(["--config", str(tmp_path), *command]) != 0
        (told,) = capsys.readouterr().err.splitlines()
        assert told == f"{tmp_path}: cannot be read: Permission denied; {hint}"


def test_check_looks_at_what_the_settings_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A URL, a certificate and a file's mode that would trouble the server are found beforehand."""
    path = tmp_path / "chat.toml"
    path.write_text('database = "mysql://chat:s3cret@localhost"\ntls_cert = "c.pem"\ntls_key = "k.pem"\n')
    path.chmod(0o644)
    assert main(["config", "check", "--config", str(path)]) == 1
    said = capsys.readouterr().err
    assert "s3cret" not in said
    assert [f"{path}:1: a MySQL URL" in said, f"{path}:2: cannot use" in said, "chmod 640" in said] == [
        True
    ] * 3


def test_password_of_the_broker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that holds it must not be everybody's to read, and it is never shown."""
    path = tmp_path / "chat.toml"
    path.write_text('broker_password = "s3cret"\n')
    path.chmod(0o644)
    assert main(["config", "check", "--config", str(path)]) == 1
    assert "chmod 640" in capsys.readouterr().err
    monkeypatch.setenv("CHAT_BROKER_PASSWORD", "mysql://chat:s3cret@localhost/chat")
    assert main(["config", "show", "--config", str(path)]) == 0
    assert "s3cret" not in capsys.readouterr().out


def test_show_hides_the_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in force is listed with where it comes from, without the password, as text and as JSON."""
    path = tmp_path / "chat.toml"
    path.write_text("port = 1234\n[limits]\nsign_in_s = 2.5\n")
    monkeypatch.setenv("CHAT_DATABASE", "mysql://chat:s3cret@localhost/chat")
    assert main(["--json", "config", "show", "--config", str(path), "--name", "Ours"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["port"] == {"value": 1234, "from": f"{path}:1"}
    assert shown["limits.sign_in_s"] == {"value": 2.5, "from": f"{path}:3"}
    assert shown["name"] == {"value": "Ours", "from": "--name"}
    assert shown["database"] == {"value": "mysql://chat@localhost:3306/chat", "from": "CHAT_DATABASE"}
    assert main(["config", "show", "--config", str(path)]) == 0
    text = capsys.readouterr().out
    assert "s3cret" not in text
    assert "mysql://chat@localhost:3306/chat" in text


@pytest.mark.parametrize("words", [["config"], ["config", "chek"], ["config", "check", "--nonsense"]])
def test_wrong_usage(words: list[str]) -> None:
    """Anything else is wrong usage."""
    assert main(words) == 2


def test_admin_program_finds_the_data_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings file tells the admin program which data folder to look in."""
    path = tmp_path / "chat.toml"
    path.write_text(f'data_dir = "{tmp_path / "elsewhere"}"\n')
    assert main(["--config", str(path), "stats"]) == 1
    assert str(tmp_path / "elsewhere") in capsys.readouterr().err
    assert main(["--config", str(tmp_path / "none.toml"), "stats"]) == 2
