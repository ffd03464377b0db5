"""A database connection that has to be encrypted is encrypted, or there is none."""

import pytest

from chat_server.storage import open_storage
from chat_server.storage.core.errors import StorageConfigError, StorageError
from tests.support.mariadb import MariaDb


def test_server_without_tls_is_refused(mariadb: MariaDb) -> None:
    """`tls=require` never goes on in plain text, and the text says what to do."""
    url = mariadb.new_database()
    open_storage(url).close()
    assert mariadb.sql("SHOW VARIABLES LIKE 'have_ssl'").split() == ["have_ssl", "DISABLED"]
    with pytest.raises(StorageConfigError, match="tls=off"):
        open_storage(url + "?tls=require")
    with pytest.raises(StorageError):
        open_storage(url + "?tls=verify")
    open_storage(url + "?tls=off").close()
