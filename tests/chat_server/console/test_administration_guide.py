"""The administrator's guide names every command as the console has it."""

from chat_server.console.shell.shell import TABLE
from tests.support.filemap import ROOT

GUIDE = ROOT / "docs" / "run" / "administration.md"


def test_guide_names_every_command_with_its_usage() -> None:
    """A command that is not in the guide, or stands there with another usage, fails this test."""
    text = GUIDE.read_text(encoding="utf-8").replace("\\|", "|")
    missing = [spec.usage for spec in TABLE.values() if f"`{spec.usage}`" not in text]
    assert not missing
