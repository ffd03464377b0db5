"""Settings from a file, the environment and the command line, and the mistakes in them."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from chat_server.config.layers import UsageError, read_layers
from chat_server.config.settings_file import read_settings_file
from chat_server.config.table import LIMITS, SETTINGS
from chat_server.limits import Limits
from chat_server.options import Options, options_of, parse_options
from chat_server.storage.core.urls import SqliteAddress, parse_url


def written(folder: Path, text: str) -> Path:
    """Write a settings file."""
    path = folder / "chat.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    """The mistakes of a settings file, without its path."""
    path = written(folder, text)
    return [str(mistake).removeprefix(str(path)) for mistake in read_settings_file(path).mistakes]


def test_every_option_is_a_setting() -> None:
    """The table of settings and the options have the same names and the same defaults."""
    fields = {field.name: field for field in dataclasses.fields(Options) if field.name != LIMITS}
    assert {key: setting.default for key, setting in SETTINGS.items() if "." not in key} == {
        name: field.default for name, field in fields.items()
    }
    assert {key for key in SETTINGS if "." in key} == {
        f"{LIMITS}.{field.name}" for field in dataclasses.fields(Limits)
    }
    assert options_of(read_layers([], {}))[0] == Options()


def test_nearer_source_wins(tmp_path: Path) -> None:
    """The command line comes before the environment, that before the file, and that before the default."""
    path = written(tmp_path, 'port = 1\nname = "file"\nlog_level = "debug"\n[limits]\nsign_in_s = 7\n')
    environment = {"CHAT_CONFIG": str(path), "CHAT_PORT": "2", "CHAT_NAME": "environment"}
    layers = read_layers(["--port", "3"], environment)
    options = options_of(layers)[0]
    assert (options.port, options.name, options.log_level, options.limits.sign_in_s, options.host) == (
        3, "environment", "debug", 7.0, "127.0.0.1",
    )  # fmt: skip
    assert {
        key: layers.sources[key] for key in ("port", "name", "log_level", "limits.sign_in_s", "host")
    } == {
        "port": "--port",
        "name": "CHAT_NAME",
        "log_level": f"{path}:3",
        "limits.sign_in_s": f"{path}:5",
        "host": "default",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 5000\n", ":1: there is no setting prot; did you mean port?"),
        ("# a note\n\nport = 70000\n", ":3: port: 70000 is no port: a whole number from 0 to 65535"),
        ('port = "5000"\n', ":1: port: '5000' is no port: a whole number from 0 to 65535"),
        ("port = true\n", ":1: port: True is no port: a whole number from 0 to 65535"),
        ("name = 5\n", ":1: name: 5 is no text: put it in quotes"),
        ('insecure = "yes"\n', ":1: insecure: 'yes' is neither true nor false"),
        ('log_level = "loud"\n', ":1: log_level: 'loud' is none of debug, info, warning, error"),
        ("sign_in_s = 5\n", ":1: there is no setting sign_in_s; did you mean sign_in_s in [limits]?"),
        ("[limits]\nsign_in = 5\n", ":2: there is no setting limits.sign_in; did you mean sign_in_s?"),
        ("[limits]\nhandshake_s = 0\n", ":2: limits.handshake_s: 0 is no number above 0"),
        ("[limits]\nhandshake_s = nan\n", ":2: limits.handshake_s: nan is no number above 0"),
        ("[limit]\nhandshake_s = 1\n", ":1: there is no table [limit]; the only one is [limits]"),
        ("port = \n", ":1: not TOML: invalid value"),
        ('metrics = "9464"\n', ":1: metrics: '9464' is not ADDRESS:PORT, as in 127.0.0.1:9464"),
    ],
)
def test_mistake_in_a_file(tmp_path: Path, text: str, said: str) -> None:
    """Each mistake is named with its line, and with the name that was probably meant."""
    assert mistakes(tmp_path, text) == [said]


def test_all_mistakes_are_named(tmp_path: Path) -> None:
    """One look at the file finds all that is wrong with it, in the order of its lines."""
    found = mistakes(tmp_path, 'nmae = "x"\nport = 5000\n[limits]\nwaiting_max = 0\n')
    assert [line.split(":")[1] for line in found] == ["1", "4"]


def test_secret_is_not_repeated(tmp_path: Path) -> None:
    """A wrong value of the database does not come back in the mistake."""
    (said,) = mistakes(tmp_path, 'database = ["mysql://chat:s3cret@localhost/chat"]\n')
    assert "s3cret" not in said


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, and one that is not UTF-8, are named."""
    with pytest.raises(UsageError, match="No such file"):
        parse_options(["--config", str(tmp_path / "none.toml")], {})
    path = tmp_path / "latin.toml"
    path.write_bytes(b'port = 5\nname = "\xe9"\n')
    with pytest.raises(UsageError, match="line 2 is not UTF-8"):
        parse_options(["--config", str(path)], {})


