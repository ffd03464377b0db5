"""Two servers of a cluster on three MariaDB servers with Galera, of which some fail: `make galera`."""
