"""Starts the window, or says how to get the Tk that it needs; `python -m chat_client`."""

import sys
from importlib.util import find_spec

from chat_client.options import parse_window_options, start_log, started_by

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


def main(arguments: list[str] | None = None) -> int:
    """Run the window until it is closed; return the exit status."""
    options = parse_window_options(arguments)
    if not has_tk():
        print(missing_tk(sys.platform), file=sys.stderr)
        return 1
    start_log(options)
    import tkinter

    from chat_client.ui.start import run

    try:
        return run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except tkinter.TclError as error:
        if "display" not in str(error):
            raise
        print(f"There is no screen to open a window on: {error}\n{_without_window()}", file=sys.stderr)
        return 1


def has_tk() -> bool:
    """Whether this Python comes with Tk; the package may be there without the library under it."""
    if find_spec("tkinter") is None:
        return False
    try:
        import tkinter  # noqa: F401
    except ImportError:
        return False
    return True


def missing_tk(platform: str) -> str:
    """Return what to do where Python came without Tk."""
    if platform == "win32":
        how = 'Run the Python installer again, choose "Modify", and tick "tcl/tk and IDLE".'
    elif platform == "darwin":
        how = "Install Python from python.org, or with Homebrew: brew install python-tk"
    else:
        how = (
            "Install it with one of:\n"
            "  sudo apt-get install python3-tk    (Debian, Ubuntu, Mint)\n"
            "  sudo dnf install python3-tkinter   (Fedora, Red Hat)\n"
            "  sudo pacman -S tk                  (Arch)\n"
            "  sudo zypper install python3-tk     (openSUSE)"
        )
    lacks = f"The window needs Tk, and this Python ({sys.executable}) comes without it."
    return "\n".join((lacks, how, _without_window()))


def _without_window() -> str:
    return f"Without a window: {started_by(terminal=True)} HOST:PORT"


if __name__ == "__main__":
    sys.exit(main())
