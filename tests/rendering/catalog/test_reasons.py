"""Why a picture is made: what a job says of the newest one before it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from blender_scripts.contract import Look
from media_assets.recipes import Lookup
from rendering import orders
from rendering.catalog import reasons
from rendering.models import Job, OutputType
from rendering.models.recipe_change import RecipeChange
from tests import factories
from tests.media import path_of
from tests.rendering.steps import ends, order, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def why(kind: str = Job.Kind.RENDER) -> str:
    return Job.objects.filter(kind=kind).latest("id").reused["picture"]


def test_the_first_picture_of_a_product_in_an_output_type_says_so(tmp_path: Path) -> None:
    order(factories.product(), "draft")
    ends(tmp_path)
    for kind in (Job.Kind.RENDER, Job.Kind.ENCODE):
        assert why(kind) == "miss: first picture of this product in this output type"


def test_more_samples_are_named_with_both_numbers(tmp_path: Path) -> None:
    product = factories.product()
    order(product, "draft")
    ends(tmp_path)
    OutputType.objects.filter(slug="draft").update(samples=99)
    order(product, "draft")
    assert why().startswith("miss: samples ") and "→ 99" in why()


def test_another_cad_file_is_named(tmp_path: Path) -> None:
    product = factories.product()
    order(product, "draft")
    ends(tmp_path)
    product.cad_file = factories.cad_file()
    product.save()
    order(product, "draft")
    ends(tmp_path)
    assert why() == "miss: CAD file changed"


def test_a_picture_that_was_forced_and_one_that_was_lost_say_so(tmp_path: Path) -> None:
    product = factories.product()
    placed = order(product, "draft")
    ends(tmp_path)
    order(product, "draft", force=True)
    assert why() == "miss: ordered to be made again"
    ends(tmp_path)
    asset = placed.lines.get().asset
    assert asset is not None
    path_of(asset).unlink()
    order(product, "draft")
    assert why(Job.Kind.ENCODE) == "miss: its file is gone from the storage"


def test_lines_of_several_products_are_each_compared_with_their_own(tmp_path: Path) -> None:
    known, new = factories.product(), factories.product()
    order(known, "draft")
    ends(tmp_path)
    OutputType.objects.filter(slug="draft").update(exposure=1.5)
    kind = type_of("draft")
    orders.place([orders.Wish(known, kind), orders.Wish(new, kind)], trigger="command")
    said = {
        job.product.number: job.reused.get("picture") for job in Job.objects.live().select_related("product")
    }
    assert said[known.number] == "miss: exposure 0 → 1.5 changed"


def textured(**changes: object) -> dict[str, object]:
    texture = {"sha256": "a" * 64, "mm": 20.0, "color": "#808080", "mapping": "box", "relief": 0.0, **changes}
    return {"view": {"finishes": {"textures": {"oak_board": texture}}}}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"view": {"denoise": True}}, {"view": {"denoise": False}}, ["denoise on → off"]),
        ({"format": "png"}, {"format": "webp", "quality": 90}, ["format PNG → WebP", "quality none → 90"]),
        ({"view": {"renderer": {"scene": 2}}}, {"view": {"renderer": {"scene": 3}}}, ["scene version 2 → 3"]),
        ({"background": ["#ffffff"]}, {"background": []}, ["background #ffffff → none"]),
        (textured(mm=20.0), textured(mm=30.0), ["texture of oak board: width (mm) 20 → 30"]),
        (textured(sha256="a" * 64), textured(sha256="b" * 64, color="#102030"), ["texture of oak board"]),
        (
            textured(),
            {"view": {"finishes": {"textures": {"ash": {}}}}},
            ["texture of ash", "texture of oak board"],
        ),
        ({"view": {"finishes": {}}}, textured(), ["texture of oak board"]),
        ({"view": {"look": {"hdri": "a" * 64}}}, {"view": {"look": {"hdri": "b" * 64}}}, ["panorama"]),
    ],
)
def test_changes_are_said_in_words(old: dict, new: dict, said: list[str]) -> None:  # type: ignore[type-arg]
    assert reasons.changes(old, new) == said


def test_a_reason_is_kept_as_values_and_read_in_each_language(tmp_path: Path) -> None:
    product = factories.product()
    order(product, "draft")
    ends(tmp_path)
    OutputType.objects.filter(slug="draft").update(lighting="dark", exposure=1.5)
    with translation.override("de"):
        order(product, "draft")
    job = Job.objects.filter(kind=Job.Kind.RENDER).latest("id")
    assert job.reused["picture"] == "miss: exposure 0 → 1.5, lighting Softbox studio → Dark changed"
    assert job.why == "exposure 0 → 1.5, lighting Softbox studio → Dark"
    with translation.override("de"):
        assert job.changes[0].endswith(" 0 → 1,5")
        labels = dict(OutputType.Lighting.choices)
        assert job.changes[1] == f"Beleuchtung {labels['softbox']} → {labels['dark']}"
        assert str(labels["dark"]) != "Dark"


def test_what_changed_of_the_geometry_is_said_in_words_of_each_language() -> None:
    changed = ("reading.unit", "tessellation.linear", "tessellation.preset", "tools.converter")
    job = Job(reuse={"geometry": Lookup(False, changed).to_json()})
    said = "made again (reading options, quality, version of the CAD tools changed)"
    assert job.found_ready == {"geometry": said}
    with translation.override("de"):
        assert "Leseoptionen, Qualität, Version der CAD-Werkzeuge" in job.found_ready["Geometrie"]


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES if code != "en"])
def test_every_field_of_a_look_has_a_name_in_each_language(language: str) -> None:
    changed = [RecipeChange(f"view.look.{field.name}", 1, 2) for field in fields(Look)]
    changed += [
        RecipeChange(name, 1, 2)
        for name in ("view.aspect", "view.samples", "view.pass", "effort", "max_triangles")
    ]
    english = [change.words for change in changed]
    with translation.override(language):
        same = [words for change, words in zip(changed, english, strict=True) if change.words == words]
    assert same == []
