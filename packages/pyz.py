"""Packs the client into one file, `chat-client.pyz`, that any Python 3.11 with Tk runs; it installs nothing.

`python packages/pyz.py FILE [INVITATION]`: the invitation is where the client goes when nothing else is said.
"""

import shutil
import sys
import tempfile
import zipapp
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chat_client.options import INVITATION_FILE  # noqa: E402
from chat_protocol.invitations import parse_invitation  # noqa: E402

PACKAGES: Final = ("chat_client", "chat_protocol")
START: Final = ROOT / "packages" / "start_client.py"


def pack(target: Path, invitation: str = "") -> None:
    """Write the file.

    :param invitation: a link or `host:port`; empty for none.
    :raises ValueError: when there is no server in it.
    """
    link = parse_invitation(invitation).link() if invitation else ""
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder)
        for package in PACKAGES:
            shutil.copytree(ROOT / package, content / package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copyfile(START, content / "__main__.py")
        if link:
            (content / "chat_client" / INVITATION_FILE).write_text(link, encoding="utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        zipapp.create_archive(content, target, interpreter="/usr/bin/env python3", compressed=True)
        target.chmod(0o755)


def main(arguments: list[str]) -> int:
    """Pack, and say what was written."""
    if not 1 <= len(arguments) <= 2:
        print("usage: python packages/pyz.py FILE [INVITATION]", file=sys.stderr)
        return 2
    try:
        pack(Path(arguments[0]), *arguments[1:])
    except ValueError as error:
        print(f"INVITE: {error}", file=sys.stderr)
        return 2
    print(f"wrote {arguments[0]}: python3 {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
