"""The manifest of a backup: what it holds, by hash, and what it was made of. It holds no secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.utils import validate_file_name
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from media_assets.storage import StoredFile
from rendering.management.backup.errors import BackupError

FORMAT = 1
NAME = "manifest.json"
SALT = "renderdesk.backup"
# What a backup does not hold, for it is in the environment, and what is lost without it.
KEEP = ("SECRET_KEY", "DATABASE_URL", "EMAIL_URL")


@dataclass(frozen=True)
class Manifest:
    """One backup. Files by their storage names; rows and migrations by model and app."""

    name: str
    created: datetime
    version: str  # of Renderdesk
    vendor: str  # of the database
    database: StoredFile
    rows: Mapping[str, int]
    migrations: Mapping[str, list[str]]
    files: Mapping[str, StoredFile]
    missing: Mapping[str, str] = field(
        default_factory=dict
    )  # files that rows name and the storage had not, and why
    signed: str = ""  # the name, signed with SECRET_KEY: tells another key at the restore

    @property
    def bytes(self) -> int:
        """All bytes, the database included."""
        return self.database.bytes + sum(file.bytes for file in self.files.values())

    @property
    def has_this_key(self) -> bool:
        """Whether it was made with the SECRET_KEY of this installation."""
        try:
            return Signer(salt=SALT).unsign(self.signed) == self.name
        except BadSignature:
            return False

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON values; a file is [SHA-256, bytes]."""
        return {
            "format": FORMAT,
            **asdict(self),
            "created": self.created.isoformat(),
            "files": {file.name: [file.sha256, file.bytes] for file in self.files.values()},
            "keep_by_hand": KEEP,
        }

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest in *folder*. Raises BackupError for one that is not ours, damaged, or of a later format."""
        path = folder / NAME
        try:
            document = json.loads(path.read_bytes())
            if document["format"] > FORMAT:
                raise BackupError(
                    "newer",
                    _(
                        "{path} was made by a later version of Renderdesk ({version}). Use that version."
                    ).format(path=path, version=document["version"]),
                )
            return cls(
                name=folder.name,
                created=datetime.fromisoformat(document["created"]),
                version=document["version"],
                vendor=document["vendor"],
                database=_safe(StoredFile(**document["database"])),
                rows=document["rows"],
                migrations=document["migrations"],
                files={name: _safe(StoredFile(name, *file)) for name, file in document["files"].items()},
                missing=document["missing"],
                signed=document["signed"],
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SuspiciousFileOperation) as error:
            raise BackupError(
                "damaged",
                _("{path} can't be used: {reason}.").format(path=path, reason=str(error).rstrip(".")),
            ) from error


def _safe(file: StoredFile) -> StoredFile:
    """Return the file, whose name leads nowhere else. Raises SuspiciousFileOperation."""
    validate_file_name(file.name, allow_relative_path=True)
    return file
