"""Follows the guide on machines: types its blocks as they stand, and looks whether what it promises holds."""

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.installation.guide import SETTINGS, SQL, Block, read_guide
from tests.installation.machine import CommandError, Machine
from tests.installation.releases import NEWER_SETTING, make_newer_release, make_release
from tests.installation.story import BLOCKS_LEFT_OUT, LINES_LEFT_OUT, STORY, Step
from tests.support.filemap import ROOT

SETTINGS_FILE: Final = "/etc/chat/chat.toml"
REPOSITORY: Final = "srv/chat.git"
PASSWORD: Final = "correct horse battery"
DATABASE_CLIENTS: Final = ("sudo mariadb", "sudo mysql")
HEALTH: Final = "curl --silent --show-error --fail http://127.0.0.1:9464/healthz"
INSTALL: Final = "DEBIAN_FRONTEND=noninteractive apt-get -q install"
DATA: Final = "/etc/chat /var/lib/chat /var/backups/chat"
LEFT_BEHIND: Final = (
    "ls -d /usr/lib/chat /usr/bin/chat-* /lib/systemd/system/chat* /etc/systemd/system/*/chat* 2>/dev/null"
)
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
        self._kept = ""  # the settings file as it was, and what is kept beside it
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
        elif "apt-get install" in line and "./dist/" in line:
            text = "\n"  # to the question about the settings file
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
        self._kept = self._settings()

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
        """The newer server runs with the settings of before, and what was said is there."""
        version = self._machine.ask("dpkg-query --show --showformat '${Version}' chat-server")
        assert version == self._release
        assert self._settings() == self._kept
        assert NEWER_SETTING in self._settings(".dpkg-dist")
        self.runs_as_chat("")
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

    def comes_back(self, _output: str) -> str:
        """Removing the package ends the server and loses nothing: installed again, it is as it was."""
        assert self._machine.ask("pgrep -u chat || true") == ""
        assert not (self._machine.files / "usr/lib/chat").exists()
        self._install_again()
        assert self._machine.ask("systemctl is-enabled chat.service chat-backup.timer").split() == [
            "enabled", "enabled",
        ]  # fmt: skip
        assert self._machine.ask("systemctl is-active chat-backup.timer") == "active"
        self.runs_as_chat("")
        return self.still_said("")

    def stays_disabled(self, _output: str) -> None:
        """A service that was disabled is left alone by a package that is installed over it."""
        self._machine.ask("systemctl disable --now --quiet chat.service")
        self._install_again()
        assert self._machine.ask("systemctl is-active chat || true") == "inactive"
        assert self._machine.ask("systemctl is-enabled chat || true") == "disabled"
        self._machine.ask("systemctl enable --now --quiet chat.service")
        self._kept = self._data()

    def keeps_data(self, _output: str) -> str:
        """The purge took the program and its settings file, and not a file of the data."""
        kept = [path for path in self._kept.splitlines() if not path.startswith(SETTINGS_FILE)]
        assert self._data().splitlines() == kept
        assert "/etc/chat/database" in kept
        assert "/var/backups/chat/move.backup" in kept
        assert self._machine.ask("dpkg-query --show 'chat-server*' 2>/dev/null || true") == ""
        assert self._machine.ask(f"{LEFT_BEHIND} || true") == ""
        assert self._machine.ask("id --name --user chat") == "chat"
        return f"{len(kept)} files are left"

    def is_gone(self, _output: str) -> None:
        """Nothing of the server is left, nor a file of the user who is gone."""
        assert self._machine.ask("find /etc/chat /var/lib/chat /var/backups/chat 2>/dev/null || true") == ""
        assert self._machine.ask("find / -xdev -nouser") == ""

    # Tools.

    def _settings(self, ending: str = "") -> str:
        path = self._machine.files / f"{SETTINGS_FILE.lstrip('/')}{ending}"
        return path.read_text(encoding="utf-8")

    def _data(self) -> str:
        """Return the paths of what is not the program, but for the server's log, which comes and goes."""
        return self._machine.ask(f"find {DATA} -type f -not -name '*.log*' | sort")

    def _install_again(self) -> None:
        self._machine.ask(f"{INSTALL} /home/tech/chat/dist/chat-server_{self._release}_all.deb")

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
