"""Every shipped channel from the order to its archive: rendered, derived, measured, judged and named for real."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from media_assets.models import Product, identify
from rendering import orders
from rendering.catalog.channels.facts import PictureFacts
from rendering.catalog.channels.rules import Demand
from rendering.catalog.channels.shipped import SHIPPED
from rendering.farm import encoding
from rendering.models import ChannelProfile, Job, Order, OrderLine, OutputType
from rendering.orders import Wish
from rendering.orders.channels import compliance, profiles
from rendering.orders.channels.compliance import ChannelFile, FileState
from rendering.reports import REPORTS, Scope
from tests import factories
from tests.paths import CORPUS, SAMPLE
from tests.rendering.films import in_this_process, no_blender_left, work

__all__ = ["in_this_process", "no_blender_left"]

pytestmark = [pytest.mark.django_db, pytest.mark.blender, pytest.mark.cad, pytest.mark.timeout(600)]

IDENTIFIERS = {"gtin": "4006381333931", "asin": "B00EXAMPLE", "sku": "KL-7312-B", "etim": "EC000001"}

PARTS = (
    "bearing_ball_608.step",
    "box_sides_inch_assembly.step",
    "hinge_creo_ap203.stp",
    "nist_ctc_01_ap242.stp",
    "wrist_loose_bbox.step",
)
"""Of the corpus: flat, long, bent, plate-like and branched ones."""

# As small as the rules of each channel allow; the sides of the industrial catalog are exact ones. GS1 asks for
# 2400 px, which would take a minute: it gets, and is asked for, less.
SIDES = {"amazon": 500, "google-merchant": 500, "gs1": 500, "print": 500, "pim": 500}
SMALLER = {"catalog-detail": 500} | {
    f"web-{ending}-{side}": side // 4 for ending in ("avif", "webp", "jpg") for side in (480, 960, 1600)
}

NAMES = {
    "amazon": [f"B00EXAMPLE.{code}.jpg" for code in ("MAIN", "PT01", "PT02", "PT03", "PT04")],
    "google-merchant": ["kl_7312.jpg"],
    "gs1": [f"04006381333931_A{facing}N0.jpg" for facing in (1, 2, 3, 7, 8, 9)],
    "industrial": [f"kl_7312_{purpose}.jpg" for purpose in ("normal", "thumbnail", "detail")],
    "print": ["kl_7312_print.tiff", "kl_7312_layout.jpg"],
    "web": [f"kl_7312-{side}.{ending}" for ending in ("avif", "webp", "jpg") for side in (120, 240, 400)],
    "pim": [f"KL-7312-B_{view}.jpg" for view in ("main", "front", "back", "top")],
}
COMPANIONS = {"industrial": "kl_7312.xml", "web": "kl_7312.html"}
VIEWS = 17
"""Different pictures: the catalog and print share one, and so do the web set and the main picture of a PIM."""


@dataclass
class World:
    """A product with all that the channels ask for, and what each channel's files came to."""

    product: Product
    client: Client
    profiles: dict[str, ChannelProfile] = field(default_factory=dict)

    def order(self, *kinds: OutputType, products: Sequence[Product] = ()) -> None:
        """Order these and let the workers do it."""
        wishes = [Wish(product, kind) for product in products or [self.product] for kind in kinds]
        placed = orders.place(wishes, trigger=Order.Trigger.COMMAND)
        work(rounds=8)
        for line in placed.lines.all():
            assert line.state == OrderLine.State.DONE, (line.slug, line.error_code, line.error)

    def files(self, slug: str, product: Product | None = None) -> list[ChannelFile]:
        (found,) = compliance.Checker.of(self.profiles[slug]).check([product or self.product])
        return list(found.files)

    def page(self, slug: str) -> str:
        address = reverse("admin:rendering_channelprofile_products", args=[self.profiles[slug].pk])
        return self.client.get(address).content.decode()

    def archive(self, slug: str) -> dict[str, bytes]:
        """Download the channel's archive as an operator does; what is in it by name."""
        address = reverse("admin:rendering_channelprofile_zip", args=[self.profiles[slug].pk])
        answer = self.client.post(address)
        assert answer["Content-Disposition"] == f'attachment; filename="{slug}.zip"'
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:  # type: ignore[attr-defined]
            return {name: packed.read(name) for name in packed.namelist()}


def product_of(source: Path, number: str, identifiers: Mapping[str, str]) -> Product:
    """A product whose CAD file has not been converted yet."""
    content = source.read_bytes()
    name = default_storage.save(f"cad/{source.name}", ContentFile(content))
    cad_file = factories.cad_file(file=name, bytes=len(content), original_name=source.name)
    made = factories.product(number=number, name=f"Bearing <{number}>", cad_file=cad_file)
    identify(made, identifiers)
    return made


