"""MySQL with Group Replication, from packages that were unpacked and not installed."""
