"""Secrets that the environment does not give: those that lie in files, and a key that is made on first use."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

IN_FILES = (
    "SECRET_KEY",
    "DATABASE_URL",
    "EMAIL_URL",
    "RENDERDESK_OIDC_CLIENT_SECRET",
    "SENTRY_DSN",
    "MEDIA_STORAGE_URL",
)  # each also as NAME_FILE, as container engines hand secrets over
LONGEST = 100_000  # bytes; a wrong path may lead to anything


def read_files(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the secrets that lie in files, by name, and what is wrong with them, in sentences.

    White space around a secret is not part of it: editors end a file with a line break.
    """
    found, wrong = dict[str, str](), list[str]()
    for name in IN_FILES:
        place = environment.get(f"{name}_FILE", "")
        if not place:
            continue
        if environment.get(name):
            wrong.append(f"Both {name} and {name}_FILE are set.")
            continue
        try:
            with Path(place).open("rb") as file:
                found[name] = file.read(LONGEST).decode().strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            wrong.append(f"{name}_FILE={place} cannot be read: {reason}.")
            continue
        if not found[name]:
            wrong.append(f"{name}_FILE={place} is empty.")
    return found, wrong


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
