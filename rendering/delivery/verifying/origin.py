"""Whether a file is one of ours, whether it was changed, and whether it is still current."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets import storage
from media_assets.models import MediaAsset
from rendering.catalog import freshness
from rendering.catalog.freshness import Freshness
from rendering.delivery.verifying.manifest import SignedManifest
from rendering.models.review import withheld

SAID = re.compile(rb'"recipe_key": ?"([0-9a-f]{64})"')
"""How each file of ours says its recipe, in EXIF or in a comment."""

SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Status(TextChoices):
    UNCHANGED = "unchanged", gettext_lazy("Unchanged")
    CHANGED = "changed", gettext_lazy("Changed")
    UNKNOWN = "unknown", gettext_lazy("Not known here")


@dataclass(frozen=True)
class Origin:
    """What was found out about a file, and the picture or film that it is."""

    status: Status
    sha256: str
    asset: MediaAsset | None = None
    manifest: SignedManifest | None = None

    @property
    def delivery(self) -> Freshness | None:
        """Whether the picture is current; None where no order delivered it."""
        return freshness.of_assets([self.asset.pk]).get(self.asset.pk) if self.asset else None

    @property
    def words(self) -> str:
        """The verdict in a sentence."""
        if self.status == Status.CHANGED:
            return _(
                "This file was made here, but changed afterwards, or replaced by one that was made again."
            )
        if self.status == Status.UNKNOWN:
            return _("No picture or film that was delivered here has these bytes.")
        if self.asset is None:
            return _("It was signed here, and no byte was changed since. Its record is gone.")
        now = {
            Freshness.CURRENT: _("It is current."),
            Freshness.EARLIER: _("It shows an earlier CAD file: there is a newer revision of the product."),
            Freshness.REPLACED: _("It was replaced by a newer picture."),
        }
        unchanged = _("This is the file as it was delivered.")
        return " ".join(filter(None, (unchanged, now.get(self.delivery) if self.delivery else "")))

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON, for those who may see it."""
        asset, manifest = self.asset, self.manifest
        return {
            "status": self.status.value,
            "sha256": self.sha256,
            "asset": asset.pk if asset else None,
            "product": asset.product.number if asset and asset.product else None,
            "kind": asset.kind if asset else None,
            "produced": asset.produced.isoformat() if asset else None,
            "delivery": self.delivery.value if self.delivery else None,
            "cad_sha256": asset.cad_file.sha256
            if asset
            else (manifest.made_of if manifest else {}).get("cad_sha256"),
            "recipe_key": asset.recipe_key if asset else (manifest.made_of if manifest else {}).get("recipe"),
            "made_on": asset.made_on if asset else None,
            "signature": {
                "state": manifest.state.lower(),
                "signer": manifest.signer,
                "codes": list(manifest.codes),
            }
            if manifest
            else None,
        }


def of_hash(sha256: str, *, is_public: bool = False) -> Origin:
    """Return what is known of a file by its SHA-256. *is_public*: what was not released is not known."""
    asset = _first(lambda rows: rows.filter(sha256=sha256), is_public=is_public)
    return Origin(Status.UNCHANGED if asset else Status.UNKNOWN, sha256, asset)


def of_file(path: Path, *, is_public: bool = False) -> Origin:
    """Return what is known of the file in *path*: by its bytes, its signed manifest, and what it says of itself."""
    with path.open("rb") as stream:
        sha256, _size = storage.digest(stream)
    known, manifest = of_hash(sha256, is_public=is_public), SignedManifest.of(path)
    if known.asset:
        return Origin(Status.UNCHANGED, sha256, known.asset, manifest)
    is_signed = manifest is not None and manifest.state == "Trusted"
    key = str(manifest.made_of.get("recipe", "")) if manifest and is_signed else said(path)
    asset = _first(lambda rows: rows.filter(recipe_key=key), is_public=is_public) if key else None
    if is_signed:
        return Origin(Status.UNCHANGED, sha256, asset, manifest)
    return Origin(Status.CHANGED if asset else Status.UNKNOWN, sha256, asset, manifest)


def said(path: Path) -> str:
    """Return the recipe key that a file says it has; "" where it says none."""
    if not path.stat().st_size:
        return ""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = SAID.search(content)
        return found[1].decode() if found else ""


def _first(
    narrowed: Callable[[QuerySet[MediaAsset]], QuerySet[MediaAsset]], *, is_public: bool
) -> MediaAsset | None:
    rows = MediaAsset.objects.filter(kind__in=MediaAsset.PICTURES).select_related("product", "cad_file")
    asset = narrowed(rows).order_by("-produced").first()
    return None if asset and is_public and withheld([asset.pk]) else asset
