"""CAD files come in: names that can be shown, numbers that can be typed, bytes stored once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from media_assets.cad.contract import ConversionResult
from media_assets.ingest import conversions
from media_assets.ingest import receive as ingest
from media_assets.ingest.receive import Arrival, clean_name, number_from
from media_assets.models import PRODUCT_NUMBER, CadFile, MediaAsset, Product
from media_assets.recipes.receipt import Receipt
from media_assets.signals import product_revised
from tests import factories
from tests.conftest import SAMPLE
from tests.media import path_of

MB = 1_000_000


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kegelrollenlager 30205.step", "Kegelrollenlager 30205.step"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Teile\\Käfig.stp", "Käfig.stp"),
        ("a\nb\r\tc\x00d.step", "a b c d.step"),
        ("\x1b[31mred.step", "[31mred.step"),
        ("‮pets.exe", "pets.exe"),
        ("⁦isolated⁩.step", "isolated .step"),
        ("no\udcffutf.step", "no utf.step"),
        ("部品.step", "部品.step"),
        ("", "unnamed"),
        ("///", "unnamed"),
        ("\n", "unnamed"),
    ],
)
def test_names_are_shown_without_what_can_not_be_seen(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@given(some.text(max_size=400))
def test_every_name_can_be_shown_stored_and_made_a_number(name: str) -> None:
    shown = clean_name(name)
    assert 1 <= len(shown) <= 255
    assert shown.isprintable() and "/" not in shown and "\\" not in shown
    shown.encode()
    PRODUCT_NUMBER(number_from(name))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("bearing.step", "bearing"),
        ("Lager 30205.STP", "Lager 30205"),
        ("part.step.gz", "part"),
        ("v1.2.step", "v1.2"),
        ("(draft) #7.step", "_draft_ _7"),
        ("--x.step", "x"),
        (".step", "product"),
        ("x" * 300 + ".step", "x" * 90),
    ],
)
def test_a_number_is_made_from_the_file_name(name: str, number: str) -> None:
    assert number_from(name) == number


@pytest.mark.parametrize("number", ["P-1\n", "a/b", "", " x", "x" * 100, "a\u202eb"])
def test_what_can_not_be_a_number_is_refused(number: str) -> None:
    with pytest.raises(ValidationError, match="Use 1 to 99"):
        PRODUCT_NUMBER(number)


@pytest.mark.django_db
@pytest.mark.database
class TestReceiving:
    @pytest.fixture
    def other(self, tmp_path: Path) -> Path:
        """Another revision of the sample: the same model, other bytes."""
        path = tmp_path / "bearing-b.step"
        path.write_bytes(SAMPLE.read_bytes() + b"\n")
        return path

    @pytest.fixture
    def news(self) -> list[tuple[str, bool]]:
        """What the apps above were told: product numbers, and whether the file was new."""
        heard: list[tuple[str, bool]] = []

        def hear(*, product: Product, is_new_file: bool, **_: object) -> None:
            heard.append((product.number, is_new_file))

        product_revised.connect(hear)
        yield heard
        product_revised.disconnect(hear)

    def receive(self, source: Path, name: str = "bearing.step", number: str = "") -> Arrival:
        return ingest.receive(source, name, number=number, max_bytes=100 * MB)

    def test_a_new_file_is_stored_scanned_and_given_to_a_new_product(
        self, news: list[tuple[str, bool]]
    ) -> None:
        arrival = self.receive(SAMPLE)
        cad = CadFile.objects.get()
        assert arrival.cad_file == cad and not arrival.duplicate
        assert path_of(cad).read_bytes() == SAMPLE.read_bytes()
        assert (cad.format, cad.unit, cad.original_name) == ("step", "millimetre", "bearing.step")
        assert (arrival.product and arrival.product.name, news) == ("bearing", [("bearing", True)])

    def test_the_same_bytes_are_one_file_whatever_their_name(self, news: list[tuple[str, bool]]) -> None:
        first = self.receive(SAMPLE)
        again = self.receive(SAMPLE, "copy of bearing.step")
        assert (again.duplicate, again.cad_file, again.product) == (True, first.cad_file, first.product)
        assert len(news) == 1

    def test_known_bytes_may_describe_a_second_product(self, news: list[tuple[str, bool]]) -> None:
        self.receive(SAMPLE)
        second = self.receive(SAMPLE, number="P-2")
        assert second.duplicate and CadFile.objects.count() == 1
        assert news == [("bearing", True), ("P-2", False)]

    def test_another_file_for_a_known_number_is_its_new_revision(
        self, other: Path, news: list[tuple[str, bool]]
    ) -> None:
        first = self.receive(SAMPLE, number="P-1")
        second = self.receive(other, number="P-1")
        product = Product.objects.get()
        assert (product.cad_file, product.revised is not None) == (second.cad_file, True)
        assert first.cad_file != second.cad_file and CadFile.objects.count() == 2
        assert news == [("P-1", True), ("P-1", True)]

    def test_other_bytes_of_the_same_name_get_a_number_of_their_own(self, other: Path) -> None:
        self.receive(SAMPLE)
        self.receive(other)
        assert list(Product.objects.values_list("number", flat=True)) == ["bearing", "bearing-2"]

    def test_numbers_count_on_past_those_that_are_taken(self, other: Path) -> None:
        for number in ("bearing", "bearing-2", "bearing-4"):
            Product.objects.create(number=number)
        arrival = self.receive(other)
        assert arrival.product is not None and arrival.product.number == "bearing-3"

    def test_a_name_given_once_is_kept(self, other: Path) -> None:
        ingest.receive(SAMPLE, "a.step", number="P", product_name="Roller", max_bytes=100 * MB)
        self.receive(other, number="P")
        assert Product.objects.get().name == "Roller"

    def test_a_file_above_the_limit_is_refused_with_both_sizes(self) -> None:
        arrival = ingest.receive(SAMPLE, "a.step", max_bytes=1000)
        assert (arrival.cad_file, arrival.error_code) == (None, "too_large")
        assert "has 0.6 MB; the limit is 0.001 MB" in arrival.error
        assert not CadFile.objects.exists()

    def test_a_damaged_file_is_kept_with_its_reason_and_starts_nothing(self, tmp_path: Path) -> None:
        cut = tmp_path / "cut.step"
        cut.write_bytes(SAMPLE.read_bytes()[:-2000])
        arrival = self.receive(cut)
        cad = CadFile.objects.get()
        assert (cad.state, cad.error_code, arrival.error_code) == ("failed", "truncated", "truncated")
        assert not cad.jobs.exists()

    def test_a_refusal_leaves_no_product(self, tmp_path: Path) -> None:
        letter = tmp_path / "letter.step"
        letter.write_bytes(b"Dear Sir")
        arrival = self.receive(letter, number="P-1")
        assert (arrival.product, arrival.error_code) == (None, "not_cad")
        assert not Product.objects.exists()

    def test_giving_a_product_another_file_is_news_and_the_same_file_is_none(
        self, news: list[tuple[str, bool]]
    ) -> None:
        product, cad = factories.product(number="P"), factories.cad_file()
        ingest.assign(product, cad)
        ingest.assign(product, cad)
        assert (Product.objects.get().cad_file, news) == (cad, [("P", False)])


@pytest.mark.django_db
@pytest.mark.database
class TestAccepting:
    @pytest.fixture
    def accept(self, tmp_path: Path) -> Callable[..., MediaAsset]:
        def run(cad: CadFile, **report: object) -> MediaAsset:
            glb, usd = tmp_path / "geometry.glb", tmp_path / "master.usdc"
            glb.write_bytes(b"glTF")
            usd.write_bytes(b"PXR-USDC")
            recipe = conversions.geometry_recipe(cad, "standard")
            return conversions.accept(
                cad, recipe, ConversionResult(glb, usd, report), Receipt(tools={}), None
            )

        return run

    def test_geometry_and_usd_are_assets_of_one_recipe(self, accept: Callable[..., MediaAsset]) -> None:
        cad = factories.cad_file()
        geometry = accept(cad, parts=4)
        assets = {asset.kind: asset for asset in cad.assets.all()}
        assert assets["gltf_geometry"] == geometry
        assert assets["usd_master"].recipe_key == geometry.recipe_key
        assert assets["usd_master"].mime_type == "model/vnd.usd+binary"

    def test_the_report_is_read_into_the_file(self, accept: Callable[..., MediaAsset]) -> None:
        cad = factories.cad_file(state="tessellating")
        accept(
            cad, parts=4, instances=23, triangles=5000, size_mm=[52.0, 52.0, 16.25], tree={"name": "Lager"}
        )
        cad.refresh_from_db()
        assert (cad.state, cad.parts, cad.instances, cad.triangles) == ("ready", 4, 23, 5000)
        assert (cad.size_mm, cad.tree) == ([52.0, 52.0, 16.25], {"name": "Lager"})
        assert "tree" not in cad.report and cad.report["parts"] == 4

    def test_another_tessellation_is_another_recipe(self) -> None:
        cad = factories.cad_file()
        assert conversions.geometry_recipe(cad, "draft") != conversions.geometry_recipe(cad, "fine")
        assert conversions.geometry_recipe(cad, "draft")["tools"].keys() == {
            *("converter", "cadquery-ocp-novtk", "usd-core")
        }
