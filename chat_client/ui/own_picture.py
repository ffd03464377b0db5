"""Lets the user choose the picture of themselves, or take it away; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter.filedialog import askopenfilename

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.pictures import Fault, PictureRefused
from chat_client.ui.look.photos import pillow
from chat_client.ui.look.squares import avatar_of


class OwnPicture:
    """Choose a file, make it small, and show it.

    :param complain: says why a file is not taken.
    """

    def __init__(self, root: tk.Misc, client: Client, complain: Callable[[str], object]) -> None:
        self._root, self._client, self._complain = root, client, complain

    @property
    def known(self) -> bool:
        """Whether the server keeps pictures of people."""
        return self._client.avatars.known

    @property
    def shown(self) -> bool:
        """Whether the user shows one."""
        return bool(self._client.avatars.named(self._client.state.username))

    def choose(self) -> None:
        """Ask for a file, and show the middle of it."""
        name = askopenfilename(parent=self._root, title=_("avatar.choose"))
        if name:
            self.take(Path(name))

    def take(self, path: Path) -> None:
        """Show the middle of a picture."""
        try:
            picture = avatar_of(self._root, path)
        except PictureRefused as refused:
            kinds = "avatar.with_pillow" if pillow() else "avatar.without_pillow"
            self._complain(_(kinds if refused.fault == Fault.WRONG_KIND else "avatar.refused"))
        except OSError as error:
            self._complain(_("avatar.unreadable", reason=error.strerror or error))
        else:
            self._client.avatars.choose(picture)

    def remove(self) -> None:
        """Show none any more."""
        self._client.avatars.choose(None)
