"""What the guide's pictures show: six products, their pictures, an order that failed in part, and one that runs."""

from __future__ import annotations

import time
from pathlib import Path

from tests.end_to_end.installation import Installation
from tests.end_to_end.operators import PASSWORD
from tests.paths import SAMPLE
from tests.screenshots.parts import write_all

BEARING, HUB = "TRB-30X72", "HUB-5X80"
RING, CAGE, ROLLER = "TRB-30X72-IR", "TRB-30X72-CG", "TRB-30X72-RL"

PREPARE = f"""
from django.contrib.auth.models import Group, User
from rendering.models import OutputType
for name, role in (("olga", "Render admin"), ("vera", "Viewer")):
    user = User.objects.create_user(name, f"{{name}}@example.com", {PASSWORD!r}, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
OutputType.objects.exclude(slug__in=("draft", "thumbnail", "turntable-webm")).update(is_active=False)
film = {{"name": "Turntable 240 px, WebM", "frames": 12, "width": 240, "height": 240, "samples": 8}}
OutputType.objects.filter(slug="turntable-webm").update(**film)
OutputType.objects.filter(slug="thumbnail").update(samples=24)
quick = {{"samples": 24, "noise_threshold": 0.05, "width": 480, "height": 480}}
for slug, name, own in (
    ("catalog", "Catalog 480 px WebP", {{"format": "webp", **quick}}),
    ("datasheet", "Data sheet 480 px PNG", {{"format": "png", **quick}}),
    ("poster", "Poster 1024 px PNG", {{"samples": 800, "noise_threshold": 0.0}}),
):
    OutputType.objects.create(slug=slug, name=name, **own)
"""
CHANGE = """
from rendering.models import OutputType
OutputType.objects.filter(slug={slug!r}).update(**{fields!r})
"""
ORDER = """
from django.contrib.auth.models import User
from media_assets.models import Product
from rendering import orders
from rendering.models import Order, OutputType
wishes = [orders.Wish(Product.objects.with_cad().get(number=number), OutputType.objects.get(slug=slug))
          for number in {numbers!r} for slug in {slugs!r}]
orders.place(wishes, trigger=Order.Trigger.OPERATOR, user=User.objects.get(username="olga"), note={note!r})
"""
SHARE = """
from datetime import timedelta
from django.utils import timezone
from rendering.delivery import shares
from rendering.models import Order, ShareLink
order = Order.objects.get(note="Catalog, page 12")
print(shares.path(ShareLink.objects.create(order=order, expires=timezone.now() + timedelta(days=14))))
"""
SPOIL = """
from pathlib import Path
from media_assets.models import MediaAsset
path = Path(MediaAsset.objects.get(kind="gltf_geometry", cad_file__products__number={number!r}).file.path)
away = path.with_suffix(".away")
if away.exists():
    away.replace(path)
else:
    path.rename(away)
    path.write_bytes(b"glTF, but none of ours")
"""


def fill(desk: Installation, folder: Path) -> None:
    """Let the installation live through some hours of work; its workers must run."""
    desk.shell(PREPARE)
    files = [(BEARING, "Tapered roller bearing", SAMPLE), *write_all(folder)]
    for number, name, path in files:
        desk.manage("import_cad", str(path), "--product", number, "--name", name)
    idle(desk)
    order(desk, [BEARING], ["draft", "datasheet", "turntable-webm"])
    order(desk, [number for number, _, _ in files], ["catalog"], note="Catalog, page 12")
    idle(desk)
    desk.shell(CHANGE.format(slug="datasheet", fields={"lighting": "dark"}))
    order(desk, [BEARING, HUB], ["datasheet"])
    idle(desk)
    let_one_fail(desk)
    desk.shell(CHANGE.format(slug="draft", fields={"samples": 12}))  # and so its pictures are stale


def let_one_fail(desk: Installation) -> None:
    """Order three parts, and spoil the geometry of one while its render waits; one that is gone would be waited for."""
    desk.manage("queue", "pause", "asset_pipeline")
    order(desk, [ROLLER, CAGE, RING], ["draft"], note="Spare parts, sheet 3")
    desk.shell(SPOIL.format(number=ROLLER))
    desk.manage("queue", "resume", "asset_pipeline")
    idle(desk)
    desk.shell(SPOIL.format(number=ROLLER))


def order(desk: Installation, numbers: list[str], slugs: list[str], note: str = "") -> None:
    """Order products in output types, as olga."""
    desk.shell(ORDER.format(numbers=numbers, slugs=slugs, note=note))


def idle(desk: Installation) -> None:
    """Wait until nothing runs and nothing waits."""
    while desk.jobs(state="queued") or desk.jobs(state="running"):
        time.sleep(2)


def start_long_render(desk: Installation) -> str:
    """Order a picture that renders for as long as others are taken of it; return its job once it has got on."""
    order(desk, [BEARING, HUB], ["poster", "datasheet"], note="Poster for the fair")
    jobs = desk.wait_until(
        lambda: [one for one in desk.jobs("render", "running") if one["progress"] > 0.05], "it gets on", 600
    )
    return str(jobs[0]["id"])
