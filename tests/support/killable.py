"""A server among several that tests kill, freeze and let go on; it knows no kind of server."""

import signal
import subprocess
from typing import Any


class Killable:
    """What runs as one process, as long as it runs."""

    process: "subprocess.Popen[Any] | None" = None

    def signal(self, number: signal.Signals) -> None:
        """Kill, stop or continue it."""
        assert self.process is not None
        self.process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait()

    def kill_if_running(self) -> None:
        """Kill it, frozen or not, unless it has ended."""
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
