"""Publishing: one recipe is one asset, and nothing half done is ever seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from tests import factories
from tests.media import path_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

RECIPE = {"view": {"samples": 8}, "width": 64}


def published(cad: CadFile, source: Path, **fields: Any) -> MediaAsset:
    given = {"kind": "still", "format_name": "png", "recipe": RECIPE, "receipt": Receipt(device_used="CPU")}
    return publish(source, cad_file=cad, **{**given, "width": 64, "height": 64, **fields})


@pytest.fixture
def cad() -> CadFile:
    return factories.cad_file()


def test_an_asset_knows_its_file_recipe_and_receipt(cad: CadFile, tmp_path: Path) -> None:
    source = factories.picture(tmp_path / "a.png")
    asset = published(cad, source)
    assert path_of(asset).read_bytes() == source.read_bytes()
    assert (asset.bytes, asset.mime_type) == (source.stat().st_size, "image/png")
    assert (asset.recipe, asset.recipe_key) == (RECIPE, recipe_key(RECIPE))
    assert asset.sha256 in asset.file.name


def test_the_same_recipe_again_is_the_same_asset_with_new_bytes(cad: CadFile, tmp_path: Path) -> None:
    first = published(cad, factories.picture(tmp_path / "a.png"))
    second = published(
        cad, factories.picture(tmp_path / "b.png", (32, 32)), receipt=Receipt(device_used="GPU")
    )
    assert (first.pk, MediaAsset.objects.count()) == (second.pk, 1)
    assert second.receipt == {"device_used": "GPU"} and second.produced > first.produced
    assert path_of(first).exists()


def test_one_recipe_of_two_kinds_is_two_assets(cad: CadFile, tmp_path: Path) -> None:
    source = factories.picture(tmp_path / "a.png")
    published(cad, source)
    published(cad, source, kind="thumbnail")
    assert MediaAsset.objects.count() == 2


def test_a_rollback_leaves_no_row(cad: CadFile, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        published(cad, factories.picture(tmp_path / "a.png"))
        raise RuntimeError
    assert not MediaAsset.objects.exists()


def test_an_empty_file_is_never_an_asset(cad: CadFile, tmp_path: Path) -> None:
    from django.db import IntegrityError

    source = tmp_path / "empty.png"
    source.touch()
    with pytest.raises(IntegrityError, match="asset_not_empty"), transaction.atomic():
        published(cad, source)


@pytest.mark.parametrize(
    ("format_name", "suffix", "mime_type"),
    [
        ("jpg", ".jpg", "image/jpeg"),
        ("webp", ".webp", "image/webp"),
        ("awebp", ".webp", "image/webp"),
        ("avif", ".avif", "image/avif"),
        ("mp4", ".mp4", "video/mp4"),
        ("glb", ".glb", "model/gltf-binary"),
    ],
)
def test_each_format_has_its_suffix_and_type_on_every_host(
    format_name: str, suffix: str, mime_type: str, cad: CadFile, tmp_path: Path
) -> None:
    asset = published(cad, factories.picture(tmp_path / "a.png"), format_name=format_name)
    assert (path_of(asset).suffix, asset.mime_type) == (suffix, mime_type)
