"""From a STEP file to published pictures, through the real clusters, OpenCASCADE and Blender."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import SAMPLE
from tests.end_to_end.installation import Installation

pytestmark = [pytest.mark.database, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def product(desk: Installation) -> str:
    answer = desk.manage("import_cad", str(SAMPLE), "--product", "B-1", "--name", "Kegelrollenlager")
    assert answer.code == 0
    (arrival,) = answer.document
    assert (arrival["product"], arrival["duplicate"], arrival["error_code"]) == ("B-1", False, None)
    desk.wait_until(
        lambda: all(job["state"] == "succeeded" for job in desk.jobs()) and desk.jobs("encode"),
        "the thumbnail makes itself",
        180,
    )
    return "B-1"


def test_an_import_makes_geometry_and_a_thumbnail_by_itself(desk: Installation, product: str) -> None:
    assert sorted(job["kind"] for job in desk.jobs()) == ["encode", "render", "tessellate"]
    kinds = desk.shell(
        "from media_assets.models import MediaAsset\n"
        "print(*sorted(MediaAsset.objects.values_list('kind', flat=True)))"
    )
    assert kinds.split() == ["cad_document", "gltf_geometry", "render_master", "thumbnail", "usd_master"]


def test_an_order_renders_once_and_derives_the_other_format(desk: Installation, product: str) -> None:
    answer = desk.manage(
        "order",
        "--product",
        product,
        "--output-type",
        "still-1024",
        "still-1024-webp",
        "--wait",
        "--timeout",
        "200",
    )
    assert answer.code == 0, answer.errors
    png, webp = answer.document["lines"]
    assert (png["source"], webp["source"]) == ("rendered", "derived")
    assert (png["asset"]["mime_type"], webp["asset"]["mime_type"]) == ("image/png", "image/webp")
    for line in (png, webp):
        with Image.open(Path(line["asset"]["path"])) as image:
            assert image.size == (64, 64)
        assert line["asset"]["receipt"]["device_used"] == "CPU"
        assert line["asset"]["receipt"]["gpu_fallback"] is False
    assert len(desk.jobs("tessellate")) == 1, "the geometry was found again"


def test_a_repeated_order_renders_nothing(desk: Installation, product: str) -> None:
    order = ("order", "--product", product, "--output-type", "draft", "--wait", "--timeout", "200")
    first = desk.manage(*order).document["lines"][0]
    before = len(desk.jobs())
    again = desk.manage(*order).document["lines"][0]
    assert (first["source"], again["source"]) == ("rendered", "cached")
    assert again["asset"]["id"] == first["asset"]["id"]
    assert len(desk.jobs()) == before


def test_a_forced_rerender_makes_the_picture_again(desk: Installation, product: str) -> None:
    before = len(desk.jobs("render", "succeeded"))
    answer = desk.manage(
        "rerender", "--product", product, "--output-type", "draft", "--force", "--wait", "--timeout", "200"
    )
    assert answer.code == 0
    assert answer.document["lines"][0]["source"] == "rendered"
    assert len(desk.jobs("render", "succeeded")) == before + 1


def test_the_same_file_again_is_known(desk: Installation, product: str) -> None:
    (arrival,) = desk.manage("import_cad", str(SAMPLE)).document
    assert (arrival["duplicate"], arrival["product"]) == (True, product)


def test_a_damaged_file_fails_with_its_reason_and_hurts_nobody(
    desk: Installation, product: str, corpus: Path
) -> None:
    queues = [row["queue"] for row in desk.manage("queue", "list").document]
    desk.manage("queue", "pause", *queues)  # a worker may be faster than the answer
    arrivals = desk.manage(
        "import_cad", str(corpus / "broken" / "mangled_type.step"), "--product", "BAD"
    ).document
    assert arrivals[0]["state"] == "uploaded"
    desk.manage("queue", "resume", *queues)
    failed = desk.wait_until(lambda: desk.jobs("tessellate", "failed"), "the conversion fails")
    assert failed[0]["error_code"] == "damaged"
    order = desk.manage("order", "--product", "BAD", "--output-type", "draft", "--wait", "--timeout", "200")
    assert order.code == 1
    assert order.document["lines"][0]["error_code"] == "damaged"
