"""Opens the settings folder: files of earlier versions are migrated, later ones refused; it uses none."""

from pathlib import Path

from chat_client.store.files import JSON_FILES, JsonFile, make_private_folder, settings_folder
from chat_client.store.outbox import OUTBOX_FILE, check_outbox


def open_settings_folder(home: Path | None = None) -> Path:
    """Return the folder with its files in the current version (the outbox follows when it is opened).

    :param home: the folder (None: the platform's own, or CHAT_CLIENT_HOME).
    :raises NewerFileError: when a later version has written one of the files.
    """
    folder = make_private_folder(home or settings_folder())
    check_outbox(folder / OUTBOX_FILE)
    for name in JSON_FILES:
        JsonFile(folder / name).migrate()
    return folder
