"""People who may see the products of one customer alone, at every address that the desk and the API have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse

from media_assets.ingest.belonging import belong
from media_assets.models import CadFile, Collection, Customer, MediaAsset, Product, Tag, sight
from rendering import orders
from rendering.api.site import api
from rendering.models import (
    ApiToken,
    HistoryEntry,
    Job,
    MaterialRule,
    Order,
    OrderLine,
    PictureComment,
    Review,
    ShareLink,
)
from rendering.models.api_token import TokenScope
from tests import factories
from tests.paths import SAMPLE
from tests.rendering.desk.conftest import World, picture_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]

SECRET = "Geheim"
numbers = count(1)
# What changes from one answer to the next, whoever asks.
CHANGING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}|\d+[.,]\d+ (?:GB|s)|'
    r'name="(?:form_token|_seen)"[^>]*>'
)


@dataclass
class Confined:
    user: User
    client: Client
    product: Product
    asset: MediaAsset


@pytest.fixture
def confined(world: World, tmp_path: Path) -> Confined:
    """A person of all groups who sees the customer Own, whose one product has a picture, beside a world of others."""
    hide(world.product, world.order, world.asset)
    own = Customer.objects.create(name="Own")
    product = factories.product(number="OWN-1", customer=own, cad_file=factories.cad_file(state="ready"))
    asset = picture_of(product, tmp_path)
    deliver(product, asset)
    user = factories.user(is_staff=True)
    user.groups.set(Group.objects.all())
    user.customer_access.create(customer=own)
    client = Client()
    client.force_login(user)
    return Confined(user, client, product, asset)


def deliver(product: Product, asset: MediaAsset) -> Order:
    order = Order.objects.create(note=product.name)
    OrderLine.objects.create(
        order=order,
        product=product,
        output_type=factories.output_type("thumbnail"),
        cad_file=product.cad_file,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key=f"k{next(numbers)}",
        master_width=64,
        master_height=64,
        asset=asset,
    )
    return order


def hide(product: Product, order: Order, asset: MediaAsset) -> None:
    """Give everything about this product a name that nobody else may read."""
    name = f"{SECRET} {next(numbers)}"
    belong(product, customer=f"{name} customer", collection=f"{name} collection", tags=[f"{name} tag"])
    Product.objects.filter(pk=product.pk).update(number=f"SECRET-{product.pk}", name=name)
    tree = {"name": name, "part_key": "/", "children": []}
    CadFile.objects.filter(products=product).update(original_name=f"{name}.step", tree=tree, part_names=name)
    CadFile.objects.filter(state="failed").update(original_name=f"{name}.step")
    product.identifiers.update(value=name)
    Order.objects.filter(pk=order.pk).update(note=name)
    Job.objects.filter(product=product).update(log=name, error=name)
    ShareLink.objects.filter(asset=asset).update(note=name)
    Review.objects.create(asset=asset, produced=asset.produced, verdict="rejected", note=name)
    PictureComment.objects.create(asset=asset, produced=asset.produced, text=name)
    finish = apps.get_model("rendering.Finish").objects.first()
    MaterialRule.objects.create(product=product, finish=finish, words=name)
    HistoryEntry.objects.update(name=name, person=name)
    apps.get_model("rendering.Alert").objects.update(message=name, subject=name)
    apps.get_model("rendering.Webhook").objects.update(name=name)
    ApiToken.objects.update(name=name)


def patterns(found: Any = None, prefix: str = "/") -> Iterator[str]:
    for one in found or get_resolver().url_patterns:
        address = f"{prefix}{one.pattern}"
        if hasattr(one, "url_patterns"):
            yield from patterns(one.url_patterns, address)
        elif not re.search(r"\^|logout|second-factor|password_change|openapi|/docs", address):
            yield address


def addresses(world: World) -> Iterator[str]:
    """Return every address of the project, those of one object with the id of a hidden one."""
    by_noun: dict[str, Any] = {
        "products": world.product.number,
        "cad-files": world.cad_file.pk,
        "orders": world.order.pk,
        "lines": world.order.lines.first().pk,
        "assets": world.asset.pk,
        "jobs": world.running.pk,
        "media": world.asset.pk,
        "cad": world.cad_file.pk,
        "pictures": world.asset.pk,
    }
    for address in patterns():
        if address.startswith("/share/"):
            continue  # whoever has a link may open it
        noun = ["", *filter(None, address.split("<")[0].split("/"))][-1]
        value: Any = by_noun.get(noun, "x")
        if found := re.match(r"/admin/(gpu|rendering|media_assets|auth)/(\w+)/", address):
            row = hidden_row(apps.get_model(*found.groups()), world)
            value = row.pk if row else 1
        address = re.sub(r"<slug:name>", "pictures", address).replace("<str:kind>", "csv")
        address = re.sub(r"<str:(name|digits)>", "x.png", address)
        yield re.sub(r"<[^>]+>", str(value), address)


def hidden_row(model: type[Model], world: World) -> Any:
    known = {
        Product: world.product,
        CadFile: world.cad_file,
        MediaAsset: world.asset,
        Order: world.order,
        Job: world.running,
        Customer: Product.objects.get(pk=world.product.pk).customer,
        Collection: Product.objects.get(pk=world.product.pk).collection,
        Tag: Tag.objects.filter(products=world.product).first(),
    }
    return known.get(model) or model._default_manager.first()


def test_no_address_shows_or_changes_what_belongs_to_others(
    world: World, confined: Confined, settings: Any
) -> None:
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    world.product.refresh_from_db()
    _, key = ApiToken.issue(confined.user, "own", TokenScope.values)
    by_token = Client(headers={"Authorization": f"Bearer {key}"})
    before = state_of_others(world)
    asked = list(addresses(world))
    assert len(asked) > 250
    for address in asked:
        client = by_token if address.startswith("/api/") else confined.client
        for answer in answers_of(client, address, world):
            content = b"".join(answer) if answer.streaming else answer.content
            text = content.decode(errors="replace")
            assert answer.status_code < 500, address
            assert SECRET not in text, (address, answer)
            if answer.request["REQUEST_METHOD"] == "GET" and world.product.number not in address:
                assert world.product.number not in text, (address, answer)
    assert state_of_others(world) == before
    assert by_token.get("/metrics").status_code == 403, "the farm's figures are everybody's"


def answers_of(client: Client, address: str, world: World) -> Iterator[Any]:
    """Yield what the address answers to each way of asking, as long as it is not refused."""
    answer = client.get(address)
    yield answer
    if answer.status_code == 403:
        return
    if answer.status_code == 200:
        yield client.get(
            address, {"id": [world.running.pk, world.cad_file.pk], "order": world.order.pk, "q": "eheim"}
        )
    if address.startswith("/api/"):
        names = {"products": [world.product.number], "product": world.product.number}
        body = json.dumps(
            {**names, "output_types": ["thumbnail"], "note": "x", "name": "x", "identifiers": {}}
        )
        for method in ("POST", "PATCH", "PUT"):
            yield client.generic(method, address, body, "application/json")
        return
    pk = world.product.pk
    chosen = {
        "_selected_action": pk,
        "product": pk,
        "revision_of": pk,
        "cell": f"{pk}:1",
        "shown": pk,
        "row": pk,
    }
    is_list = re.search(r"/(deliverables|product|cadfile|mediaasset|order|job)/$", address)
    for verb in (
        ("order", "retry", "cancel", "archive_chosen", "pause", "zip", "approve") if is_list else ("order",)
    ):
        yield client.post(address, {**chosen, "action": verb, "verb": verb, "products": world.product.number})


def state_of_others(world: World) -> list[Any]:
    models = (Product, CadFile, MediaAsset, Order, OrderLine, Job, ShareLink, Review, PictureComment)
    others = [
        list(model._default_manager.exclude(pk__in=model._default_manager.filter(own(model))).values())
        for model in models
    ]
    for rows in others:
        for row in rows:
            row.pop("last_used", None)
    return others


def own(model: type[Model]) -> Any:
    access = sight.CustomerAccess.objects.get()
    return sight.RULES[model](sight.Sight(access.user_id or 0, frozenset({access.customer_id})))


def test_pages_and_lists_read_the_same_whatever_others_have(
    world: World, confined: Confined, tmp_path: Path, settings: Any
) -> None:
    """No count, no page of a list, no choice of a filter and no figure of a report tells that there are more."""
    settings.SESSION_SAVE_EVERY_REQUEST = False
    _, key = ApiToken.issue(confined.user, "own", TokenScope.values)
    by_token = Client(headers={"Authorization": f"Bearer {key}"})
    paths = api.get_openapi_schema()["paths"]
    lists = [path for path, methods in paths.items() if "get" in methods and "{" not in path]
    pages = [
        one
        for one in addresses(world)
        if one.startswith("/admin/") and not re.search(r"/\d|/x|/review/", one)
    ]
    own_pages = [
        reverse("admin:media_assets_product_change", args=[confined.product.pk]),
        reverse("admin:media_assets_mediaasset_change", args=[confined.asset.pk]),
        reverse("admin:media_assets_cadfile_change", args=[confined.product.cad_file_id]),
    ]

    def read(asked: Iterable[str]) -> dict[str, str]:
        got = {one: (by_token if one in lists else confined.client).get(one) for one in asked}
        return {
            one: CHANGING.sub("", answer.content.decode())
            for one, answer in got.items()
            if answer.status_code == 200 and not answer.streaming
        }

    before = read([*pages, *own_pages, *lists])
    assert len(before) > 30 and "OWN-1" in before["/admin/media_assets/product/"]
    for _ in range(3):
        other = factories.product(cad_file=factories.cad_file(state="ready"))
        asset = picture_of(other, tmp_path)
        hide(other, deliver(other, asset), asset)
        factories.job(product=other, cad_file=other.cad_file)
    after = read(before)
    for one, text in before.items():
        assert after[one] == text, one


def test_own_products_are_seen_ordered_and_shared(world: World, confined: Confined) -> None:
    client = confined.client
    page = client.get(reverse("admin:media_assets_product_change", args=[confined.product.pk]))
    assert page.status_code == 200 and "OWN-1" in page.content.decode()
    assert client.get(f"/media/{confined.asset.pk}/x.png").status_code == 200
    assert client.get(f"/media/{world.asset.pk}/x.png").status_code == 404
    with sight.of_request(page.wsgi_request):
        order = orders.place(
            [orders.Wish(confined.product, factories.output_type("draft"))], trigger="operator"
        )
        with pytest.raises(orders.OrderRefused, match="There is no product"):
            orders.place([orders.Wish(world.product, factories.output_type("draft"))], trigger="operator")
    assert client.get(reverse("admin:rendering_order_change", args=[order.pk])).status_code == 200


def test_a_new_file_becomes_a_product_of_their_customer_though_others_have_the_same_bytes(
    confined: Confined, world: World
) -> None:
    client, content = confined.client, SAMPLE.read_bytes()

    def upload(**more: Any) -> Product | None:
        file = SimpleUploadedFile(SAMPLE.name, content)
        client.post(reverse("admin:media_assets_cadfile_add"), {"cad_files": file, **more})
        return Product.objects.order_by("-pk").first()

    anybody = Client()
    anybody.force_login(factories.user(is_staff=True, is_superuser=True))
    file = SimpleUploadedFile(SAMPLE.name, content)
    anybody.post(reverse("admin:media_assets_cadfile_add"), {"cad_files": file})
    others = Product.objects.latest("pk")
    mine = upload()
    assert (
        mine
        and mine != others
        and (mine.cad_file, mine.customer) == (others.cad_file, confined.product.customer)
    )
    world.product.refresh_from_db()
    assert upload(product=world.product.number) == mine
    world.product.refresh_from_db()
    assert world.product.cad_file == world.cad_file

    second = Customer.objects.create(name="Own too")
    confined.user.customer_access.create(customer=second)
    content += b"\n"
    assert upload() == mine  # it has to be said which
    made = upload(customer=second.pk)
    assert made and made != mine and made.customer == second


def test_pictures_that_products_of_two_customers_share_do_not_name_the_other_one(
    world: World, confined: Confined, tmp_path: Path
) -> None:
    """The same bytes are one CAD file, and the same picture of it is one file, called after its first product."""
    mine = factories.product(number="OWN-2", cad_file=world.cad_file, customer=confined.product.customer)
    deliver(mine, world.asset)
    page = confined.client.get(reverse("admin:media_assets_mediaasset_change", args=[world.asset.pk]))
    shown = page.content.decode()
    assert page.status_code == 200
    file = confined.client.get(f"/media/{world.asset.pk}/x.png")
    assert file.status_code == 200
    for text in (shown, file["Content-Disposition"]):
        assert "SECRET" not in text


def test_a_group_confines_its_people_and_a_superuser_is_never_confined(world: World, staff: Any) -> None:
    own = Customer.objects.create(name="Own")
    user = factories.user(is_staff=True)
    assert Product.objects.visible_to(user).count() == Product.objects.count() > 0
    group = Group.objects.create(name="Own's people")
    group.customer_access.create(customer=own)
    user.groups.add(group)
    user = User.objects.get(pk=user.pk)
    assert Product.objects.visible_to(user).count() == 0
    boss = factories.user(is_staff=True, is_superuser=True)
    boss.groups.add(group)
    assert Product.objects.visible_to(boss).exists()


def test_each_model_that_leads_to_a_product_has_a_rule() -> None:
    """A new one without a rule would be shown to everybody."""
    free = {
        "Notification",
        "ChannelOutput",
        "WorkflowStep",
        "ApiUpload",
        "Finish",
        "DeliveryAttempt",
        "HistorySubject",
        "CustomerAccess",
    }
    about = set(sight.RULES)
    for model in apps.get_models():
        if model._meta.app_label not in ("media_assets", "rendering") or model.__name__ in free:
            continue
        leads = {
            field.related_model
            for field in model._meta.get_fields()
            if field.many_to_one and field.concrete and field.related_model
        }
        if leads & about:
            assert model in about, model
            assert isinstance(model._default_manager.all(), sight.SightQuerySet), model
