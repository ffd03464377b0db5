"""Why a backup cannot be made, believed or restored, in one line for a person."""


class BackupError(Exception):
    """The text says what is wrong."""


class DamagedBackup(BackupError):
    """The file is no backup, is cut short, or holds something else than it says."""
