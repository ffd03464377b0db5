"""The MySQL and MariaDB adapter."""
