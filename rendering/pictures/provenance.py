"""C2PA manifests: what a file was made of, signed, so that a changed byte shows. Written by c2pa-python, offline.

Only imported where it is needed, as the library is optional (`formats.function`).
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import c2pa

from media_assets.recipes import recipe_key
from rendering.pictures import encode, formats, metadata

OWN = "renderdesk.provenance"
"""The assertion that binds the CAD file to the recipe, and both to how the picture was made."""

OFFLINE = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}


def manifest(recipe: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is signed of a file: CAD file, geometry, view, recipe, and its receipt."""
    receipt = dict(about)
    created = {
        "action": "c2pa.created",
        "digitalSourceType": metadata.DIGITAL_CREATION,
        "softwareAgent": {"name": "Blender", "version": str(about.get("blender_version", ""))},
    }
    made_of = {
        "cad_sha256": receipt.pop("cad_sha256", ""),
        "geometry": recipe["view"]["geometry"],
        "view": recipe_key(recipe["view"]),
        "recipe": receipt.pop("recipe_key", ""),
        "receipt": {name: value for name, value in receipt.items() if value is not None},
    }
    return {
        "claim_generator_info": [{"name": metadata.MAKER}],
        "title": metadata.title(recipe) or recipe["kind"],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": OWN, "data": made_of},
        ],
    }


def sign(
    path: Path,
    recipe: Mapping[str, Any],
    about: Mapping[str, Any],
    certificates: str,
    algorithm: str,
    signature: Callable[[bytes], bytes],
) -> None:
    """Write a signed manifest into the file in *path*. Raises OSError for what can't be written or signed."""
    mime_type = formats.output(recipe["format"]).mime_type
    signed = path.with_suffix(".signed")
    # The library reports a full disk in words alone, so the free space is checked before.
    if shutil.disk_usage(path.parent).free < path.stat().st_size + encode.MANIFEST_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(OFFLINE))
        signer = c2pa.Signer.from_callback(signature, c2pa.C2paSigningAlg[algorithm], certificates, None)
        with (
            c2pa.Builder(manifest(recipe, about), context=context) as builder,
            path.open("rb") as source,
            signed.open("w+b") as target,
        ):
            builder.sign(signer, mime_type, source, target)
    except c2pa.C2paError as error:
        signed.unlink(missing_ok=True)
        raise OSError(None, f"the manifest could not be signed: {error}") from error
    signed.replace(path)
