"""A small installation with something of everything, and people with and without rights."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from gpu.models import GpuDevice, GpuProbe, SystemSettings, Worker
from media_assets.cad.problem import Failure
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, Collection, Customer, MediaAsset, Product, ProductRevision, Tag
from media_assets.recipes.receipt import Receipt
from rendering import orders
from rendering.models import (
    Alert,
    ApiToken,
    ChannelProfile,
    ColorProfile,
    DeliveryAttempt,
    Environment,
    Finish,
    HistoryEntry,
    Job,
    Label,
    Notification,
    Order,
    OrderLine,
    ShareLink,
    Studio,
    Texture,
    Webhook,
    Workflow,
)
from rendering.queue import claims
from tests import factories

EVIL = "<script>alert(1)</script>"


@dataclass
class World:
    """What the pages show: one row of each kind, and jobs in every state."""

    product: Product
    cad_file: CadFile
    failed_cad_file: CadFile
    asset: MediaAsset
    order: Order
    running: Job
    queued: Job
    failed: Job
    canceled: Job
    succeeded: Job


def picture_of(product: Product, folder: Path, slug: str = "thumbnail", **recipe: Any) -> MediaAsset:
    """A published picture of a product's CAD file, as an encoding job would have left it."""
    kind = factories.output_type(slug)
    assert product.cad_file is not None
    return publish(
        factories.picture(folder / f"{product.pk}-{slug}.png"),
        kind=kind.kind,
        format_name="png",
        recipe={"view": {"look": {"camera": "three_quarter"}}, "product": product.pk, "slug": slug, **recipe},
        receipt=Receipt(device_used="CPU", compute_type="NONE", gpu_fallback=True, seconds={"sample": 1.5}),
        cad_file=product.cad_file,
        product=product,
        width=64,
        height=64,
    )


def jobs_in_every_state(product: Product, asset: MediaAsset) -> dict[str, Job]:
    assert product.cad_file is not None
    common = {"cad_file": product.cad_file, "product": product}
    made = {}
    for state, priority in (
        ("failed", 95),
        ("succeeded", 94),
        ("running", 93),
        ("canceled", 1),
        ("queued", 1),
    ):
        made[state] = factories.job(priority=priority, **common)
    claim = factories.claim()
    claims.renew(claim, log=f"Sample 3/8 {EVIL}", device_used="GPU", compute_type="OPTIX")
    claims.fail(claim, Failure.of("timed_out", said=f"It took too long {EVIL}."))
    claims.succeed(factories.claim(), asset=asset, seconds={"sample": 1.25})
    claims.renew(factories.claim(), progress=0.42, stage="sampling 3/8")
    orders.cancel_job(made["canceled"])
    for job in made.values():
        job.refresh_from_db()
    assert {state: job.state for state, job in made.items()} == {state: state for state in made}
    return made


