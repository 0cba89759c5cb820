from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media_assets.ingest import conversions, masters
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes.receipt import Receipt
from tests import factories
from tests.media import path_of

pytestmark = pytest.mark.django_db


def master(
    cad: CadFile, product: Product | None, folder: Path, preset: str = "draft", **more: Any
) -> MediaAsset:
    path = folder / "master.usdc"
    path.write_bytes(f"{cad.pk} {preset}".encode())
    recipe = {**conversions.geometry_recipe(cad, preset), **more}
    return publish(
        path,
        kind=MediaAsset.Kind.USD_MASTER,
        format_name="usdc",
        recipe=recipe,
        receipt=Receipt(),
        cad_file=cad,
        product=product,
    )


def test_newest_master_of_the_product_in_this_quality_by_these_tools_is_taken(tmp_path: Path) -> None:
    product = factories.product()
    revision = factories.cad_file()
    wanted = conversions.geometry_recipe(revision, "draft")
    assert masters.find(revision, wanted, product) is None
    master(product.cad_file, product, tmp_path)
    newest = master(factories.cad_file(), product, tmp_path)
    master(factories.cad_file(), product, tmp_path, "fine")
    master(factories.cad_file(), product, tmp_path, tools={"converter": "99"})
    assert masters.find(revision, wanted, product) == newest
    with masters.opened(newest) as path:
        assert path and path.read_bytes() == path_of(newest).read_bytes()
    path_of(newest).unlink()
    with masters.opened(newest) as path:
        assert path is None


def test_master_of_the_same_file_read_in_another_way_is_taken(tmp_path: Path) -> None:
    cad = factories.cad_file()
    read = master(cad, None, tmp_path, reading={"code_page": "cp1251"})
    assert masters.find(cad, conversions.geometry_recipe(cad, "draft"), None) == read


def test_master_of_another_product_is_never_taken(tmp_path: Path) -> None:
    other = factories.product()
    master(other.cad_file, other, tmp_path)
    revision = factories.cad_file()
    assert masters.find(revision, conversions.geometry_recipe(revision, "draft"), factories.product()) is None


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_master_that_is_not_as_it_was_stored_is_not_taken(how: str, tmp_path: Path) -> None:
    product = factories.product()
    stored = path_of(master(product.cad_file, product, tmp_path))
    if how == "gone":
        stored.unlink()
    else:
        stored.chmod(0o600)
        stored.write_bytes(b"PXR-USDC of somebody else")
    revision = factories.cad_file()
    assert masters.find(revision, conversions.geometry_recipe(revision, "draft"), product) is None
