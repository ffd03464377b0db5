"""Follows the guide on machines: types its blocks as they stand, and looks whether what it promises holds."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.installation.guide import SETTINGS, SQL, Block, read_guide
from tests.installation.machine import CommandError, Machine
from tests.installation.story import BLOCKS_LEFT_OUT, LINES_LEFT_OUT, STORY, Step
from tests.support.filemap import ROOT

SETTINGS_FILE: Final = "/etc/chat/chat.toml"
REPOSITORY: Final = "srv/chat.git"
PASSWORD: Final = "correct horse battery"
DATABASE_CLIENTS: Final = ("sudo mariadb", "sudo mysql")
HEALTH: Final = "curl --silent --show-error --fail http://127.0.0.1:9464/healthz"
INSTALL: Final = "DEBIAN_FRONTEND=noninteractive apt-get -q install"
ANSWER_S: Final = 30.0


class Follower:
    """One who follows the guide.

    :param boot: gives a machine of a name, booted.
    :param folder: for what is carried between machines.
    :param tell: takes a line about what goes on.
    """

    def __init__(self, boot: Callable[[str], Machine], folder: Path, tell: Callable[[str], None]) -> None:
        self._boot = boot
        self._folder = folder
        self._tell = tell
        self._blocks = {(block.section, block.number): block for block in read_guide()}
        self._machine: Machine
        self.machines: dict[str, Machine] = {}
        self.ran: list[str] = []
        self.link = ""
        self._release = make_release(folder / "chat.git")

    def follow(self) -> None:
        """Go through the story.

        :raises CommandError: when a line of the guide fails.
        :raises AssertionError: when something does not hold.
        """
        for step in STORY:
            if step.machine not in self.machines:
                self.machines[step.machine] = self._boot(step.machine)
            self._machine = self.machines[step.machine]
            self._do(step)

    def _do(self, step: Step) -> None:
        self._tell(f"== {step.machine}: {step.section} {', '.join(map(str, step.blocks))}")
        if step.before:
            getattr(self, step.before)()
        folder, output = "", ""
        client = ""  # the database's client that waits for its input
        for number in step.blocks:
            block = self._blocks[step.section, number]
            lines = block.filled(self._values(step))
            if block.kind == SETTINGS:
                self._set(lines)
            elif block.kind == SQL:
                self._run(client, folder, step.user, "\n".join(lines))
            else:
                if lines[-1] in DATABASE_CLIENTS:
                    client = lines.pop()
                for line in lines:
                    printed, folder = self._run(line, folder, step.user)
                    output += printed
            self.ran += [
                f"{step.machine}, {block}: {line}" for line in block.lines if line not in LINES_LEFT_OUT
            ]
        if step.check:
            self._tell(f"   {step.check}: {getattr(self, step.check)(output) or 'yes'}")

    def _values(self, step: Step) -> dict[str, str]:
        """Return what a reader puts in place of the guide's words."""
        return {
            "https://git.example.org/chat.git": f"file:///{REPOSITORY}",
            "VERSION": "1.0.0" if step.section == "Go back" else self._release,
            "NEWER": self._release,
            "NAME": "anna",
            "COLLEAGUE": "bob",
            "LINK": self.link,
            "DAY": step.day or self._machine.ask("date +%a"),
        }  # fmt: skip

    def _run(self, line: str, folder: str, user: str, text: str = "") -> tuple[str, str]:
        if line in LINES_LEFT_OUT:
            return "", folder
        self._tell(f"   {line}")
        if "create-admin" in line:
            text = PASSWORD + "\n"
        elif "terminal" in line:
            text = "hello from bob\n"
        return self._machine.run(line, cwd=folder, user=user, text=text, CHAT_PASSWORD=PASSWORD)

    def _set(self, lines: list[str]) -> None:
        """Write settings as an editor would: in place of the line that has them, or of their default."""
        path = self._machine.files / SETTINGS_FILE.lstrip("/")
        text = path.read_text(encoding="utf-8")
        for line in lines:
            name = line.partition(" ")[0]
            text, found = re.subn(rf"(?m)^(# )?{name} = .*$", line, text, count=1)
            assert found == 1, f"{SETTINGS_FILE} has no line for {name}"
        path.write_text(text, encoding="utf-8")

    # What a reader has.

    def release(self) -> None:
        """Put the repository where the placeholder leads."""
        shutil.copytree(self._folder / "chat.git", self._machine.files / REPOSITORY)
        (self._machine.files / "etc/gitconfig").write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")

    def newer_release(self) -> None:
        """Put a newer version, with a newer schema, into the repository."""
        self._release = make_newer_release(self._folder / "chat.git", self._folder / "work")
        self._machine.ask(f"rm -rf /{REPOSITORY}")
        self.release()

    def firewall(self) -> None:
        """Have the firewall that the guide takes as its example."""
        self._machine.ask(f"{INSTALL} ufw")

    def certificate(self) -> None:
        """Have a certificate of one's own."""
        self._machine.run(
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout privkey.pem -out fullchain.pem -days 90"
            " -subj /CN=chat.example.org -addext subjectAltName=DNS:chat.example.org",
            cwd="",
        )

    def carry(self) -> None:
        """Carry the packed data, and the colleague's client, to the new machine."""
        for file in ("tech/move.tar.gz", "colleague/chat-client.pyz"):
            path = f"home/{file}"
            (self._machine.files / path).write_bytes((self.machines["old"].files / path).read_bytes())

    # What must hold.

    def runs_as_chat(self, _output: str) -> str:
        """The service runs, under its own user, and said that it is ready."""
        assert self._machine.ask("systemctl is-active chat") == "active"
        process = "/proc/$(systemctl show chat --property=MainPID --value)"
        assert self._machine.ask(f"stat -c %U {process}") == "chat"
        return self._machine.ask(f"tr '\\0' ' ' <{process}/cmdline")

    def has_backup(self, _output: str) -> str:
        """The backup of the night is whole."""
        day = self._machine.ask("date +%a")
        checked = self._machine.ask(f"runuser -u chat -- chat-backup check /var/backups/chat/{day}.backup")
        return checked.splitlines()[-1]

    def uses_mariadb(self, _output: str) -> str:
        """The server made its tables in MariaDB, through the file that it alone reads."""
        self.runs_as_chat("")
        assert self._machine.ask("stat -c %a:%U /etc/chat/database") == "600:chat"
        return (
            self._machine.ask("mariadb chat --batch --skip-column-names -e 'SELECT COUNT(*) FROM rooms'")
            + " rooms"
        )

    def is_well(self, _output: str) -> str:
        """`/healthz` answers 200."""
        return self._eventually(HEALTH).replace("\n", "; ")

    def has_certificate(self, _output: str) -> str:
        """Clients are shown the certificate that was brought."""
        fingerprint = "openssl x509 -noout -fingerprint -sha256"
        brought = self._machine.ask(f"{fingerprint} -in /home/tech/fullchain.pem")
        shown = f"openssl s_client -connect chat.example.org:5000 </dev/null 2>/dev/null | {fingerprint}"
        self._eventually(f'test "$({shown})" = "{brought}"')  # a reload is only asked for
        return brought

    def invites(self, output: str) -> str:
        """The link names the machine."""
        found = re.search(r"chat://chat\.example\.org:5000/\S+", output)
        assert found is not None, output
        self.link = found[0]
        return self.link

    def hands_out_client(self, _output: str) -> None:
        """A colleague gets the one file, and nothing else."""
        self._machine.ask("install -o colleague /home/tech/chat/dist/chat-client.pyz /home/colleague/")

    def two_talk(self, _output: str) -> str:
        """A second client reads what the first said, and what it answers is read by the first."""
        self._talk("--register --user carol", "hello from carol", "hello from bob")
        self._talk("--user bob", "and here is bob", "hello from carol")
        return "bob and carol read each other"

    def is_newer(self, _output: str) -> str:
        """The newer server serves, and what was said is there."""
        version = self._machine.ask("dpkg-query --show --showformat '${Version}' chat-server")
        assert version == self._release
        self.still_said("")
        return version

    def refuses_newer_database(self, _output: str) -> str:
        """The older server does not start on the newer database, and its log says why."""
        assert self._machine.ask("systemctl is-active chat || true") != "active"
        log = self._machine.ask("journalctl -u chat --output=cat --no-pager")
        found = re.findall(r"^.*newer.*$", log, re.MULTILINE)
        assert found, log[-2000:]
        return str(found[-1])

    def still_said(self, _output: str) -> str:
        """Both colleagues find what they said, under the same certificate, and all is well."""
        well = self.is_well("")
        self._talk("--no-stay --user bob", "bob again", "hello from bob", "hello from carol")
        return well

    def promtool_agrees(self, _output: str) -> str:
        """Prometheus' own checker takes the metrics and the alert rules."""
        self._machine.ask(
            "DEBIAN_FRONTEND=noninteractive apt-get -q install --no-install-recommends prometheus"
        )
        rules = (ROOT / "docs" / "run" / "monitoring" / "alerts.yml").read_text(encoding="utf-8")
        (self._machine.files / "srv/alerts.yml").write_text(rules, encoding="utf-8")
        checked = self._machine.ask("promtool check rules /srv/alerts.yml")
        self._machine.ask(
            "curl --silent 127.0.0.1:9464/metrics >/srv/metrics && promtool check metrics </srv/metrics"
        )
        return checked.splitlines()[-1].strip()

    def runs_wheel(self, _output: str) -> str:
        """The service of the wheel, once started again, runs from the wheel's folder."""
        self._machine.ask("systemctl restart chat")
        process = self.runs_as_chat("")
        assert "/opt/chat-venv/" in process
        return process

    # Tools.

    def _talk(self, options: str, text: str, *expected: str) -> None:
        """Have a colleague's client say a line, and see that it shows what others said."""
        line = f"python3 chat-client.pyz terminal {options} --room Général"
        heard, _folder = self._machine.run(
            line, cwd="", user="colleague", text=f"{text}\n", CHAT_PASSWORD=PASSWORD
        )
        for said in expected:
            assert said in heard, f"{said!r} is not in what {line!r} printed:\n{heard}"

    def _eventually(self, command: str) -> str:
        """Ask until it is answered: what was asked for happens a moment later."""
        deadline = time.monotonic() + ANSWER_S
        while True:
            try:
                return self._machine.ask(command)
            except CommandError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)