def make_world(tmp_path: Path) -> World:
    """Fill an empty database; pictures are drawn in *tmp_path* before they are published."""
    cad = factories.cad_file(
        original_name=f"{EVIL}.step",
        state=CadFile.State.READY,
        parts=3,
        instances=22,
        triangles=1234,
        size_mm=[72.0, 72.0, 20.75],
        tree={
            "name": EVIL,
            "part_key": "/",
            "children": [{"name": "Käfig", "part_key": "/Käfig", "count": 20}],
        },
        report={
            "unit": "millimetre",
            "warnings": [{"code": "x", "message": "Two holes. Mend them.", "details": "a"}],
        },
    )
    customer, collection = Customer.objects.create(name=EVIL), Collection.objects.create(name=EVIL)
    product = factories.product(
        number="1001", name=EVIL, cad_file=cad, customer=customer, collection=collection
    )
    product.tags.add(Tag.objects.create(name=EVIL))
    ProductRevision.objects.create(product=product, cad_file=cad, number=1)
    broken = factories.cad_file(
        state=CadFile.State.FAILED, error_code="damaged", error="It crashed the reader."
    )
    asset = picture_of(product, tmp_path)
    jobs = jobs_in_every_state(product, asset)
    order = Order.objects.create()
    line = OrderLine.objects.create(
        order=order,
        product=product,
        output_type=factories.output_type("thumbnail"),
        cad_file=cad,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key="k",
        master_width=64,
        master_height=64,
        asset=asset,
    )
    line.jobs.add(jobs["succeeded"])
    failed_line = OrderLine.objects.create(
        order=order,
        product=product,
        output_type=factories.output_type("draft"),
        cad_file=cad,
        state=OrderLine.State.FAILED,
        error_code="timed_out",
        error="It took too long.",
        recipe_key="k2",
        master_width=64,
        master_height=64,
    )
    failed_line.jobs.add(jobs["failed"])
    GpuDevice.objects.create(host="h1", backend="OPTIX", vendor_id="GPU-1", name="Card")
    GpuProbe.objects.create(trigger="operator", state="succeeded", result={"devices": []})
    Worker.objects.create(identity="a", host="h1", pid=7, queue="asset_pipeline", heartbeat=timezone.now())
    Worker.objects.create(
        identity="b", host="h1", pid=8, queue="gone", heartbeat=timezone.now() - timedelta(days=9)
    )
    Environment.objects.create(
        name=EVIL, file="panoramas/ab.hdr", sha256="ab" * 32, original_name=EVIL, width=64, height=32
    )
    Studio.objects.create(
        name=f"{EVIL} hall",
        file="studios/cd/cd.json",
        sha256="cd" * 32,
        summary={
            "lights": [[EVIL, "AREA"]],
            "ground": [EVIL],
            "camera": {},
            "notes": [{"code": "light_nodes", "name": EVIL}],
        },
    )
    texture = Texture.objects.create(
        name=EVIL,
        file="textures/ef.png",
        sha256="ef" * 32,
        original_name=EVIL,
        width=64,
        height=64,
        color="#808080",
    )
    Finish.objects.filter(slug="rubber").update(texture=texture)
    Label.objects.create(product=product, part_key=EVIL, side="front", picture=texture, mm=20)
    ColorProfile.objects.create(name=EVIL, icc=b"icc", sha256="cd" * 32, description=EVIL)
    profile = ChannelProfile.objects.create(slug="shop", name=EVIL, note=EVIL)
    profile.outputs.create(output_type=factories.output_type("still-2048"), code="MAIN")
    profile.rules.create(kind="format", value=EVIL, source="https://shop.example.com/rules")
    product.identifiers.create(scheme="sku", value=EVIL)
    hook = Webhook.objects.create(name=EVIL, url="https://shop.example.com/hook")
    news = Notification.objects.create(
        webhook=hook,
        order=order,
        event="order.failed",
        occurred=timezone.now(),
        body={"event": "order.failed", "failures": [{"message": EVIL}]},
        attempts=1,
        error=EVIL,
    )
    DeliveryAttempt.objects.create(notification=news, seconds=0.1, status=500, answer=EVIL, error=EVIL)
    Alert.objects.create(name="RenderdeskGpuLost", subject=EVIL, message=EVIL, began=timezone.now())
    ShareLink.objects.create(asset=asset, expires=timezone.now() + timedelta(days=7), note=EVIL)
    ApiToken.issue(factories.user(is_staff=True), EVIL, ["read"])
    HistoryEntry.objects.create(person=EVIL, verb="change", name=EVIL, changes=[["name", EVIL, "1001"]])
    SystemSettings.load()
    assert Workflow.objects.exists()
    return World(product, cad, broken, asset, order, **jobs)


@pytest.fixture(scope="module")
def kept_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Path]]:
    """A world and its media folder for all tests of a module, each of which changes it for itself alone.

    Making one takes longer than to ask for a page of it.
    """
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        with override_settings(MEDIA_ROOT=folder / "media"):
            made = make_world(folder)
    yield made, folder / "media"
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> World:
    if "kept_world" not in request.fixturenames:
        request.getfixturevalue("db")
        return make_world(tmp_path)
    made, media = request.getfixturevalue("kept_world")
    request.getfixturevalue("db")
    shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
    copied: World = copy.deepcopy(made)
    return copied


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """A logged-in member of staff who has exactly the named permissions (app.codename)."""

    def log_in(*permissions: str) -> Client:
        user = factories.user(is_staff=True)
        for name in permissions:
            app, codename = name.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        client = Client()
        client.force_login(user)
        return client

    return log_in
