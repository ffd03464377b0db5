"""The installation guide can be followed: the short form of `make test-install`, without a bare machine."""

import os
import subprocess
import sys
from pathlib import Path

from tests.installation.follower import Follower, known_blocks, left_out
from tests.installation.guide import SETTINGS, SHELL, SQL, WORD, read_guide
from tests.installation.story import BLOCKS_LEFT_OUT, LINES_LEFT_OUT, STORY
from tests.support.filemap import ROOT
from tests.support.mariadb import MariaDb

BLOCKS = {(block.section, block.number): block for block in read_guide()}


def test_every_block_is_run() -> None:
    """The story runs each block of the guide, and names no other; what it leaves out exists."""
    assert left_out(known_blocks()) == []
    assert known_blocks() | set(BLOCKS_LEFT_OUT) == set(BLOCKS)
    assert not known_blocks() & set(BLOCKS_LEFT_OUT)
    assert set(LINES_LEFT_OUT) <= {line for block in BLOCKS.values() for line in block.lines}


def test_story_can_be_followed() -> None:
    """What a step prepares and looks at exists, and statements of SQL follow the client that takes them."""
    for step in STORY:
        for method in filter(None, (step.before, step.check)):
            assert callable(getattr(Follower, method))
        kinds = [BLOCKS[step.section, number].kind for number in step.blocks]
        for number, kind in zip(step.blocks[1:], kinds[1:], strict=True):
            if kind == SQL:
                before = BLOCKS[step.section, step.blocks[step.blocks.index(number) - 1]]
                assert before.lines[-1] == "sudo mariadb"


def test_words_to_replace_are_known() -> None:
    """Every word in capitals that a reader replaces is one for which the follower has a value."""
    known = {"VERSION", "NEWER", "NAME", "COLLEAGUE", "LINK", "DAY", "https://git.example.org/chat.git"}
    lines = [line for block in BLOCKS.values() if block.kind == SHELL for line in block.lines]
    found = {word for line in lines for word in WORD.findall(line)}
    assert found == known | {"INVITE"}  # the variable of `make`


def test_commands_are_shell() -> None:
    """Each block of commands is shell that can be parsed."""
    for block in BLOCKS.values():
        if block.kind == SHELL:
            done = subprocess.run(
                ["sh", "-n"], input="\n".join(block.lines), capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, ""), block


def test_settings_are_taken(tmp_path: Path, tls_files: tuple[Path, Path]) -> None:
    """The guide's lines of the settings file, together, are settings that `config check` takes."""
    lines = [line for block in BLOCKS.values() if block.kind == SETTINGS for line in block.lines]
    url = tmp_path / "database"
    url.write_text("mysql://chat:a%20password@localhost:3306/chat\n", encoding="utf-8")
    url.chmod(0o600)
    text = "\n".join(['data_dir = "/var/lib/chat"', *lines, ""])
    for path, real in (("database", url), ("tls-cert.pem", tls_files[0]), ("tls-key.pem", tls_files[1])):
        assert f"/etc/chat/{path}" in text
        text = text.replace(f"/etc/chat/{path}", str(real))
    settings = tmp_path / "chat.toml"
    settings.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "chat_server.admin", "config", "check", "--config", settings],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_statements_are_taken(mariadb: MariaDb) -> None:
    """The guide's SQL, in its order, makes a database and a user who may use it."""
    for block in BLOCKS.values():
        if block.kind == SQL:
            mariadb.sql("\n".join(block.lines))
    assert "GRANT ALL PRIVILEGES ON `chat`" in mariadb.sql("SHOW GRANTS FOR chat@localhost")
    mariadb.sql("DROP USER chat@localhost; DROP DATABASE chat")


def test_backup_of_a_day_is_filled_in() -> None:
    """A reader's words are replaced where they stand alone, in names of files too, and nowhere else."""
    values = {"DAY": "Thu", "VERSION": "1.0.0", "LINK": "chat://x"}
    lines = [line for block in BLOCKS.values() for line in block.filled(values)]
    assert "sudo -u chat chat-backup restore /var/backups/chat/Thu.backup" in lines
    assert "sudo apt-get install ./dist/chat-server_1.0.0_all.deb" in lines
    assert "make dist INVITE='chat://x'" in lines
