"""manage.py order and rerender: what scripts read, and what they are told when they ask for nonsense."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from media_assets.ingest import receive
from media_assets.models import MediaAsset, Product
from rendering.management import console
from rendering.models import Job, Order, OrderLine, OutputType
from tests import factories
from tests.media import path_of
from tests.rendering.shell import Shell
from tests.rendering.steps import ends, order

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PLANNED = {
    "product",
    "variant",
    "part",
    "output_type",
    "state",
    "source",
    "asset",
    "jobs",
    "error_code",
    "error",
}
LINE = PLANNED | {"id", "order", "created", "finished"}
ASSET = {
    *("id", "kind", "path", "mime_type", "width", "height", "product", "cad_file", "delivery_state"),
    *("produced", "archived", "file_name", "url", "approval"),
    *("duration", "bytes", "sha256", "pruned", "recipe_key", "receipt"),
}


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = factories.product(number="P-100")
    factories.geometry(product.cad_file, tmp_path)
    return product


@pytest.fixture
def delivered(product: Product, tmp_path: Path) -> OrderLine:
    line = order(product, "draft").lines.get()
    ends(tmp_path)
    MediaAsset.objects.update(produced=timezone.now() - timedelta(hours=1))
    line.refresh_from_db()
    return line


def ordered(manage: Shell, *words: str) -> Any:
    return manage("order", "--product", "P-100", "--output-type", *words, "--json")


def test_an_order_is_one_document_with_its_lines(manage: Shell, product: Product) -> None:
    said = ordered(manage, "draft")
    assert said.code == 0
    order = Order.objects.get()
    line = order.lines.get()
    assert said.document == {
        **order.as_dict(),
        "lines": [
            {
                "id": line.pk,
                "order": order.pk,
                "product": "P-100",
                "variant": None,
                "part": None,
                "output_type": "draft",
                "state": "working",
                "source": "rendered",
                "asset": None,
                "jobs": [Job.objects.get().pk],
                "error_code": None,
                "error": None,
                "created": line.created.isoformat(),
                "finished": None,
            }
        ],
    }
    assert manage("order", "show", str(order.pk), "--json").document == said.document
    assert [job["id"] for job in manage("jobs", "--order", str(order.pk), "--json").document] == [
        Job.objects.get().pk
    ]
    assert manage("order", "show", "999").code == 2 and manage("order", "--output-type", "draft").code == 2


def test_options_that_are_repeated_add_up(manage: Shell, product: Product) -> None:
    said = ordered(manage, "draft", "--output-type", "thumbnail", "--dry-run")
    assert [one["makes"] for one in said.document["would"]] == ["draft", "thumbnail"]


def test_an_asset_is_shown_and_fetched(manage: Shell, delivered: OrderLine, tmp_path: Path) -> None:
    assert delivered.asset
    number = str(delivered.asset.pk)
    assert manage("asset", "show", number, "--json").document["recipe"] == delivered.asset.recipe
    said = manage("asset", "fetch", number, "--to", str(tmp_path), "--json")
    assert Path(said.document["written"]).stat().st_size == delivered.asset.bytes
    assert manage("asset", "fetch", number, "--to", str(tmp_path / "no" / "folder")).code == 1
    MediaAsset.objects.update(pruned=timezone.now())
    assert manage("asset", "fetch", number, "--to", str(tmp_path)).code == 1
    assert manage("asset", "show", "999999").code == 2


def test_what_exists_is_handed_out_with_everything_about_it(manage: Shell, delivered: OrderLine) -> None:
    said = ordered(manage, "draft", "--wait")
    (line,) = said.document["lines"]
    assert (said.code, line["state"], line["source"], line["jobs"]) == (0, "done", "cached", [])
    asset = line["asset"]
    assert line.keys() == LINE and asset.keys() == ASSET
    assert (asset["width"], asset["mime_type"], asset["kind"]) == (128, "image/png", "still")
    assert Path(asset["path"]).stat().st_size == asset["bytes"]
    assert asset["receipt"]["device_used"] == "CPU"


def test_people_see_where_the_picture_is(manage: Shell, delivered: OrderLine) -> None:
    said = manage("order", "--product", "P-100", "--output-type", "draft")
    assert delivered.asset is not None
    assert str(path_of(delivered.asset)) in said.out and "done" in said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--product", "P-404", "--output-type", "draft"], "There is no product 'P-404'"),
        (["--product", "P-100", "--output-type", "poster"], "There is no output type 'poster'. There are: "),
        (["--product", "P-100", "--output-type", "still-2048"], "switched off"),
        (["--product", "P-100", "--output-type", "draft", "--priority", "99999"], "priority"),
        (["--product", "P-100", "--output-type", "draft", "--priority", "high"], "invalid int value"),
        (["--product", "P-100"], "required"),
        (["--product", "x\ny" * 300, "--output-type", "draft"], "There is no product"),
    ],
)
def test_what_can_not_be_ordered_is_a_usage_error(
    words: list[str], told: str, manage: Shell, product: Product
) -> None:
    OutputType.objects.filter(slug="still-2048").update(is_active=False)
    said = manage("order", *words, "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")
    assert told in said.document["error"] and told in said.err
    plain = manage("order", *words)
    assert (plain.code, plain.out) == (2, "")
    assert not Order.objects.exists()


def test_a_line_that_fails_at_once_is_exit_code_1(manage: Shell) -> None:
    bad = factories.cad_file(state="failed", error_code="truncated", error="The end is missing.")
    factories.product(number="P-100", cad_file=bad)
    said = ordered(manage, "draft")
    (line,) = said.document["lines"]
    assert (said.code, line["state"], line["error_code"]) == (1, "failed", "truncated")
    assert "The end is missing." in line["error"]


def test_waiting_returns_when_every_line_has_ended(
    manage: Shell, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.time, "sleep", lambda _: ends(tmp_path))
    said = ordered(manage, "draft", "--wait")
    assert (said.code, said.document["lines"][0]["state"]) == (0, "done")


def test_a_wait_that_is_too_long_shows_the_order_as_it_stands_and_fails(
    manage: Shell, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.time, "sleep", lambda _: None)
    said = ordered(manage, "draft", "--wait", "--timeout", "0.001")
    assert (said.code, said.document["lines"][0]["state"]) == (1, "working")
    assert "It continues" in said.err


def test_waiting_without_workers_says_so_instead_of_hanging_in_silence(
    manage: Shell, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.time, "sleep", lambda _: None)
    monkeypatch.setattr(console, "SILENT_SECONDS", 0.0)
    said = ordered(manage, "draft", "--wait", "--timeout", "0.01")
    assert "no worker serves asset_pipeline" in said.err and "run_workers" in said.err
    assert said.document["order"]


def test_rerendering_what_is_current_does_no_work(manage: Shell, delivered: OrderLine) -> None:
    count = Job.objects.count()
    said = manage("rerender", "--product", "P-100", "--wait", "--json")
    assert (said.code, said.document["lines"][0]["source"]) == (0, "cached")
    assert Job.objects.count() == count


@pytest.mark.parametrize("words", [["--product", "P-100"], ["--output-type", "draft"], ["--asset"]])
def test_forcing_renders_again(words: list[str], manage: Shell, delivered: OrderLine, tmp_path: Path) -> None:
    if words == ["--asset"]:
        words = ["--asset", str(delivered.asset_id)]
    said = manage("rerender", *words, "--force", "--json")
    (line,) = said.document["lines"]
    assert (said.code, line["state"], line["source"]) == (0, "working", "rendered")
    assert Order.objects.first().trigger == Order.Trigger.RERENDER


def test_only_what_is_stale_is_rendered_again(
    manage: Shell, product: Product, tmp_path: Path, delivered: OrderLine
) -> None:
    assert manage("rerender", "--stale", "--json").document == {"order": None, "lines": []}
    receive.assign(product, factories.cad_file())
    said = manage("rerender", "--stale", "--json")
    assert [line["source"] for line in said.document["lines"]] == ["rendered"]


def test_a_dry_run_says_what_and_why_and_orders_nothing(manage: Shell, delivered: OrderLine) -> None:
    count = Order.objects.count()
    OutputType.objects.filter(slug="draft").update(samples=9)
    said = manage("rerender", "--stale", "--dry-run", "--json")
    (line,) = said.document["lines"]
    assert (said.document["order"], line["state"], line["changed"]) == (None, "planned", ["view.samples"])
    assert line.keys() >= PLANNED
    assert "view.samples" in manage("rerender", "--stale", "--dry-run").out
    assert Order.objects.count() == count


@pytest.mark.parametrize(
    "words",
    [[], ["--asset", "999999"], ["--asset", "9" * 30], ["--product", "P-404"], ["--output-type", "x"]],
)
def test_nothing_to_render_again_is_a_usage_error(words: list[str], manage: Shell) -> None:
    said = manage("rerender", *words, "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")