def test_more_mistakes_than_one(tmp_path: Path) -> None:
    """The server says one line: the first mistake, and where the others are listed."""
    path = written(tmp_path, "prot = 1\nhots = 2\n")
    with pytest.raises(
        UsageError, match=r"chat.toml:1: .*prot.* \(and 1 more: see `chat-admin config check`\)"
    ):
        parse_options(["--config", str(path)], {})


def test_database_from_a_file(tmp_path: Path) -> None:
    """The URL may stand in a file of its own, and a nearer source displaces it."""
    secret = tmp_path / "database"
    secret.write_text("mysql://chat:pass@localhost/chat\n")
    path = written(tmp_path, f'database_file = "{secret}"\n')
    assert parse_options(["--config", str(path)], {}).database_url == "mysql://chat:pass@localhost/chat"
    nearer = parse_options(["--config", str(path)], {"CHAT_DATABASE": "sqlite:///x.db"})
    assert nearer.database_url == "sqlite:///x.db"
    below = parse_options(["--database-file", str(secret)], {"CHAT_DATABASE": "sqlite:///x.db"})
    assert below.database_url == "mysql://chat:pass@localhost/chat"


@pytest.mark.parametrize("text", ["", "\n"])
def test_database_file_without_a_url(tmp_path: Path, text: str) -> None:
    """An empty file is a mistake, and so is one that is not there."""
    secret = tmp_path / "database"
    secret.write_text(text)
    with pytest.raises(UsageError, match="its first line is empty"):
        parse_options(["--database-file", str(secret)], {})
    with pytest.raises(UsageError, match="No such file"):
        parse_options(["--database-file", str(tmp_path / "none")], {})


def test_database_twice(tmp_path: Path) -> None:
    """A source that names the database in both ways is told so."""
    path = written(tmp_path, 'database = "sqlite:///x.db"\ndatabase_file = "y"\n')
    with pytest.raises(UsageError, match="exclude each other"):
        parse_options(["--config", str(path)], {})


def test_data_folder_with_strange_characters(tmp_path: Path) -> None:
    """A data folder whose name has characters of URLs is a data folder like any other."""
    folder = tmp_path / "100%25 chat?#"
    assert Options(data_dir=folder).database_url.startswith("sqlite:///")
    assert parse_url(Options(data_dir=folder).database_url) == SqliteAddress(folder / "chat.db")


def test_example_file_is_the_table() -> None:
    """The example that is installed names every setting with its default, and nothing is wrong with it."""
    example = Path(__file__).parents[3] / "docs" / "run" / "chat.toml"
    lines = example.read_text(encoding="utf-8").splitlines()
    text = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in lines
    )
    content = tomllib.loads(text)
    limits = content.pop(LIMITS)
    named = {**content, **{f"{LIMITS}.{name}": value for name, value in limits.items()}}
    assert named.keys() == SETTINGS.keys()
    for key, value in named.items():
        if SETTINGS[key].default not in (None, ""):
            assert SETTINGS[key].kind.from_file(value) == SETTINGS[key].default, key
