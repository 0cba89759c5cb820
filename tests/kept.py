"""Migrated databases that stay for later test runs, as long as nothing they were made of has changed.

`python -m tests.kept` migrates the database of DATABASE_URL and prints which files of the project took part.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.paths import PROJECT

FOLDER = PROJECT / ".pytest_cache" / "d" / "migrated"
SETTINGS = ("RENDERDESK_", "CYCLES_", "MEDIA_", "REDIS_", "TIME_ZONE")  # variables that settings read
NO_SETTINGS = ("RENDERDESK_TEST", "RENDERDESK_VAR_DIR")


def is_good(kept: Path) -> bool:
    """Return whether the file is whole, and what it was made of is still the same."""
    try:
        note = json.loads(_note_beside(kept).read_text())
        return bool(note == described(kept, note["files"]))
    except (OSError, ValueError, LookupError):
        return False


def keep(made: Path, kept: Path, files: Iterable[str]) -> None:
    """Copy a file that was made with these files of the project to its place for later runs, if that can be written."""
    part = kept.with_name(f"{kept.name}.{os.getpid()}")
    note = _note_beside(part)
    with suppress(OSError):
        FOLDER.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, part)
        note.write_text(json.dumps(described(part, files)))
        part.replace(kept)
        note.replace(_note_beside(kept))


def described(made: Path, files: Iterable[str]) -> dict[str, Any]:
    """Return what a file is and was made of, as a note has it. All migrations count, also those that are new."""
    migrations = {str(one.relative_to(PROJECT)) for one in PROJECT.glob("*/migrations/*.py")}
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    env = PROJECT / ".env"
    return {
        "file": _sha256(made),
        "files": {name: _sha256(PROJECT / name) for name in sorted({*files, *migrations})},
        "packages": [sys.version, *sorted(one.name for one in packages)],
        "settings": {
            name: value
            for name, value in sorted(os.environ.items())
            if name.startswith(SETTINGS) and not name.startswith(NO_SETTINGS)
        },
        ".env": _sha256(env) if env.exists() else "",
    }


def of_this_process() -> list[str]:
    """Return the files of the project that this process has imported."""
    imported = {getattr(one, "__file__", None) for one in list(sys.modules.values())}
    ours = [Path(one).relative_to(PROJECT) for one in imported if one and Path(one).is_relative_to(PROJECT)]
    return sorted(str(one) for one in ours if not one.parts[0].startswith("."))


def _note_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    print(json.dumps(of_this_process()))


if __name__ == "__main__":
    main()
