"""A bare Debian machine: a root folder that `mmdebstrap` makes, booted with its own systemd in namespaces.

It has its own processes, host name, mounts and network, which leads nowhere; the kernel is this computer's.
Commands that fetch something (`apt-get`, `pip`, `git`, `make`) run in this computer's network. Needs root.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: What every server has that Debian's installer made, and a bare root has not.
SERVER_PACKAGES: Final = ("systemd", "systemd-sysv", "dbus", "sudo", "ca-certificates", "iproute2")
CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
USER: Final = "tech"
FETCHES: Final = re.compile(r"\b(apt-get|pip|git|make)\b")
BOOT_S: Final = 60.0
COMMAND_S: Final = 900

#: Runs in new namespaces; $1 is the root folder, $2 the host name.
BOOT: Final = """
set -e
mount --make-rprivate /
ip link set lo up
hostname "$2"
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for file in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "dev/${file%:*}" c 1 "${file#*:}"; done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
pivot_root . .
umount -l .
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target
"""
# What is left out is for hardware, or would wait for a network that is not there.
MASKED: Final = (
    "systemd-networkd-wait-online.service", "systemd-resolved.service", "systemd-timesyncd.service",
    "systemd-logind.service", "apt-daily.timer", "apt-daily-upgrade.timer", "getty.target",
)  # fmt: skip


def missing_for(programs: Sequence[str]) -> str:
    """Return what to do before bare machines can be made, or nothing when they can."""
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing and os.geteuid() == 0:
        return ""
    return f"It needs root and {', '.join(missing or programs)} (sudo apt-get install mmdebstrap)."


def bare_root(release: str, folder: Path, kind: str = "", packages: Sequence[str] = SERVER_PACKAGES) -> Path:
    """Return the archive of a release's bare root, made when the folder has none yet.

    :param kind: names a root with other packages than a server's.
    :raises subprocess.CalledProcessError: when no mirror gives it.
    """
    name = f"{release}-{kind}" if kind else release
    archive = folder / f"{name}.tar"
    if not archive.exists():
        part = folder / f"{name}.part.tar"
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}"]
        # Without one named, mmdebstrap takes Debian's own mirror.
        subprocess.run([*command, "--mode=root", release, str(part)], check=True, timeout=1200)
        part.rename(archive)
    return archive


def lend_certificates(root: Path) -> None:
    """Let a root trust what this computer trusts: it may stand behind a proxy of its own."""
    if CERTIFICATES.exists():
        shutil.copyfile(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
        (root / "etc/pip.conf").write_text(f"[global]\ncert = {CERTIFICATES}\n", encoding="utf-8")


class CommandError(Exception):
    """A command ended with another status than 0; the text has what it printed."""


class Machine:
    """One machine, from its boot on.

    :param packages: a folder in which machines share what `apt-get` has fetched.
    """

    def __init__(self, name: str, archive: Path, folder: Path, packages: Path) -> None:
        self.name = name
        self.root = folder / name
        self.root.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(self.root)], check=True)
        self._settle(packages)
        self._packages = packages
        self._unshare = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup", "--kill-child",
             "bash", "-c", BOOT, "boot", str(self.root), name],
            stdin=subprocess.DEVNULL, stdout=(folder / f"{name}.log").open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._init = 0
        self._wait_for_boot()

    def _settle(self, packages: Path) -> None:
        """Give the root a user with sudo, this computer's way out, and the packages fetched before."""
        for unit in MASKED:
            (self.root / "etc/systemd/system" / unit).symlink_to("/dev/null")
        for user in (USER, "colleague"):
            self._in_root("useradd", "--create-home", "--shell", "/bin/bash", user)
        self._write("etc/sudoers.d/tech", f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
        self._write("etc/hostname", f"{self.name}\n")
        self._write("etc/hosts", f"127.0.0.1 localhost chat.example.org {self.name}\n")
        self._write("etc/apt/apt.conf.d/90answers", 'APT::Get::Assume-Yes "true";\n')
        shutil.copyfile("/etc/resolv.conf", self.root / "etc/resolv.conf")
        lend_certificates(self.root)
        for file in packages.glob("*.deb"):
            shutil.copy(file, self.root / "var/cache/apt/archives")

    def _in_root(self, *command: str) -> None:
        subprocess.run(["chroot", str(self.root), *command], check=True)

    def _write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, encoding="utf-8")

    def _wait_for_boot(self) -> None:
        children = Path(f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children")
        deadline = time.monotonic() + BOOT_S
        state = ""
        while time.monotonic() < deadline and self._unshare.poll() is None:
            found = children.read_text().split()
            self._init = int(found[0]) if found else 0
            if self._init and Path(f"/proc/{self._init}/comm").read_text() == "systemd\n":
                state = self.ask("systemctl is-system-running || true")
                if state in ("running", "degraded"):
                    return
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"{self.name} did not boot ({state or 'no systemd'}): see {self.root}.log")

    def run(
        self, command: str, *, cwd: str, user: str = USER, text: str = "", **environment: str
    ) -> tuple[str, str]:
        """Run one line as a user of the machine; return what it printed, and the folder that it leads to.

        :param text: what is typed meanwhile.
        :raises CommandError: when it fails.
        """
        home = f"/home/{user}"
        ending = f"/run/shell-folder-{user}"
        script = f"cd {shlex.quote(cwd or home)}\n{command}\nstatus=$?\npwd >{ending}\nexit $status\n"
        left = self.files / ending.lstrip("/")
        left.touch()
        left.chmod(0o666)
        variables = {
            "HOME": home, "USER": user, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", **environment,
        }  # fmt: skip
        setting = [f"{name}={value}" for name, value in variables.items()]
        as_user = ["runuser", "-u", user, "--", "env", "-i", *setting, "bash", "-c", script]
        printed = self._call(command, as_user, text)
        return printed, left.read_text(encoding="utf-8").strip()

    def ask(self, command: str) -> str:
        """Run a line as root that is no line of the guide; return what it printed."""
        return self._call(command, ["bash", "-c", command], "").strip()

    def _call(self, command: str, words: list[str], text: str) -> str:
        entering = self._enter(fetches=bool(FETCHES.search(command)))
        done = subprocess.run(
            [*entering, *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=COMMAND_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise CommandError(f"{command}\nstatus {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    @property
    def files(self) -> Path:
        """The machine's files as it sees them, with its own /run and /tmp."""
        return Path(f"/proc/{self._init}/root")

    def _enter(self, *, fetches: bool) -> list[str]:
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--root", "--wd"]
        return ["nsenter", f"--target={self._init}", *spaces, *([] if fetches else ["--net"]), "--"]

    def stop(self) -> None:
        """End it, and keep what `apt-get` has fetched."""
        for file in (self.root / "var/cache/apt/archives").glob("*.deb"):
            if not (self._packages / file.name).exists():
                shutil.copy(file, self._packages)
        if self._init and self._unshare.poll() is None:
            os.kill(self._init, signal.SIGKILL)  # with the first process of its namespace, all others end
        self._unshare.kill()
        self._unshare.wait(20)
        shutil.rmtree(self.root, ignore_errors=True)
