"""Packs the server for Debian and Ubuntu as `chat-server_VERSION_all.deb`, with `dpkg-deb`; installs nothing.

`python packages/deb.py FOLDER [--driver FOLDER]`: the folder for the file, and one with the unpacked driver
of MySQL, which Debian does not have in a version that serves.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chat_server import __version__  # noqa: E402
from chat_server.admin.service_unit import Service  # noqa: E402

PROGRAM: Final = Path("/usr/lib/chat")
CONFIG: Final = Path("/etc/chat/chat.toml")
PROGRAMS: Final = {
    "chat-server": "chat_server",
    "chat-admin": "chat_server.admin",
    "chat-backup": "chat_server.backup",
}
CONTROL: Final = f"""\
Package: chat-server
Version: {__version__}
Architecture: all
Maintainer: The administrators of this chat <root@localhost>
Depends: python3 (>= 3.11), openssl, adduser
Recommends: systemd
Suggests: mariadb-server, python3-redis, redis-server
Section: net
Priority: optional
Description: chat server for an organisation
 Rooms, private conversations and moderation for one organisation, on its own machine. Messages are stored
 before they are delivered, in SQLite, MySQL or MariaDB.
"""
WRAPPER: Final = """\
#!/bin/sh
# The settings file of the service, unless another one is named.
export CHAT_CONFIG="${CHAT_CONFIG-/etc/chat/chat.toml}" PYTHONPATH=/usr/lib/chat PYTHONSAFEPATH=1
exec /usr/bin/python3 -m MODULE "$@"
"""
SETTINGS_HEAD: Final = """\
# This machine only; 0.0.0.0 lets clients of the network in.
host = "127.0.0.1"
data_dir = "/var/lib/chat"
"""
POSTINST: Final = """\
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    adduser --system --group --quiet --no-create-home --home /var/lib/chat chat
    for folder in /var/lib/chat /var/backups/chat; do
        mkdir -p $folder
        chown chat:chat $folder
        chmod 0700 $folder
    done
    chown root:chat /etc/chat/chat.toml
    chmod 0640 /etc/chat/chat.toml
    python3 -m compileall -q /usr/lib/chat || true
    # Once: whoever disables them keeps them so. Where systemd does not run, for its next start.
    if [ -z "$2" ] && command -v systemctl >/dev/null; then
        systemctl enable --quiet chat.service chat-backup.timer
    fi
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        for unit in chat-backup.timer chat.service; do
            how=try-restart
            if systemctl is-enabled --quiet $unit; then how=restart; fi
            systemctl $how $unit || echo "$unit did not start: journalctl -u $unit" >&2
        done
    fi
    if [ -z "$2" ]; then
        echo "Settings: /etc/chat/chat.toml. First administrator: sudo -u chat chat-admin create-admin NAME"
    fi
fi
"""
PRERM: Final = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl stop chat.service chat-backup.timer || true
fi
find /usr/lib/chat -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
"""
# What was enabled is forgotten by a purge alone: a package that is installed again comes back as it was.
POSTRM: Final = """\
#!/bin/sh
set -e
if [ "$1" = purge ]; then
    for wanted in multi-user.target.wants/chat.service timers.target.wants/chat-backup.timer; do
        rm -f /etc/systemd/system/$wanted
    done
    echo "Kept are messages and files in /var/lib/chat, backups in /var/backups/chat, the user chat, and" >&2
    echo "what you made in /etc/chat. Remove them yourself." >&2
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
"""


def pack(target: Path, driver: Path | None) -> Path:
    """Write the package into a folder and return its path."""
    with tempfile.TemporaryDirectory() as name:
        content = Path(name)
        _program(content, driver)
        _units(content)
        _control(content)
        target.mkdir(parents=True, exist_ok=True)
        package = target / f"chat-server_{__version__}_all.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(content), str(package)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return package


def _program(content: Path, driver: Path | None) -> None:
    folder = _under(content, PROGRAM)
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("chat_protocol", "chat_server"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    shutil.copytree(ROOT / "sql", folder / "chat_server" / "sql", ignore=ignored)
    if driver is not None:
        shutil.copytree(driver, folder, dirs_exist_ok=True, ignore=ignored)
    _write(_under(content, CONFIG), SETTINGS_HEAD + _example(), 0o640)
    for program, module in PROGRAMS.items():
        _write(content / "usr" / "bin" / program, WRAPPER.replace("MODULE", module), 0o755)


def _example() -> str:
    """Return the example of a settings file without what the head says."""
    text = (ROOT / "docs" / "run" / "chat.toml").read_text(encoding="utf-8")
    return (
        "\n".join(line for line in text.splitlines() if not line.startswith(("# host", "# data_dir"))) + "\n"
    )


def _units(content: Path) -> None:
    for name, text in Service("chat", CONFIG, "/usr/bin/python3", PROGRAM).units().items():
        _write(content / "lib" / "systemd" / "system" / name, text, 0o644)


def _control(content: Path) -> None:
    folder = content / "DEBIAN"
    _write(folder / "control", CONTROL, 0o644)
    _write(folder / "conffiles", f"{CONFIG}\n", 0o644)
    for name, text in (("postinst", POSTINST), ("prerm", PRERM), ("postrm", POSTRM)):
        _write(folder / name, text, 0o755)
    for path, folders, _files in os.walk(content):
        for each in folders:
            (Path(path) / each).chmod(0o755)
    content.chmod(0o755)


def _under(content: Path, path: Path) -> Path:
    return content / path.relative_to("/")


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def main(arguments: list[str]) -> int:
    """Pack, and say what was written."""
    parser = argparse.ArgumentParser(prog="packages/deb.py", description="Pack the server for Debian.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--driver", type=Path, metavar="FOLDER", help="the unpacked driver of MySQL")
    given = parser.parse_args(arguments)
    if shutil.which("dpkg-deb") is None:
        print("dpkg-deb is missing: packages for Debian are made on Debian or Ubuntu", file=sys.stderr)
        return 1
    print(f"wrote {pack(given.folder, given.driver)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
