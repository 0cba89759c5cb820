"""Channels at work: profiles and versions, readiness by what was measured, orders, archives."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset, Product, identify
from media_assets.recipes.receipt import Receipt
from rendering.catalog.channels.names import DEFAULT_PATTERN
from rendering.catalog.channels.shipped import SHIPPED
from rendering.models import ApiToken, ChannelProfile, HistoryEntry, Order, OrderLine, OutputType
from rendering.orders import plan_deletion
from rendering.orders import table as orders_table
from rendering.orders.channels import compliance, profiles
from rendering.orders.refused import OrderRefused
from rendering.reports import REPORTS, Scope
from tests import factories
from tests.rendering.api.conftest import client_of
from tests.rendering.shell import Shell

pytestmark = pytest.mark.django_db

READY = {
    "format": "jpg",
    "width": 1600,
    "height": 1600,
    "bytes": 300_000,
    "bits": 8,
    "has_alpha": False,
    "profile": "sRGB built-in",
    "fill": 0.875,
    "margins": [100] * 4,
    "off_white_px": 5,
}


def delivered(product: Product, kind: OutputType, folder: Path, facts: dict[str, Any] | None) -> MediaAsset:
    """A line that was done, with a file that was measured so."""
    assert product.cad_file is not None
    asset = publish(
        factories.picture(folder / f"{product.pk}-{kind.pk}.png"),
        kind=kind.kind,
        format_name=kind.format,
        recipe={"view": {}, "format": kind.format, "product": product.pk, "type": kind.pk},
        receipt=Receipt(facts=facts),
        cad_file=product.cad_file,
        product=product,
        width=kind.width,
        height=kind.height,
    )
    OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=kind,
        cad_file=product.cad_file,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key=f"{asset.pk}",
        master_width=64,
        master_height=64,
        asset=asset,
    )
    return asset


@pytest.fixture
def amazon() -> ChannelProfile:
    return profiles.add("amazon")


@pytest.fixture
def main(amazon: ChannelProfile) -> OutputType:
    return OutputType.objects.get(slug="amazon-main")


def with_asin(number: int) -> Product:
    product = factories.product(number=f"10{number}", name=f"Bearing {number}")
    identify(product, {"asin": f"B00000000{number}"})
    return product


def test_every_shipped_profile_can_be_added_once_with_its_outputs_and_rules() -> None:
    for one in SHIPPED:
        made = profiles.add(one.slug)
        assert made.outputs.count() == len(one.outputs) and made.rules.count() == len(one.rules)
        for output in made.outputs.select_related("output_type"):
            output.output_type.full_clean()
    assert profiles.to_add() == []
    for slug in ("amazon", "nothing"):
        with pytest.raises(OrderRefused, match="Shipped are"):
            profiles.add(slug)


def test_an_output_type_that_an_operator_changed_is_not_changed_back(amazon: ChannelProfile) -> None:
    OutputType.objects.filter(slug="amazon-main").update(width=2000, height=2000)
    amazon.delete()
    profiles.add("amazon")
    assert OutputType.objects.get(slug="amazon-main").width == 2000


def test_a_change_is_a_new_version_that_says_what_changed_and_a_copy_has_its_own(
    amazon: ChannelProfile,
) -> None:
    first = profiles.current(amazon)
    assert first.number == 1 and profiles.current(amazon) == first
    amazon.rules.filter(kind="fill_min").update(value="86")
    second = profiles.current(amazon, "anna")
    assert (second.number, second.by) == (2, "anna")
    changed = profiles.changes(first, second)
    assert any("86 %" in one and "read on 2026-11-30" in one for one in changed) and len(changed) == 2
    copied = profiles.copy(amazon)
    assert copied.slug == "amazon-2" and copied.rules.count() == amazon.rules.count()
    copied.rules.all().delete()
    assert amazon.rules.count() and profiles.current(amazon).number == 2


def test_products_are_ready_or_refused_with_the_figure(
    amazon: ChannelProfile, main: OutputType, tmp_path: Path
) -> None:
    products = [with_asin(number) for number in range(5)]
    nameless = factories.product(number="nameless")
    for product, facts in zip(
        [*products, nameless],
        [
            READY,
            {**READY, "fill": 0.81},
            {**READY, "fill": 0.81},
            None,
            {**READY, "bytes": 10_000_001},
            READY,
        ],
        strict=True,
    ):
        delivered(product, main, tmp_path, facts)
    found = compliance.summary(amazon)
    assert (found.ready, found.total) == (1, 6)
    assert found.words.startswith("1 of 6 ready; 2: MAIN fill 81 %")
    why = {
        one.product.number: one.files[0].why
        for one in compliance.Checker.of(amazon).check([*products, nameless])
    }
    assert why["100"] == ()
    assert "not measured" in why["103"][0] and "10,000,001 bytes" in why["104"][0]
    assert "no ASIN" in why["nameless"][0]
    # Nobody measures again: a rule that was changed judges what is known.
    amazon.rules.filter(kind="fill_min").update(value="80")
    assert compliance.summary(amazon).ready == 3
    products[0].cad_file = factories.cad_file()
    products[0].save()
    assert compliance.summary(amazon).ready == 2
    table = REPORTS["channels"](Scope.of())
    assert table.rows[0][:4] == ["Amazon", 6, 2, 4]


def test_looking_at_many_products_takes_as_many_queries_as_at_one(
    amazon: ChannelProfile, main: OutputType, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        delivered(with_asin(number), main, tmp_path, READY)
    checker = compliance.Checker.of(amazon)
    some = list(compliance.products_of(amazon))
    for rows in (some[:1], some):
        with django_assert_num_queries(1):
            checker.check(rows)


def test_pages_of_a_channel_show_sources_copy_and_download(
    admin_client: Client, main: OutputType, amazon: ChannelProfile, tmp_path: Path
) -> None:
    delivered(with_asin(1), main, tmp_path, READY)
    delivered(with_asin(2), main, tmp_path, {**READY, "off_white_px": 40, "off_white": [254, 254, 254]})
    page = admin_client.get(
        reverse("admin:rendering_channelprofile_products", args=[amazon.pk])
    ).content.decode()
    for words in (
        "1 of 2 products are ready",
        "254, 254, 254 40 px",
        "B000000001.MAIN.jpg",
        "read on 2026-11-30",
        "source not read",
    ):
        assert words in page, words
    answer = admin_client.post(reverse("admin:rendering_channelprofile_zip", args=[amazon.pk]))
    assert "amazon.zip" in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:  # type: ignore[attr-defined]
        assert packed.namelist() == ["B000000001.MAIN.jpg", "MISSING.txt"]
        assert "40 px" in packed.read("MISSING.txt").decode()
    assert HistoryEntry.objects.filter(verb="download").exists()
    shipped = reverse("admin:rendering_channelprofile_shipped")
    assert "Add Web set" in admin_client.get(shipped).content.decode()
    added = admin_client.post(shipped, {"slug": "web"}, follow=True).content.decode()
    assert "was added" in added and 'name="rules-0-source"' in added
    changes = reverse("admin:rendering_channelprofile_changelist")
    copied = admin_client.post(
        changes, {"action": "copy_and_change", "_selected_action": [amazon.pk], "_from_page": amazon.pk}
    )
    made = ChannelProfile.objects.get(slug="amazon-2")
    assert copied.url == reverse("admin:rendering_channelprofile_change", args=[made.pk])  # type: ignore[attr-defined]


def test_the_archive_of_a_channel_has_its_text_file_for_each_product(tmp_path: Path, manage: Shell) -> None:
    profile = profiles.add("industrial")
    product = factories.product(number="KL_7312", name="Bearing <B>")
    facts = {**READY, "width": 400, "height": 400}
    for slug, side in (("catalog-400", 400), ("catalog-150", 150)):
        kind = OutputType.objects.get(slug=slug)
        delivered(product, kind, tmp_path, {**facts, "width": side, "height": side})
    target = tmp_path / "catalog.zip"
    report = manage("channel", "pack", profile.slug, "--to", str(target), "--json")
    assert report.code == 0, report
    with zipfile.ZipFile(target) as packed:
        assert packed.namelist() == ["kl_7312_normal.jpg", "kl_7312_thumbnail.jpg", "kl_7312.xml"]
        assert "<MIME_SOURCE>kl_7312_normal.jpg</MIME_SOURCE>" in packed.read("kl_7312.xml").decode()
    assert manage("channel", "pack", profile.slug, "--to", str(target), "--json").code == 2, (
        "nothing is overwritten"
    )
    ready = manage("channel", "ready", profile.slug, "--json")
    assert ready.code == 0 and ready.document["ready"] == 1


def test_the_download_of_an_order_can_be_named_for_a_channel(
    admin_client: Client, amazon: ChannelProfile, main: OutputType, tmp_path: Path
) -> None:
    delivered(with_asin(1), main, tmp_path, READY)
    address = reverse("admin:rendering_order_zip", args=[Order.objects.latest("pk").pk])
    assert "For a channel" in admin_client.get(address).content.decode()
    answer = admin_client.post(address, {"pattern": DEFAULT_PATTERN, "channel": "amazon", "_download": "1"})
    assert "amazon-order-" in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:  # type: ignore[attr-defined]
        assert packed.namelist() == ["B000000001.MAIN.jpg"]
    amazon.rules.filter(kind="fill_min").update(value="99")
    page = admin_client.post(address, {"pattern": DEFAULT_PATTERN, "channel": "amazon", "_download": "1"})
    assert "Nothing of this is ready for Amazon: fill 87.5 %" in page.content.decode()
    ChannelProfile.objects.update(pattern="{nothing}.{ext}")
    page = admin_client.post(address, {"pattern": DEFAULT_PATTERN, "channel": "amazon", "_download": "1"})
    assert "There is no field" in page.content.decode()
    assert "no field" in compliance.summary(ChannelProfile.objects.get()).words


def test_an_output_type_that_a_channel_takes_is_not_deleted(amazon: ChannelProfile, main: OutputType) -> None:
    main.archived_at = main.archived_at or timezone.now()
    main.save()
    plan = plan_deletion([main])
    assert [str(one.row) for one in plan.obstacles] == ["Amazon"]


@pytest.mark.database
def test_files_of_earlier_versions_are_measured_once(
    amazon: ChannelProfile, main: OutputType, tmp_path: Path, manage: Shell
) -> None:
    """In the contained encoder, by their render masters."""
    product = with_asin(1)
    asset = delivered(product, main, tmp_path, None)
    assert product.cad_file is not None
    master = factories.master(product.cad_file, main, tmp_path, (64, 64))
    recipe = {"format": "png", "width": 64, "height": 64}
    MediaAsset.objects.filter(pk=asset.pk).update(recipe=recipe, receipt={"master": master.pk})
    assert "not measured" in compliance.summary(amazon).words
    assert manage("channel", "measure", "amazon", "--json").document == {"measured": 1}
    asset.refresh_from_db()
    assert asset.receipt["facts"]["width"] == 64 and asset.receipt["master"] == master.pk
    assert "not measured" not in compliance.summary(amazon).words
    assert manage("channel", "measure", "amazon", "--json").document == {"measured": 0}


def test_identifiers_come_by_page_command_and_program(
    admin_client: Client, manage: Shell, tmp_path: Path
) -> None:
    one, other = factories.product(number="1001"), factories.product(number="1002")
    table = (
        "Product;GTIN;ASIN;Old No\n1001;4006381333931;b000000001;X-7\n"
        "1002;4006381333932;;\n1003;;;\n1002;;B000000001;\n"
    )
    upload = SimpleUploadedFile("ids.csv", table.encode())
    page = admin_client.post(
        reverse("admin:media_assets_product_identifiers"), {"file": upload}
    ).content.decode()
    assert "1 product changed" in page and "check digit" in page and "no product" in page
    assert "Another product has this identifier" in page
    assert {i.scheme: i.value for i in one.identifiers.all()} == {
        "gtin": "4006381333931",
        "asin": "B000000001",
        "old_no": "X-7",
    }
    assert HistoryEntry.objects.filter(name__contains="4006381333931").exists()
    (tmp_path / "ids.csv").write_text("product,asin\n1001,-\n1002,\n")
    assert manage("identifiers", str(tmp_path / "ids.csv"), "--json").document == {
        "changed": 1,
        "unchanged": 1,
        "errors": [],
    }
    for text, code in (("gtin\n4006381333931\n", 2), ("", 2), ("product,gtin\n1001,12\n", 1)):
        (tmp_path / "ids.csv").write_text(text)
        assert manage("identifiers", str(tmp_path / "ids.csv"), "--json").code == code
    _token, key = ApiToken.issue(User.objects.get(username="admin"), "PIM", ["read", "upload"])
    client, address = client_of(key), "/api/v1/products/1002/identifiers"

    def put(**values: str) -> Any:
        return client.put(address, json.dumps({"identifiers": values}), "application/json")

    assert put(sku="K 7", gtin="4006381333924").json()["identifiers"] == {
        "gtin": "4006381333924",
        "sku": "K 7",
    }
    refused = put(sku="", gtin="4006381333931")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_identifier")
    assert other.identifiers.count() == 2, "all of them or none"
    assert put(sku="").json()["identifiers"] == {"gtin": "4006381333924"}
    assert put(**{"Not a scheme": "1"}).status_code == 422
    shown = admin_client.get(reverse("admin:media_assets_product_change", args=[other.pk])).content.decode()
    assert 'value="4006381333924"' in shown


def test_a_channel_can_be_ordered_by_form_table_command_and_program(
    admin_client: Client, amazon: ChannelProfile, manage: Shell
) -> None:
    number = with_asin(1).number
    _token, key = ApiToken.issue(User.objects.get(username="admin"), "PIM", ["read", "order", "upload"])
    client = client_of(key)
    five = set(amazon.outputs.values_list("output_type__slug", flat=True))

    def ordered() -> set[str]:
        return {line.slug for line in Order.objects.latest("pk").lines.all()}

    form = {"products": number, "channels": ["amazon"], "priority": 50}
    assert admin_client.post(reverse("admin:rendering_order_add"), form).status_code == 302
    assert ordered() == five
    assert manage("order", "--product", number, "--channel", "amazon", "--json").code == 0
    assert ordered() == five
    answer = client.post(
        "/api/v1/orders", json.dumps({"products": [number], "channels": ["amazon"]}), "application/json"
    )
    assert answer.status_code == 201 and ordered() == five
    rows, errors = orders_table.parse(f"product;channel\n{number};Amazon\n{number};Nowhere\n")
    found = orders_table.resolve(rows)
    assert not errors and {wish.output_type.slug for _row, wish in found.wishes} == five
    assert "Nowhere" in found.errors[0].message
    refused = manage("order", "--product", number, "--channel", "nowhere", "--json")
    assert refused.code == 2 and "amazon" in refused.document["error"]
    ChannelProfile.objects.create(slug="empty", name="Empty")
    assert manage("order", "--product", number, "--channel", "empty", "--json").code == 2
    shown = client.get("/api/v1/channels/amazon/products").json()["items"]
    assert shown[0]["ready"] is False and shown[0]["files"][0]["state"] == "missing"
    rules = client.get("/api/v1/channels/amazon").json()["rules"]
    assert {one["read_on"] for one in rules} == {"2026-11-30", None}
