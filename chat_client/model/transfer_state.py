"""A file on its way, as the views show it; it knows no thread and no socket."""

from dataclasses import dataclass


@dataclass(slots=True)
class TransferState:
    """A file on its way, or waiting for it.

    :param key: of an upload the nonce of its attachment, of a download the id of the file.
    :param message: of an upload: the nonce of the message that waits for it.
    :param done: of `size` bytes so many have arrived.
    :param asked: the user has asked for it; other downloads are pictures in view.
    :param code: why it waits to be tried again; empty where it goes on.
    """

    key: str
    name: str
    size: int
    message: str = ""
    done: int = 0
    paused: bool = False
    code: str = ""
    asked: bool = True