def left_out(ran: set[tuple[str, int]]) -> list[Block]:
    """Return the blocks that neither ran nor are allowed to be left out."""
    return [
        block
        for block in read_guide()
        if (block.section, block.number) not in ran and (block.section, block.number) not in BLOCKS_LEFT_OUT
    ]


def known_blocks() -> set[tuple[str, int]]:
    """Return the blocks of the story."""
    return {(step.section, number) for step in STORY for number in step.blocks}


def make_release(repository: Path) -> str:
    """Make a bare repository of what this one's last commit holds; return its version."""
    git("clone", "--quiet", "--bare", str(ROOT), str(repository))
    head = git("-C", str(ROOT), "rev-parse", "HEAD")
    git("-C", str(repository), "update-ref", "refs/heads/main", head)
    git("-C", str(repository), "symbolic-ref", "HEAD", "refs/heads/main")
    return _version(git("-C", str(repository), "show", "main:chat_server/__init__.py"))


def make_newer_release(repository: Path, work: Path) -> str:
    """Put a newer version with one more migration into the repository; return the version."""
    if not work.exists():
        git("clone", "--quiet", str(repository), str(work))
    file = work / "chat_server" / "__init__.py"
    text = file.read_text(encoding="utf-8")
    version = _version(text)
    major, minor, patch = version.split(".")
    newer = f"{major}.{minor}.{int(patch) + 1}"
    file.write_text(text.replace(version, newer), encoding="utf-8")
    for kind in ("sqlite", "mysql"):
        folder = work / "sql" / "migrations" / kind
        number = max(int(path.name[:4]) for path in folder.glob("*.sql")) + 1
        table = f"CREATE TABLE newer_{number} (id INTEGER NOT NULL PRIMARY KEY);\n"
        (folder / f"{number:04}_newer.sql").write_text(table, encoding="utf-8")
    git("-C", str(work), "add", "--all")
    git(
        "-C",
        str(work),
        "-c",
        "user.name=release",
        "-c",
        "user.email=release@localhost",
        "commit",
        "-qm",
        f"Release {newer}",
    )
    git("-C", str(work), "push", "--quiet", "origin", "HEAD:main")
    return newer


def _version(text: str) -> str:
    found = re.search(r'__version__ = "([\d.]+)"', text)
    assert found is not None
    return found[1]


def git(*arguments: str) -> str:
    """Run git, and return what it prints."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()
