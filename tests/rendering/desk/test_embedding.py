"""Spins and 3-D models in pages of others: under a share link, in frames, with the buttons of phones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from media_assets.serving.links import spin_url
from rendering.delivery import embedding, shares
from rendering.models import OrderLine, ShareLink
from rendering.pictures import spin
from tests import factories, solids
from tests.rendering.desk.conftest import World
from tests.rendering.desk.test_shares import link_to
from tests.rendering.films import drawn

pytestmark = pytest.mark.django_db
FRAMES = 4


def made_spin(world: World, folder: Path) -> MediaAsset:
    """A spin of frames that were drawn."""
    return publish(write_spin(folder), kind="spin", format_name="jpg360", recipe={"spin": 1}, receipt=Receipt(),
                   cad_file=world.asset.cad_file, product=world.asset.product, width=48, height=48)  # fmt: skip


def write_spin(
    folder: Path, frames: int = FRAMES, side: int = 48, elevations: tuple[float, ...] = ()
) -> Path:
    with zipfile.ZipFile(folder / "frames.zip", "w") as archive:
        for number in range(1, frames + 1):
            drawn(number, frames, (side, side)).save(folder / "frame.png")
            archive.write(folder / "frame.png", f"{number:03}.png")
    view = {"frames": frames, "elevations": elevations}
    recipe = {"view": view, "format": "jpg360", "quality": 80, "background": ["#ffffff"],
              "width": side, "height": side}  # fmt: skip
    about = {"recipe_key": "k", "poster": str(folder / "poster.webp")}
    spin.write(folder / "frames.zip", folder / "spin.zip", recipe, about)
    measured, concerns = spin.check(folder / "frames.zip", folder / "spin.zip", recipe)
    assert measured["frames"] == frames and not concerns
    return folder / "spin.zip"


def delivered(world: World, *assets: MediaAsset) -> ShareLink:
    """A link to an order that has delivered these."""
    for asset in assets:
        kind = factories.output_type(f"type-{asset.pk}", width=64)
        OrderLine.objects.create(
            order=world.order, product=asset.product, output_type=kind, cad_file=asset.cad_file, asset=asset,
            recipe_key=asset.recipe_key, state="done", source="rendered", master_width=1, master_height=1,
        )  # fmt: skip
    return link_to(order=world.order)


def test_the_pictures_of_a_spin_are_on_its_page_and_behind_its_link_alone(
    world: World, admin_client: Client, client: Client, staff: Callable[..., Client], tmp_path: Path
) -> None:
    asset = made_spin(world, tmp_path)
    page = admin_client.get(reverse("admin:media_assets_mediaasset_change", args=[asset.pk])).content.decode()
    assert f'data-spin="{spin_url(asset)}"' in page
    said = json.loads(admin_client.get(spin_url(asset)).content)
    assert [len(size["files"]) for size in said["sizes"]] == [FRAMES, FRAMES]
    name = said["sizes"][1]["files"][0]
    picture = admin_client.get(spin_url(asset).replace("spin.json", name))
    assert picture["Content-Type"] == "image/jpeg" and "immutable" in picture["Cache-Control"]
    assert client.get(spin_url(asset)).status_code == 302 and staff().get(spin_url(asset)).status_code == 403
    for wrong in ("large/spin-999.jpg", "../spin.json", "frames.zip"):
        assert admin_client.get(spin_url(asset).replace("spin.json", wrong)).status_code == 404
    link = link_to(asset=asset)
    inside = [shares.token(link), asset.sha256[:12], name]
    assert client.get(reverse("shares:spin", args=inside)).content == picture.content
    assert (
        reverse("shares:spin", args=[*inside[:2], "spin.json"])
        in client.get(shares.path(link)).content.decode()
    )
    shares.revoke(link)
    assert client.get(reverse("shares:spin", args=inside)).status_code == 410


def test_only_the_embedded_page_may_be_framed_and_it_ends_with_its_link(
    world: World, client: Client, admin_client: Client, tmp_path: Path
) -> None:
    link = link_to(asset=made_spin(world, tmp_path))
    (found,) = embedding.embedded(link)
    address = found.address.partition("//")[2].partition("/")[2]
    page = client.get(f"/{address}")
    policy = page["Content-Security-Policy"]
    assert page.status_code == 200 and "frame-ancestors *" in policy and "X-Frame-Options" not in page
    assert "script-src 'self'" in policy and "unsafe" not in policy
    whole = client.get(shares.path(link))
    assert "frame-ancestors 'none'" in whole["Content-Security-Policy"] and whole["X-Frame-Options"] == "DENY"
    shown = admin_client.get(reverse("admin:rendering_sharelink_change", args=[link.pk])).content.decode()
    assert "&lt;iframe src=&quot;" in shown and address in shown
    shares.revoke(link)
    assert client.get(f"/{address}").status_code == 410
    other = link_to(asset=world.asset)
    assert embedding.embedded(other) == []
    assert (
        client.get(reverse("shares:embed", args=[shares.token(other), world.asset.sha256[:12]])).status_code
        == 404
    )


def test_phones_get_the_model_in_its_real_size(world: World, client: Client, tmp_path: Path) -> None:
    common = {
        "kind": "model",
        "receipt": Receipt(),
        "cad_file": world.asset.cad_file,
        "product": world.asset.product,
    }
    model = publish(solids.write(tmp_path / "m.glb", 8), format_name="glb", recipe={"m": 1}, **common)  # type: ignore[arg-type]
    (tmp_path / "m.usdz").write_bytes(b"PK")
    package = publish(tmp_path / "m.usdz", format_name="usdz", recipe={"m": 2}, **common)  # type: ignore[arg-type]
    alone = link_to(asset=model)
    page = client.get(reverse("shares:embed", args=[shares.token(alone), model.sha256[:12]])).content.decode()
    assert 'rel="ar"' not in page and "intent://arvr.google.com/scene-viewer/1.0?file=http" in page
    assert "resizable=false" in page and "browser_fallback_url" in page
    link = delivered(world, model, package)
    page = client.get(reverse("shares:embed", args=[shares.token(link), model.sha256[:12]])).content.decode()
    assert '<a rel="ar"' in page and ".usdz#allowsContentScaling=0" in page
    assert f'<img src="{embedding.address(shares.token(link), world.asset)}"' in page, (
        "the still is the poster"
    )
    file = client.get(embedding.address(shares.token(link), package))
    assert file["Content-Type"] == "model/vnd.usdz+zip" and file["Content-Disposition"].startswith("inline")
