"""Run as a program, a server of a later release: this tree's, with another version and its own SQL.

Quick passwords are used, as in the servers of tests.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chat_server.storage.schema import migrations
from tests.support.quick_passwords import hash_quickly

VERSION: Final = "99.0.0"
_SQL_FOLDER: Final = "LATER_SQL_FOLDER"


def later_sql(folder: Path, scripts: Mapping[str, str]) -> Mapping[str, str]:
    """Make a later release's SQL and return the environment that its server needs.

    :param folder: is made; a copy of this tree's SQL with one migration more for each script.
    :param scripts: of the migrations, by their names.
    """
    shutil.copytree(migrations.SQL_FOLDER, folder)
    first = len(migrations.known_migrations("mysql")) + 1
    for number, (name, script) in enumerate(scripts.items(), first):
        for kind in ("mysql", "sqlite"):
            (folder / "migrations" / kind / f"{number:04}_{name}.sql").write_text(script, encoding="utf-8")
    return {_SQL_FOLDER: str(folder)}


if __name__ == "__main__":
    import chat_server

    chat_server.__version__ = VERSION
    migrations.SQL_FOLDER = Path(os.environ[_SQL_FOLDER])  # type: ignore[misc]  # before it is read
    from chat_server.__main__ import main

    hash_quickly()
    sys.exit(main())
