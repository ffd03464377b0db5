"""The units with which systemd runs the server and its nightly backup; it must not know a running server."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

UNITS: Final = Path("/etc/systemd/system")
USAGE: Final = """\
usage: chat-admin install-service [--config FILE] [--user NAME] [--print | --into DIR]

Writes chat.service, chat-backup.service and chat-backup.timer for the programs of this installation, and says
what to do next. Needs root, but not with --print or --into."""

# Tried against `systemd-analyze security`; each line takes away what the server does not need.
HARDENING: Final = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
PrivateUsers=yes
CapabilityBoundingSet=
AmbientCapabilities=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077
"""

_BACKUP_FILE: Final = "/var/backups/chat/$(date +%%a).backup"  # one for each day of the week


@dataclass(frozen=True, slots=True)
class Service:
    """What the units name.

    :param python: the interpreter, with whatever makes it find the program.
    :param folder: the folder to run in, where the program runs from its folder; else None.
    """

    user: str
    config: Path
    python: str
    folder: Path | None = None

    def units(self) -> dict[str, str]:
        """Return the text of each unit, by its file's name."""
        return {
            "chat.service": self._server(),
            "chat-backup.service": self._backup(),
            "chat-backup.timer": _TIMER,
        }

    def _server(self) -> str:
        return f"""\
[Unit]
Description=Chat server
Documentation=man:systemd.service(5)
Wants=network-online.target
After=network-online.target mariadb.service mysql.service

[Service]
Type=notify
NotifyAccess=main
{self._common()}ExecStart={self.python} -m chat_server --no-console
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=60
TimeoutStartSec=10min
TimeoutStopSec=15
Restart=on-failure
RestartSec=5
LimitNOFILE=20000
{HARDENING}
[Install]
WantedBy=multi-user.target
"""

    def _backup(self) -> str:
        return f"""\
[Unit]
Description=Backup of the chat server
After=chat.service

[Service]
Type=oneshot
{self._common()}ExecStart=/bin/sh -c 'exec {self.python} -m chat_server.backup create {_BACKUP_FILE}'
ReadWritePaths=/var/backups/chat
{HARDENING}"""

    def _common(self) -> str:
        folder = f"WorkingDirectory={self.folder}\n" if self.folder is not None else ""
        return f"""\
User={self.user}
Group={self.user}
{folder}Environment=CHAT_CONFIG={self.config}
StateDirectory=chat
StateDirectoryMode=0700
"""


_TIMER: Final = """\
[Unit]
Description=Nightly backup of the chat server

[Timer]
OnCalendar=*-*-* 02:30:00
RandomizedDelaySec=10min
Persistent=yes

[Install]
WantedBy=timers.target
"""


def install_service(words: Sequence[str]) -> int:
    """Write or print the units; return 0, 1 when they cannot be written, 2 for wrong usage."""
    given = _read(words)
    if given is None:
        print(USAGE, file=sys.stderr)
        return 2
    service = Service(given["--user"], Path(given["--config"]), sys.executable, _folder())
    if "--print" in given:
        for name, text in service.units().items():
            print(f"# {name}\n{text}")
        return 0
    into = Path(given.get("--into", str(UNITS)))
    try:
        if "--into" not in given:
            _prepare_system(given["--user"], service.config)
        for name, text in service.units().items():
            (into / name).write_text(text, encoding="utf-8")
    except PermissionError as error:
        print(f"{error.filename or into}: permission denied. Run it as root, with sudo.", file=sys.stderr)
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The service was not installed: {error}", file=sys.stderr)
        return 1
    print(_next_steps(into, service.config))
    return 0


def _read(words: Sequence[str]) -> dict[str, str] | None:
    given = {"--user": "chat", "--config": "/etc/chat/chat.toml"}
    left = list(words)
    while left:
        option = left.pop(0)
        if option == "--print":
            given[option] = ""
        elif option in ("--user", "--config", "--into") and left:
            given[option] = left.pop(0)
        else:
            return None
    return given


def _folder() -> Path | None:
    """Return the folder that the program runs from; None where it is installed."""
    folder = Path(__file__).resolve().parents[2]
    return folder if (folder / "Makefile").exists() or folder == Path("/usr/lib/chat") else None


def _prepare_system(user: str, config: Path) -> None:
    """Make the user, the folders and the settings file that the units name, where they are missing."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([*command, user], check=True)
    account = pwd.getpwnam(user)
    config.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not config.exists():
        config.write_text('host = "0.0.0.0"\ndata_dir = "/var/lib/chat"\n', encoding="utf-8")
        config.chmod(0o640)
        os.chown(config, 0, account.pw_gid)
    for folder in (Path("/var/lib/chat"), Path("/var/backups/chat")):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.chown(folder, account.pw_uid, account.pw_gid)


def _next_steps(into: Path, config: Path) -> str:
    return f"""\
{into} has chat.service, chat-backup.service and chat-backup.timer now. The settings are in {config}.
Next, as root:
  systemctl daemon-reload
  systemctl enable --now chat.service chat-backup.timer
  sudo -u chat {sys.executable} -m chat_server.admin --config {config} create-admin NAME"""
