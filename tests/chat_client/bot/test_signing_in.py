"""From where a bot has its token, its server and its folder, and what it says when it is not let in."""

import logging
from pathlib import Path

import pytest

from chat_client.bot import Bot, NoToken, SignInRefused
from chat_client.bot.signing_in import find_home, find_server, find_token, refusal_of
from chat_client.model.state import ConnectionState, Phase
from chat_protocol.invitations import Invitation
from tests.chat_client.bot.running import invitation, new_token
from tests.chat_client.live import Stage


def written(path: Path, text: str = "s3cret\n", mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_token_found(tmp_path: Path) -> None:
    """A file that is given comes first, then the one that the environment names, then its own word."""
    given, named = written(tmp_path / "given", "one"), written(tmp_path / "named", "two\n")
    environment = {"CHAT_BOT_TOKEN_FILE": str(named), "CHAT_BOT_TOKEN": " three "}
    assert find_token(given, environment) == "one"
    assert find_token(None, environment) == "two"
    assert find_token(None, {"CHAT_BOT_TOKEN": " three "}) == "three"


def test_no_token(tmp_path: Path) -> None:
    """Without a token, what is missing and how it is made is said, and no token is."""
    for file, environment in (
        (None, {}),
        (written(tmp_path / "empty", " \n"), {}),
        (tmp_path / "missing", {"CHAT_BOT_TOKEN": "s3cret"}),
    ):
        with pytest.raises(NoToken) as refused:
            find_token(file, environment)
        assert "s3cret" not in str(refused.value)
    with pytest.raises(NoToken, match="bot add"):
        find_token(None, {})


def test_token_that_others_can_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that other users can read is used, with a warning that does not hold the token."""
    with caplog.at_level(logging.WARNING, "chat.bot"):
        assert find_token(written(tmp_path / "open", mode=0o644), {}) == "s3cret"
    assert "can read the token" in caplog.text
    assert "s3cret" not in caplog.text


def test_server_and_folder(tmp_path: Path) -> None:
    """The server is an invitation or a place, given or of the environment; the folder is the bot's own."""
    assert find_server("chat.example:5001", {}).port == 5001
    assert find_server("", {"CHAT_BOT_SERVER": "chat://chat.example:5002/"}).port == 5002
    with pytest.raises(ValueError, match="CHAT_BOT_SERVER"):
        find_server("", {})
    assert find_home(tmp_path, {"CHAT_BOT_HOME": "/elsewhere"}) == tmp_path
    assert find_home(None, {"CHAT_BOT_HOME": "/elsewhere"}) == Path("/elsewhere")
    assert find_home(None, {"CHAT_CLIENT_HOME": "/here"}).parent == Path("/here/bots")


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        (ConnectionState(Phase.FINGERPRINT, fingerprint="AB:CD"), "fingerprint_unknown"),
        (ConnectionState(Phase.SIGNED_OUT), "invalid_credentials"),
        (ConnectionState(Phase.REFUSED, code="banned"), "banned"),
        (ConnectionState(Phase.REFUSED, code="kicked", until=5), ""),
        (ConnectionState(Phase.WAITING, code="unreachable"), ""),
        (ConnectionState(Phase.ONLINE), ""),
    ],
)
def test_refusals(connection: ConnectionState, code: str) -> None:
    """A bot ends where no other attempt would help; where one comes by itself it waits."""
    found = refusal_of(connection)
    assert (found.code if found is not None else "") == code


def test_unknown_certificate(stage: Stage, tmp_path: Path) -> None:
    """Without the fingerprint nothing is sent to a server that the bot does not know: the token least."""
    token = new_token(stage.server, "careful", tmp_path)
    bot = Bot(f"127.0.0.1:{stage.server.port}", token_file=token, home=tmp_path / "home")
    with pytest.raises(SignInRefused, match="fp=") as refused:
        bot.run()
    assert refused.value.code == "fingerprint_unknown"
    other = Invitation("127.0.0.1", stage.server.port, ":".join(["00"] * 32)).link()
    with pytest.raises(SignInRefused) as refused:
        Bot(other, token_file=token, home=tmp_path / "other").run()
    assert refused.value.code == "fingerprint_changed"


def test_token_stands_nowhere(stage: Stage, tmp_path: Path) -> None:
    """Nothing in the bot's folder holds the token, and the end of the program does not end it."""
    token = new_token(stage.server, "discreet", tmp_path)
    secret = token.read_bytes()
    for _ in range(2):
        bot = Bot(invitation(stage.server), token_file=token, home=tmp_path / "home")
        bot.on_start(bot.stop)
        bot.run()
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if secret in path.read_bytes()]
