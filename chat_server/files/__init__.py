"""The bytes of files on the disk: kept by their content, written whole or not at all; it knows no user."""