@pytest.fixture
def world(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(settings, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(settings, "BLENDER_NICE", 0)  # other tests run beside
    monkeypatch.setenv("CYCLES_DEVICE", "cpu")
    made = World(product_of(SAMPLE, "kl_7312", IDENTIFIERS), admin_client)
    for one in SHIPPED:
        made.profiles[one.slug] = profiles.add(one.slug)
    kinds = OutputType.objects.filter(channel_outputs__isnull=False)
    kinds.update(samples=1, noise_threshold=0.0, denoise=False, soft_edges=False, tessellation="draft")
    for slug, side in SIDES.items():
        kinds.filter(channel_outputs__profile__slug=slug).update(width=side, height=side)
    for slug, side in SMALLER.items():
        kinds.filter(slug=slug).update(width=side, height=side)
    made.profiles["gs1"].rules.filter(kind="longest_min").update(value="500")
    yield made
    encoding.drop()


def test_every_shipped_channel_takes_real_pictures_of_the_sample(world: World) -> None:
    world.order(*profiles.outputs_of(list(world.profiles.values())))
    assert Job.objects.filter(kind=Job.Kind.RENDER).count() == VIEWS
    report = {row[0]: row[1:4] for row in REPORTS["channels"](Scope.of()).rows}
    for slug, profile in world.profiles.items():
        files = world.files(slug)
        assert [(one.name, one.state, one.why) for one in files] == [
            (name, FileState.READY, ()) for name in NAMES[slug]
        ]
        assert report[profile.name] == [1, 1, 0]
        page = world.page(slug)
        assert "1 of 1 products are ready" in page or "1 of 1 product is ready" in page, slug
        assert all(name in page for name in NAMES[slug])
        packed = world.archive(slug)
        texts = [COMPANIONS[slug]] if slug in COMPANIONS else []
        assert list(packed) == [*NAMES[slug], *texts]
        for one in files:
            with Image.open(io.BytesIO(packed[one.name])) as picture:
                picture.load()
                kind = one.output.output_type
                assert picture.size == (kind.width, kind.height), one.name
        for text in texts:
            assert all(name in packed[text].decode() for name in NAMES[slug]), text
        if slug == "industrial":
            assert b"GROUP_ID>EC000001</" in packed[COMPANIONS[slug]]
        for one in files:
            _refuses_what_breaks_a_rule_by_a_little(world, slug, one)
    _pictures_that_break_the_main_rules(world)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the CAD files for tests are not at {CORPUS}")
def test_every_shipped_channel_takes_real_pictures_of_other_parts(world: World) -> None:
    products = [
        product_of(
            CORPUS / name,
            f"kl_{number}",
            {
                "gtin": with_check_digit(f"40063813340{number}"),
                "asin": f"B00EXAMPL{number}",
                "sku": f"KL-{number}",
            },
        )
        for number, name in enumerate(PARTS)
    ]
    world.order(*profiles.outputs_of(list(world.profiles.values())), products=products)
    found = [
        (part, one.output.output_type.slug, one.state.value, one.why)
        for slug in world.profiles
        for part, product in zip(PARTS, products, strict=True)
        for one in world.files(slug, product)
    ]
    assert len(found) == len(PARTS) * sum(map(len, NAMES.values()))
    assert [one for one in found if one[2] != FileState.READY] == []


def with_check_digit(digits: str) -> str:
    """A GTIN-13 of 12 digits."""
    total = sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(digits))
    return f"{digits}{-total % 10}"


def _broken_by_a_little(facts: PictureFacts) -> Iterator[tuple[str, str]]:
    """Yield rules that a file of these facts breaks by as little as can be, each with the figure to be read."""
    longest = max(facts.width, facts.height)
    yield "bytes_max", f"{facts.bytes - 1}"
    yield "longest_min", f"{longest + 1}"
    yield "longest_max", f"{longest - 1}"
    yield "shortest_min", f"{min(facts.width, facts.height) + 1}"
    yield "size", f"{facts.width}x{facts.height + 1}"
    yield "megapixels_max", f"{facts.width * facts.height / 1e6 - 0.001}"
    yield "bits", f"{facts.bits + 1}"
    yield "dpi_min", f"{(facts.dpi or 0) + 0.1}"
    yield "format", "png"
    yield "profile", "Display P3"
    assert facts.fill is not None and facts.margins is not None
    yield "fill_min", f"{100 * facts.fill + 0.1}"
    yield "fill_max", f"{100 * facts.fill - 0.1}"
    yield "margin_min", f"{min(facts.margins) + 1}"
    yield "metadata", "old_number"
    yield "name", r"[a-z]+\.gif"
    if facts.has_alpha:
        yield "opaque", "yes"
        yield "white_beyond", f"{longest}"
    elif facts.off_white_px:
        yield "white_beyond", f"{facts.off_white_px - 1}"


def _refuses_what_breaks_a_rule_by_a_little(world: World, slug: str, file: ChannelFile) -> None:
    assert file.asset is not None and file.asset.how_made.facts is not None
    checker = replace(compliance.Checker.of(world.profiles[slug]), outputs=(file.output,))
    for kind, value in _broken_by_a_little(PictureFacts.from_json(file.asset.how_made.facts)):
        stricter = replace(checker, demands=(*checker.demands, Demand(kind, value, file.output.code)))
        ((found,),) = (one.files for one in stricter.check([world.product]))
        assert (found.state, len(found.why)) == (FileState.REFUSED, 1), (file.name, kind, value, found.why)


def _pictures_that_break_the_main_rules(world: World) -> None:
    """A shadow is not white, and a wide border leaves too little product: both are refused and not packed."""
    kinds = OutputType.objects.filter(slug="amazon-main")
    for changes, words in (({"margin": 0.0765}, "fill 84."), ({"ground": "shadow"}, "px from the product")):
        before = kinds.values(*changes).get()
        kinds.update(**changes)
        world.order(kinds.get())
        main = world.files("amazon")[0]
        assert main.state == FileState.REFUSED and words in main.why[0], main.why
        page = world.page("amazon")
        assert "0 of 1" in page and words in page
        packed = world.archive("amazon")
        assert "B00EXAMPLE.MAIN.jpg" not in packed and words in packed["MISSING.txt"].decode()
        kinds.update(**before)
