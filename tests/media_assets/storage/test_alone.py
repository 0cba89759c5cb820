"""Nobody outside `media_assets/storage/` knows that media are a folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_imports import modules

ROOM = "media_assets.storage"
NAMES = {"MEDIA_ROOT", "MEDIA_BUCKET", "default_storage", "FileSystemStorage", "storages"}
OF_A_FIELD = {"path", "storage", "open", "save", "delete", "size", "url"}  # Django's ways around this room
FIELDS = {"file", "poster"}


def known(path: Path) -> Iterator[str]:
    """Yield each place where a module names the folder, its storage, or takes a field's file itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name) if name in NAMES:
                yield name
            case ast.Constant(value=str(name)) if name in NAMES:
                yield name
            case ast.Attribute(value=ast.Attribute(attr=field), attr=name) if field in FIELDS:
                if name in OF_A_FIELD:
                    yield f".{field}.{name}"


def test_only_the_storage_knows_where_files_lie() -> None:
    found = {
        name: sorted(set(known(path)))
        for name, path in modules("media_assets", "gpu", "rendering", "blender_scripts").items()
        if name != ROOM and not name.startswith(f"{ROOM}.")
    }
    # A panorama's upload form and a live preview have files of their own: no field of a row.
    assert {name: uses for name, uses in found.items() if uses} == {"rendering.farm.previews": [".file.open"]}


def test_it_would_be_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from django.core.files.storage import default_storage as anything\n"
        "def f(asset): return asset.file.path, settings.MEDIA_ROOT, getattr(settings, 'MEDIA_ROOT')\n"
    )
    assert sorted(set(known(module))) == [".file.path", "MEDIA_ROOT", "default_storage"]
