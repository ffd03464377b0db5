"""A database read as it stands at one moment, beside a server that goes on writing."""

import pytest

from chat_server.storage import Storage
from chat_server.storage.mysql.connection import MysqlConnection
from chat_server.storage.mysql.errors import ConnectionLost
from chat_server.storage.schema.snapshot import open_snapshot
from tests.chat_server.storage.conftest import START_MS, open_mysql


def test_snapshot_of_mysql_keeps_its_moment(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written meanwhile is not in it; a replica, which may not write, is as good."""
    storage = Storage(open_mysql(mariadb_url))

    def refuse(connection: MysqlConnection) -> None:
        raise ConnectionLost("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(MysqlConnection, "require_writable", refuse)
        with open_snapshot(mariadb_url) as snapshot:
            patch.undo()
            storage.users.create("zoe", "zoe", "Zoé", "hash", START_MS)
            assert (snapshot.kind, snapshot.query("SELECT * FROM users", ())) == ("mysql", [])
    storage.close()
    with open_snapshot(mariadb_url) as snapshot:
        assert snapshot.query("SELECT username FROM users", ()) == [("zoe",)]
