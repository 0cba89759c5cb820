"""EXR beside other formats: rendered once, with its light, and again only when the light was not kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assets.models import MediaAsset, Product
from rendering.catalog import plan
from rendering.models import Job, Order, OutputType
from tests import factories
from tests.media import path_of
from tests.rendering.steps import ends, order, runs

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SIZE = {"width": 64, "height": 64, "samples": 3}


@pytest.fixture
def product(tmp_path: Path) -> Product:
    made = factories.product()
    factories.geometry(made.cad_file, tmp_path)
    return made


@pytest.fixture(autouse=True)
def types() -> None:
    factories.output_type("shown", **SIZE, format="png")
    factories.output_type("light", **SIZE, format="exr", background="transparent")
    factories.output_type(
        "small-light", **{**SIZE, "width": 32, "height": 32}, format="exr", background="transparent"
    )


def renders() -> int:
    return Job.objects.filter(kind=Job.Kind.RENDER).count()


def masters() -> list[str]:
    found = MediaAsset.objects.filter(kind=MediaAsset.Kind.RENDER_MASTER)
    return sorted(found.values_list("mime_type", flat=True))


def is_done(placed: Order) -> bool:
    return {line.state for line in placed.lines.all()} == {"done"}


def test_one_render_gives_the_picture_and_its_light(product: Product, tmp_path: Path) -> None:
    placed = order(product, "shown", "light", "small-light")
    assert renders() == 1
    assert Job.objects.get(kind=Job.Kind.RENDER).spec["linear"] is True
    ends(tmp_path)
    assert is_done(placed)
    assert (renders(), masters()) == (1, ["image/png", "image/x-exr"])
    assert {line.asset.mime_type for line in placed.lines.all()} == {"image/png", "image/x-exr"}


def test_a_picture_alone_writes_no_light(product: Product, tmp_path: Path) -> None:
    order(product, "shown")
    assert "linear" not in Job.objects.get(kind=Job.Kind.RENDER).spec
    ends(tmp_path)
    assert masters() == ["image/png"]


def test_where_only_the_picture_was_kept_the_light_is_rendered_and_the_job_says_why(
    product: Product, tmp_path: Path
) -> None:
    order(product, "shown")
    ends(tmp_path)
    placed = order(product, "light")
    job = Job.objects.filter(kind=Job.Kind.RENDER).latest("id")
    assert renders() == 2
    assert job.reused["render master"] == f"miss: {plan.NOT_LINEAR}"
    ends(tmp_path)
    assert is_done(placed)


def test_a_smaller_light_is_derived(product: Product, tmp_path: Path) -> None:
    order(product, "light")
    ends(tmp_path)
    order(product, "small-light", "shown")
    ends(tmp_path)
    assert renders() == 1


def test_a_picture_waits_for_a_render_that_writes_its_light_too(product: Product, tmp_path: Path) -> None:
    order(product, "light")
    placed = order(product, "shown")
    assert renders() == 1
    ends(tmp_path)
    assert is_done(placed) and renders() == 1


def test_a_picture_in_hand_is_of_no_use_to_light_and_the_other_way_round(
    product: Product, tmp_path: Path
) -> None:
    order(product, "light")
    runs(tmp_path)
    path_of(MediaAsset.objects.get(mime_type="image/png")).unlink()
    kind = OutputType.objects.get(slug="shown")
    wanted = plan.recipes_for(product.cad_file, kind, product.pk)
    assert plan.find(wanted, kind.kind, 64, 64).master is None
    light = OutputType.objects.get(slug="light")
    wanted = plan.recipes_for(product.cad_file, light, product.pk)
    found = plan.find(wanted, light.kind, 64, 64).master
    assert found is not None and found.mime_type == "image/x-exr"


def test_a_larger_picture_than_was_kept_says_so(product: Product, tmp_path: Path) -> None:
    order(product, "shown")
    ends(tmp_path)
    factories.output_type("large", **{**SIZE, "width": 128, "height": 128}, format="png")
    order(product, "large")
    job = Job.objects.filter(kind=Job.Kind.RENDER).latest("id")
    assert job.reused["render master"] == f"miss: {plan.TOO_SMALL}"
