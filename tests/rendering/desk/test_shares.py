"""Share links: made and revoked in the admin, opened by people without a log-in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets.models import MediaAsset
from rendering.delivery import shares
from rendering.models import Order, OrderLine, ShareLink
from tests import factories
from tests.media import path_of
from tests.rendering.desk.conftest import EVIL, World, picture_of
from tests.rendering.desk.test_actions import act, said
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = pytest.mark.django_db

SHARER = (
    "media_assets.view_mediaasset",
    "rendering.view_order",
    "rendering.add_sharelink",
    "rendering.view_sharelink",
)


def link_to(**fields: object) -> ShareLink:
    return ShareLink.objects.create(**{"expires": timezone.now() + timedelta(days=1), **fields})


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)


def file_address(link: ShareLink, asset: MediaAsset) -> str:
    return reverse("shares:file", args=[shares.token(link), asset.sha256[:12], "x.png"])


def test_an_outsider_sees_and_downloads_a_shared_asset(world: World, client: Client) -> None:
    link = link_to(asset=world.asset, note="secret note")
    page = client.get(shares.path(link))
    html = page.content.decode()
    assert page.status_code == 200 and "1001" in html and "secret note" not in html
    assert "noindex" in page["X-Robots-Tag"] and page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"] and "sessionid" not in page.cookies
    assert_strict(page, "share page")
    shown = client.get(file_address(link, world.asset))
    assert shown["Content-Disposition"].startswith("inline") and "noindex" in shown["X-Robots-Tag"]
    saved = client.get(f"{file_address(link, world.asset)}?save")
    assert saved["Content-Disposition"].startswith("attachment")
    assert body(saved) == path_of(world.asset).read_bytes()
    link.refresh_from_db()
    assert link.downloads == 1 and link.last_used is not None


def test_a_film_is_shared_in_ranges(world: World, client: Client) -> None:
    MediaAsset.objects.update(mime_type="video/mp4")
    part = client.get(file_address(link_to(asset=world.asset), world.asset), headers={"range": "bytes=2-5"})
    assert part.status_code == 206 and body(part) == path_of(world.asset).read_bytes()[2:6]


def test_a_link_opens_its_own_files_and_no_others(world: World, client: Client, tmp_path: Path) -> None:
    other = picture_of(factories.product(number="TOP-SECRET"), tmp_path)
    MediaAsset.objects.filter(pk=other.pk).update(sha256="f" * 64)
    other.refresh_from_db()
    for link in (link_to(asset=world.asset), link_to(order=world.order)):
        html = client.get(shares.path(link)).content.decode()
        assert "1001" in html and "TOP-SECRET" not in html
        assert client.get(file_address(link, world.asset)).status_code == 200
        assert client.get(file_address(link, other)).status_code == 404
    line = OrderLine.objects.get(state=OrderLine.State.FAILED)
    OrderLine.objects.filter(pk=line.pk).update(asset=other)
    assert client.get(file_address(link, other)).status_code == 404, "not delivered"


def test_an_order_that_delivered_nothing_yet_says_so(world: World, client: Client) -> None:
    page = client.get(shares.path(link_to(order=Order.objects.create())))
    assert "Nothing has been delivered yet" in page.content.decode()


@pytest.mark.parametrize(
    "ending", [{"expires": timezone.now() - timedelta(seconds=1)}, {"revoked": timezone.now()}]
)
def test_a_link_that_ended_answers_410_without_names(
    ending: dict[str, object], world: World, client: Client
) -> None:
    link = link_to(asset=world.asset, **ending)
    for address in (shares.path(link), file_address(link, world.asset)):
        answer = client.get(address)
        assert answer.status_code == 410 and "noindex" in answer["X-Robots-Tag"]
        assert "1001" not in answer.content.decode()
        assert_strict(answer, "ended share")


@pytest.mark.parametrize(
    "token",
    [
        "x",
        ":",
        "a:b:c",
        "%00",
        "%F0%9F%92%A9:%F0%9F%92%A9",
        "' OR 1=1 --",
        EVIL.replace("/", "%2F"),
        "..%5C..%5Cetc",
        "A" * 4000,
        Signer(salt="another").sign("key"),
    ],
)
def test_a_hostile_token_costs_no_query_and_is_not_repeated(
    token: str, client: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(0):
        answer = client.get(f"/share/{token}/")
    assert answer.status_code == 404
    assert_strict(answer, "hostile token")


def test_a_token_with_another_key_or_signature_is_unknown(world: World, client: Client) -> None:
    link = link_to(asset=world.asset)
    good = shares.token(link)
    for bad in (
        good[:-1],
        good + "A",
        "A" + good,
        good.swapcase(),
        Signer(salt=shares.SALT).sign("nobody's"),
    ):
        assert client.get(f"/share/{bad}/").status_code == 404


def test_a_link_is_only_read(world: World, client: Client) -> None:
    assert client.post(shares.path(link_to(asset=world.asset))).status_code == 405


def test_visits_within_a_minute_are_written_once(
    world: World, client: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    link = link_to(asset=world.asset)
    client.get(shares.path(link))
    first = ShareLink.objects.get(pk=link.pk).last_used
    client.get(shares.path(link))
    assert ShareLink.objects.get(pk=link.pk).last_used == first


@pytest.mark.parametrize(
    ("what", "page"), [("asset", "media_assets_mediaasset"), ("order", "rendering_order")]
)
def test_a_link_is_made_from_the_page_of_what_it_opens(
    what: str, page: str, world: World, staff: Callable[..., Client], client: Client
) -> None:
    row = getattr(world, what)
    sharer = staff(*SHARER)
    form = f"{reverse('admin:rendering_sharelink_add')}?{what}={row.pk}"
    change = reverse(f"admin:{page}_change", args=[row.pk])
    assert form in sharer.get(change).content.decode()
    assert form not in staff(*SHARER[:2]).get(change).content.decode()
    shown = sharer.get(form)
    assert shown.status_code == 200
    answer = sharer.post(form, {what: row.pk, "days": "7", "note": "For the fair"}, follow=True)
    link = ShareLink.objects.latest("id")
    assert getattr(link, what) == row and link.created_by is not None
    assert timedelta(days=6.9) < link.expires - timezone.now() < timedelta(days=7)
    address = f"http://localhost:8000{shares.path(link)}"
    assert address in answer.content.decode()
    assert client.get(address).status_code == 200


def test_a_link_to_nothing_or_to_two_things_is_refused(world: World, admin_client: Client) -> None:
    page = reverse("admin:rendering_sharelink_add")
    before = ShareLink.objects.count()
    for what in ({}, {"asset": world.asset.pk, "order": world.order.pk}, {"asset": 99999}):
        answer = admin_client.post(page, {"days": "7", **what})
        assert answer.status_code == 200 and ShareLink.objects.count() == before
    answer = admin_client.post(page, {"days": "3650", "asset": world.asset.pk})
    assert answer.status_code == 200 and ShareLink.objects.count() == before


def test_nobody_shares_what_he_may_not_see(world: World, staff: Callable[..., Client]) -> None:
    page = reverse("admin:rendering_sharelink_add")
    client = staff("rendering.add_sharelink", "rendering.view_order")
    data = {"days": "7", "asset": world.asset.pk}
    assert client.post(page, data).status_code == 403
    assert staff(*SHARER[:2]).post(page, data).status_code == 403


def test_a_revoked_link_is_closed_for_good(
    world: World, staff: Callable[..., Client], admin_client: Client, client: Client
) -> None:
    link = link_to(asset=world.asset)
    assert act(staff(*SHARER), "rendering.sharelink", "revoke", [link]).status_code == 403
    assert "1 link revoked" in said(act(admin_client, "rendering.sharelink", "revoke", [link]))
    assert client.get(shares.path(link)).status_code == 410
    assert "had already expired or been revoked" in said(
        act(admin_client, "rendering.sharelink", "revoke", [link])
    )


@pytest.mark.parametrize("digits", ["9" * 5000, "-" + "9" * 5000, "0-" + "9" * 5000])
def test_a_range_of_thousands_of_digits_gets_the_whole_file(
    digits: str, world: World, client: Client
) -> None:
    address = file_address(link_to(asset=world.asset), world.asset)
    answer = client.get(address, headers={"Range": f"bytes={digits}"})
    assert answer.status_code == 200 and len(body(answer)) == world.asset.bytes


def test_the_address_to_copy_is_ours_whatever_the_browser_calls_us(
    world: World, admin_client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["*"], "https://render.example.com/"
    link = link_to(asset=world.asset)
    for page in (
        reverse("admin:rendering_sharelink_change", args=[link.pk]),
        reverse("admin:media_assets_mediaasset_change", args=[world.asset.pk]),
    ):
        shown = admin_client.get(page, headers={"Host": "evil.example"}).content.decode()
        assert '="https://render.example.com/' in shown and "evil.example" not in shown


def test_the_page_of_an_order_names_its_sender_and_packs_its_files(
    world: World, client: Client, admin_client: Client, tmp_path: Path
) -> None:
    draft = picture_of(world.product, tmp_path, "draft", other=1)
    world.order.lines.filter(state="failed").update(state="done", source="rendered", asset=draft)
    address = reverse("admin:gpu_systemsettings_change", args=[1])
    form = admin_client.get(address).context["adminform"].form
    sent = {name: value for name, value in form.initial.items() if value not in (None, False)}
    drawn = factories.picture(tmp_path / "logo.png")
    with drawn.open("rb") as logo:
        assert (
            admin_client.post(address, {**sent, "sender_name": "Acme <b>", "new_logo": logo}).status_code
            == 302
        )
    for bad in (b"", b"no picture", drawn.read_bytes()[:60]):
        upload = SimpleUploadedFile("logo.png", bad)
        assert admin_client.post(address, {**sent, "new_logo": upload}).status_code == 200
    link = link_to(order=world.order)
    page = client.get(shares.path(link)).content.decode()
    names = ["1001_draft_64x64.png", "1001_thumbnail_64x64.png"]
    assert "Files from Acme &lt;b&gt;" in page and all(name in page for name in names)
    logo_of_page = client.get(f"{shares.path(link)}logo.png")
    assert logo_of_page["Content-Type"] == "image/png" and logo_of_page.content.startswith(b"\x89PNG")
    packed = client.get(f"{shares.path(link)}all.zip")
    with zipfile.ZipFile(io.BytesIO(body(packed))) as archive:
        assert sorted(archive.namelist()) == names
    saved = client.get(f"{file_address(link, draft)}?save")
    assert names[0] in saved["Content-Disposition"]
    link.refresh_from_db()
    assert link.downloads == 2
    shares.revoke(link)
    assert {client.get(f"{shares.path(link)}{name}").status_code for name in ("all.zip", "logo.png")} == {410}
    assert admin_client.post(address, {**sent, "remove_logo": "on"}).status_code == 302
    other = link_to(asset=draft)
    assert client.get(f"{shares.path(other)}logo.png").status_code == 404
    alone = client.get(shares.path(other)).content.decode()
    assert "all.zip" not in alone and names[0] in alone


def test_the_list_of_assets_begins_with_deliverables(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    geometry = factories.geometry(world.cad_file, tmp_path)
    address = reverse("admin:media_assets_mediaasset_changelist")
    shown = {
        query: {asset.pk for asset in admin_client.get(f"{address}?{query}").context["cl"].result_list}
        for query in ("", "files=intermediate", "files=all", "kind__exact=gltf_geometry")
    }
    assert world.asset.pk in shown[""] and geometry.pk not in shown[""]
    assert geometry.pk in shown["files=intermediate"] and world.asset.pk not in shown["files=intermediate"]
    assert {geometry.pk, world.asset.pk} <= shown["files=all"]
    assert shown["kind__exact=gltf_geometry"] == {geometry.pk}
