"""The test render of an output type's form: what it asks for, what it shows, and that it leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.desk.output_types.effect import effect
from rendering.desk.output_types.trials import PRODUCT_FIELD, trial_form
from rendering.models import Job, OrderLine, OutputType
from rendering.orders import trials
from rendering.queue import claims
from tests import factories
from tests.rendering.desk.test_history import posted
from tests.rendering.desk.test_product_page import deliver

pytestmark = pytest.mark.django_db

START = "admin:rendering_outputtype_trial"
MAY = ("rendering.change_outputtype", "rendering.add_order", "rendering.view_job")


@pytest.fixture
def product(tmp_path: Path) -> Product:
    cad = factories.cad_file(state=CadFile.State.READY)
    factories.geometry(cad, tmp_path)
    return factories.product(cad_file=cad)


def form(product: Product | None = None, **changed: Any) -> dict[str, Any]:
    """What a browser sends: every field of the form, changed in these."""
    kind = OutputType(**changed)
    data = {name: getattr(kind, name) for name in trial_form().base_fields if name != "environment"}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    return {**data, **({PRODUCT_FIELD: product.pk} if product else {})}


def finish(folder: Path) -> MediaAsset:
    """Do the waiting test render, as a worker would."""
    claim = factories.claim()
    recipe = claim.job.spec["recipe"]
    size = (recipe["width"], recipe["height"])
    asset = publish(
        factories.picture(folder / "master.png", size),
        kind=MediaAsset.Kind.RENDER_MASTER,
        format_name="png",
        recipe=recipe,
        receipt=Receipt(device_used="CPU", compute_type="NONE", seconds={"render": 2.5}),
        cad_file=claim.job.cad_file,
        width=size[0],
        height=size[1],
        view_key=recipe_key(recipe["view"]),
    )
    claims.succeed(claim, asset=asset)
    return asset


def test_a_form_that_was_never_saved_is_rendered_small_and_shown(
    staff: Callable[..., Client], product: Product, tmp_path: Path
) -> None:
    client, types = staff(*MAY), OutputType.objects.count()
    sent = form(product, width=2000, height=1000, samples=4000, format="webp", camera="top")
    waiting = client.post(reverse(START), sent).content.decode()
    job = Job.objects.get()
    assert (job.spec["recipe"]["width"], job.spec["recipe"]["height"]) == (384, 192)
    assert job.spec["recipe"]["view"]["samples"] == 32
    assert job.spec["recipe"]["view"]["look"]["camera_view"] == "top"
    assert job.spec["trial"] is True and job.priority == trials.PRIORITY
    live = re.search(r'data-live="([^"]+)"', waiting)
    assert live and f"Render {job.pk}" in waiting and "No worker is running" in waiting

    finish(tmp_path)
    done = client.get(live[1].replace("&amp;", "&")).content.decode()
    assert "data-live=" not in done and "384 × 192" in done and "2.5 s" in done
    source = re.search(r'<img src="([^"]+)"', done)
    assert source
    picture = client.get(source[1])
    assert picture["Content-Type"] == "image/webp"
    (tmp_path / "shown.webp").write_bytes(picture.content)
    with Image.open(tmp_path / "shown.webp") as shown:
        assert shown.size == (384, 192)
    assert OutputType.objects.count() == types and not OrderLine.objects.exists()


def test_another_background_needs_no_second_render(
    staff: Callable[..., Client], product: Product, tmp_path: Path
) -> None:
    client = staff(*MAY)
    client.post(reverse(START), form(product))
    finish(tmp_path)
    blue = client.post(reverse(START), form(product, background_color="#0000ff")).content.decode()
    assert "<figure>" in blue and Job.objects.count() == 1


@pytest.mark.parametrize(
    "kind",
    [
        {"kind": "turntable", "format": "mp4", "frames": 8, "fps": 4},
        {"format": "exr", "background": "transparent"},
    ],
)
def test_films_and_light_are_shown_as_one_picture(
    staff: Callable[..., Client], product: Product, kind: dict[str, Any]
) -> None:
    staff(*MAY).post(reverse(START), form(product, **kind))
    job = Job.objects.get()
    assert job.spec["kind"] == "still" and "frames" not in job.spec["recipe"]["view"]


def test_a_spin_of_rows_is_shown_from_its_middle_row(staff: Callable[..., Client], product: Product) -> None:
    rows = {"frames": 36, "rows": 5, "lowest_row": 10, "highest_row": 50}
    staff(*MAY).post(reverse(START), form(product, kind="spin", format="jpg360", **rows))
    look = Job.objects.get().spec["recipe"]["view"]["look"]
    assert (look["azimuth"], look["elevation"]) == (32.0, 30.0)


def test_what_is_wrong_with_the_form_is_said_and_nothing_is_rendered(
    staff: Callable[..., Client], product: Product
) -> None:
    page = staff(*MAY).post(reverse(START), form(product, format="jpg", background="transparent"))
    assert "JPEG, MP4 and JPEG spins have no transparency" in page.content.decode()
    assert not Job.objects.exists()


def test_without_a_product_or_its_geometry_it_says_what_to_do(staff: Callable[..., Client]) -> None:
    client = staff(*MAY)
    assert "Choose a product" in client.post(reverse(START), form()).content.decode()
    bare = factories.product()
    assert "not converted yet" in client.post(reverse(START), form(bare)).content.decode()


def test_who_may_not_order_gets_no_panel_and_is_refused(
    staff: Callable[..., Client], product: Product
) -> None:
    client = staff("rendering.view_outputtype", "rendering.change_outputtype")
    assert client.post(reverse(START), form(product)).status_code == 403
    page = reverse("admin:rendering_outputtype_change", args=[factories.output_type().pk])
    assert 'id="trial"' not in client.get(page).content.decode()
    assert 'id="trial"' in staff("rendering.view_outputtype", *MAY).get(page).content.decode()


def test_a_made_up_address_is_not_found(staff: Callable[..., Client]) -> None:
    client = staff(*MAY)
    for page in ("show", "picture"):
        assert client.get(reverse(f"{START}_{page}"), {"of": "x:y:z"}).status_code == 404


def test_masters_of_test_renders_go_after_a_day_unless_something_was_derived(
    staff: Callable[..., Client], product: Product, tmp_path: Path
) -> None:
    staff(*MAY).post(reverse(START), form(product))
    asset = finish(tmp_path)
    assert trials.sweep() == 0
    Job.objects.update(finished=timezone.now() - timedelta(days=2))
    assert trials.sweep() == 1
    assert not MediaAsset.objects.filter(pk=asset.pk).exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"camera": "top"}, "Re-render them under Deliverables"),
        ({"background_color": "#0000ff"}, "No new render is needed"),
        ({"name": "Another name"}, ""),
    ],
)
def test_an_edit_says_what_it_does_to_pictures_that_exist(
    changed: dict[str, str], words: str, tmp_path: Path
) -> None:
    kind, product = factories.output_type("draft"), factories.product()
    edited = OutputType.objects.get(pk=kind.pk)
    for name, value in changed.items():
        setattr(edited, name, value)
    assert effect(kind, edited) == "", "nothing was delivered yet"
    deliver(product, tmp_path)
    assert words in effect(kind, edited)
    assert bool(words) == (
        f"1 of 1 delivered picture of this output type is stale: {product.number}" in effect(kind, edited)
    )


def test_samples_back_and_forth_say_before_saving_which_pictures_are_stale(
    tmp_path: Path, admin_client: Client
) -> None:
    kind = factories.output_type("draft")
    first, second = factories.product(), factories.product()
    deliver(first, tmp_path)
    few = kind.samples

    def said(samples: int) -> str:
        page = admin_client.get(reverse("admin:rendering_outputtype_change", args=[kind.pk]))
        sent = posted(page.context["adminform"].form, samples=samples)
        address = reverse("admin:rendering_outputtype_effect", args=[kind.pk])
        return str(admin_client.post(address, sent).content.decode())

    assert f"is stale: {first.number}" in said(few + 1)
    assert OutputType.objects.get(pk=kind.pk).samples == few, "nothing is saved"
    OutputType.objects.filter(pk=kind.pk).update(samples=few + 1)
    deliver(second, tmp_path)
    back = said(few)
    assert f"is stale: {second.number}" in back.replace("are stale", "is stale")
    assert f"1 is current again: {first.number}" in back
    assert "hidden" in said(few + 1) and "stale" not in said(few + 1)


def test_the_list_shows_a_drawing_as_its_example_with_a_poster_or_without(
    admin_client: Client, product: Product, tmp_path: Path
) -> None:
    """Those that were made before drawings had posters have none."""
    deliver(product, tmp_path)
    asset = MediaAsset.objects.latest("pk")
    for fields in ({"poster": ""}, {"file": "drawing/ab/abc.pdf", "poster": "poster/cd/cde.webp"}):
        mime_type = "application/pdf" if fields["poster"] else "image/svg+xml"
        MediaAsset.objects.filter(pk=asset.pk).update(**fields, mime_type=mime_type)
        page = admin_client.get(reverse("admin:rendering_outputtype_changelist")).content.decode()
        assert re.search(rf'<img class="thumb"\s+src="/media/{asset.pk}/[^"]+"\s+alt="Example of Draft', page)
