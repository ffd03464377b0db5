"""Starts the window for a command line, or says why it cannot; it must not know what the window shows."""

import sys
from tkinter import messagebox

from chat_client import i18n
from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.options import Options
from chat_client.store.files import NewerFileError
from chat_client.ui.app import App
from chat_client.ui.interpreter import make_root
from chat_client.ui.look import display
from chat_client.ui.notify import APPLICATION


def run(options: Options) -> int:
    """Show the window for what the command line asked for; return the exit status."""
    display.prepare_process()
    try:
        client = Client(options.home, insecure=options.insecure)
    except NewerFileError as error:
        return _refuse_to_start(error, options.language)
    App(client, language=options.language, invitation=options.invitation).run(hidden=options.hidden)
    return 0


def _refuse_to_start(error: NewerFileError, language: str) -> int:
    """Say what to do, on the terminal and in a box for those who started the program without one."""
    print(error, file=sys.stderr)
    i18n.use(language)
    root = make_root(APPLICATION)
    root.withdraw()
    messagebox.showerror(APPLICATION, _("files.newer", path=error.path), parent=root)
    root.destroy()
    return 1
