"""Backups: the database and the media of one moment in a folder, and the way back into an empty installation.

A folder holds any number of backups, each in a folder of its own with the database and `manifest.json`, and the media
of all of them once, in `media/` (`folder`). The database comes first (`database`), then every file that its rows name
(`contents`), so that no row lacks its file (`making`). `restoring` is the way back.
"""

from rendering.management.backup.errors import BackupError
from rendering.management.backup.folder import BackupFolder
from rendering.management.backup.making import Made, back_up, last
from rendering.management.backup.manifest import Manifest
from rendering.management.backup.restoring import Restored, restore
from rendering.management.backup.verifying import verify

__all__ = [
    "BackupError",
    "BackupFolder",
    "Made",
    "Manifest",
    "Restored",
    "back_up",
    "last",
    "restore",
    "verify",
]
