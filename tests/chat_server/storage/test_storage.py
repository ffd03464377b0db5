"""What a storage is made of, where nothing is said of other servers."""

from pathlib import Path

from chat_server.storage import Storage, open_storage
from chat_server.storage.core.owner import Owner
from chat_server.storage.sqlite.adapter import SqliteDatabase


def test_storage_is_one_servers_unless_it_is_told(tmp_path: Path) -> None:
    """It tells no other server of anything; with its end the data folder is free."""
    owner = Owner(tmp_path)
    alone = Storage(SqliteDatabase(tmp_path / "chat.db"), owner)
    assert alone.servers is None
    alone.close()
    by_url = open_storage(f"sqlite:///{tmp_path}/chat.db", data_dir=tmp_path)
    assert by_url.servers is None
    by_url.close()
    Owner(tmp_path).release()
