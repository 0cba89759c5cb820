"""The installation's secret key, when the environment does not give one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def load_or_make_secret(path: Path) -> str:
    """Return the key kept in *path*, making it on first use, readable by its owner only.

    Web and workers must use the same key (it signs queue messages), so it is kept, not made per process.
    Production sets SECRET_KEY instead.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    with draft.open("w") as out:
        out.write(secrets.token_urlsafe(50))
        out.flush()
        os.fsync(out.fileno())  # a power cut must not leave an empty key under the final name
    try:
        os.link(draft, path)  # the first of several processes wins; the others read its key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
