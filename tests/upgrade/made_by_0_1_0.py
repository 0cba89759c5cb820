"""How the desk was made that the upgrade tests start from: a day's work of people and workers of release 0.1.0.

It runs with the code of that release alone: copy it into a checkout of 0.1.0 and say there, with a PostgreSQL server,

    python -m tests.upgrade.made_by_0_1_0 FOLDER postgres:///postgres

FOLDER then holds the schema that 0.1.0 makes on SQLite and on PostgreSQL, and the rows as INSERTs that both take.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path.cwd()
NAME = "renderdesk_0_1_0"
NOT_KEPT = {"django_q_ormq", "django_session"}  # messages that nobody takes; nobody is logged in


def main(folder: Path, server: str) -> None:
    folder.mkdir(parents=True)
    work, database = folder / "work", folder / "work" / "desk.sqlite3"
    work.mkdir()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "RENDERDESK_VAR_DIR": str(work),
        "RENDERDESK_HOST": "render1",
        "SECRET_KEY": "the desk of 0.1.0",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(work)
    with sqlite3.connect(database) as rows:
        (folder / "schema_sqlite.sql").write_text(sqlite_schema(rows))
        text = sqlite_rows(rows).replace(str(work), "/var/lib/renderdesk")
        (folder / "rows.sql").write_text(text)
    (folder / "schema_postgresql.sql").write_text(postgresql_schema(server))


def fill(work: Path) -> None:
    """A day at the desk."""
    from rendering.history.people import Deeds, acting

    people = make_people()
    at_work = Deeds(of=SimpleNamespace(user=people["olga"]))
    with acting(at_work):
        types = choose_output_types(work)
        at_work.entries.clear()
        choose_materials()
    at_work.entries.clear()
    with acting(at_work):
        products = upload(work, people["olga"])
    run_all()
    with acting(at_work):
        done = order(products["bearing"], [types["draft"], types["shop"]], people["olga"], note="For the fair",
                     due=date(2026, 12, 24), tells=True)  # fmt: skip
        listen(people)
    run_all()
    with acting(at_work):
        order(products["bearing"], [types["draft"]], people["olga"])  # exists already
        revise(work, products, people["olga"])
    run_all()
    with acting(at_work):
        at_work.entries.clear()
        run_workflows(products, types, people["olga"])
        share(done, people["olga"])
    probe(work, people["mara"])
    trouble(products, types, people)
    deliver(done)


def make_people() -> dict[str, Any]:
    from django.contrib.auth.models import Group, Permission, User

    mara = User.objects.create_superuser("mara", "mara@example.com", "mara's old password")
    olga = User.objects.create_user("olga", "olga@example.com", "olga's old password", is_staff=True)
    viktor = User.objects.create_user(
        "viktor", "", "viktor's old password", is_staff=True, first_name="Viktor"
    )
    operators = Group.objects.get(name="Operator")
    operators.permissions.remove(Permission.objects.get(codename="pause_order"))  # the house's own choice
    team = Group.objects.create(name="Photo team")
    team.permissions.set(Permission.objects.filter(codename__in=["change_outputtype", "view_reports"]))
    olga.groups.set([operators, team])
    viktor.groups.set(Group.objects.filter(name="Viewer"))
    return {"mara": mara, "olga": olga, "viktor": viktor}


def choose_output_types(work: Path) -> dict[str, Any]:
    """Some of the shipped ones are changed, and there are some of the house's own."""
    from rendering import environments
    from rendering.models import OutputType
    from tests.rendering import panoramas

    tiny = {"samples": 2, "noise_threshold": 0.0}
    for slug, fields in {
        "thumbnail": {"width": 96, "height": 96, **tiny},
        "draft": {"name": "Quick look", "width": 64, "height": 64, **tiny},
        "still-2048": {"is_active": False},
    }.items():
        row = OutputType.objects.get(slug=slug)
        for name, value in fields.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
    sky = environments.receive(
        panoramas.write_hdr(work / "sky.hdr"), "sky.hdr", name="Grey sky", licence="Our own, 2026"
    )
    own: list[dict[str, Any]] = [
        {"slug": "shop", "name": "Shop", "format": "webp", "quality": 82, "effort": 5, "width": 64, "height": 48,
         "background": "gradient", "background_colour": "#F0F4f8", "gradient_colour": "#c0c8d0", **tiny},
        {"slug": "print", "name": "Print", "format": "tiff", "bit_depth": 16, "width": 3000, "height": 2000,
         "camera": "custom", "azimuth": 30.0, "elevation": 12.5, "f_stop": 8.0, "tessellation": "fine"},
        {"slug": "outdoors", "name": "Outdoors", "format": "jpg", "lighting": "custom", "environment": sky,
         "hdri_rotation": 45.0, "materials": "clay", "width": 640, "height": 480},
        {"slug": "comp", "name": "For compositing", "format": "exr", "background": "transparent"},
        {"slug": "spin", "name": "Spin", "kind": "turntable", "format": "mp4", "frames": 36, "fps": 12,
         "width": 480, "height": 270},
    ]  # fmt: skip
    for fields in own:
        row = OutputType(**fields)
        row.full_clean()
        row.save()
    return {row.slug: row for row in OutputType.objects.all()}


def choose_materials() -> None:
    from rendering.models import Finish, MaterialRule

    red = Finish.objects.create(slug="house_red", name="House red", colour="#b01020", coat=0.8)
    brass = Finish.objects.get(slug="brass")
    brass.roughness = 0.31
    brass.save()
    MaterialRule.objects.create(
        position=5, words="cap, lid", colours="clear, #b01020", finish=red, note="Corporate"
    )


def upload(work: Path, user: Any) -> dict[str, Any]:
    """CAD files of all kinds of fate: read, waiting for their unit, broken."""
    from media_assets import conversions, ingest
    from media_assets.cad.contract import Reading

    broken, cube, plate = work / "broken.step", work / "cube.stl", work / "plate.stl"
    broken.write_text("ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n#1=")
    cube.write_text(solid(1.0, 1.0, 1.0))
    plate.write_text(solid(40.0, 30.0, 2.0))
    limit = 100_000_000
    bearing = ingest.receive(
        HERE / "samples" / "tapered_roller_bearing.step", "tapered_roller_bearing.step", number="BRG-7",
        product_name="Kegelrollenlager", user=user, max_bytes=limit,
    )  # fmt: skip
    made = {"bearing": bearing.product}
    made["broken"] = ingest.receive(
        broken, "broken.step", number="BROKEN-1", user=user, max_bytes=limit
    ).product
    made["cube"] = ingest.receive(cube, "cube.stl", number="CUBE-1", user=user, max_bytes=limit).product
    arrived = ingest.receive(plate, "plate.stl", number="PLATE-2", user=user, max_bytes=limit)
    assert arrived.cad_file and arrived.error_code == "unit_unknown"
    conversions.set_reading(arrived.cad_file, Reading(unit="mm"), user)
    made["plate"] = arrived.product
    return made


def solid(x: float, y: float, z: float) -> str:
    """A box with a corner at the origin, as an STL file."""
    low = [(a, b, c) for a in (0.0, x) for b in (0.0, y) for c in (0.0, z)]
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [half for a, b, c, d in quads for half in ((a, b, c), (a, c, d))]
    rows = [
        "facet normal 0 0 0\nouter loop\n"
        + "".join(f"vertex {' '.join(map(str, low[one]))}\n" for one in face)
        + "endloop\nendfacet\n"
        for face in faces
    ]
    return f"solid box\n{''.join(rows)}endsolid box\n"


def revise(work: Path, products: dict[str, Any], user: Any) -> None:
    """The plate gets a second CAD file: its pictures of before are old now."""
    from media_assets import ingest

    thicker = work / "plate_b.stl"
    thicker.write_text(solid(40.0, 30.0, 3.0))
    from media_assets.cad.contract import Reading

    ingest.receive(
        thicker, "plate_b.stl", number="PLATE-2", user=user, reading=Reading(unit="mm"), max_bytes=100_000_000
    )
    products["plate"].refresh_from_db()


def run_all() -> None:
    """All that workers without a GPU do of what waits."""
    from gpu.topology import CPU_QUEUE, PRIMARY_QUEUE

    from gpu import heartbeat
    from rendering import execute

    busy = True
    while busy:
        busy = False
        for queue in (CPU_QUEUE, PRIMARY_QUEUE):
            heartbeat._current = None
            busy = bool(execute.work(queue)) or busy
            heartbeat.current(queue).beat()


def order(product: Any, types: list[Any], user: Any, **fields: Any) -> Any:
    from rendering import orders
    from rendering.models import Order

    wishes = [orders.Wish(product, one) for one in types]
    return orders.place(wishes, trigger=Order.Trigger.OPERATOR, user=user, **fields)


def listen(people: dict[str, Any]) -> None:
    from rendering.models import NewsChoice, Webhook

    Webhook.objects.create(
        name="Shop", url="https://shop.example.com/hooks/renders", secret="shared with the shop"
    )
    Webhook.objects.create(name="Chat", url="https://chat.example.com/in", on_finished=False, is_active=False)
    NewsChoice.objects.create(user=people["olga"], on_failed=True)
    NewsChoice.objects.create(user=people["viktor"], on_finished=True)


def run_workflows(products: dict[str, Any], types: dict[str, Any], user: Any) -> None:
    """Versions of the workflow on upload, and one of the house's own with conditions that ran for two products."""
    from rendering import orders, workflows
    from rendering.models import Order, Workflow, WorkflowStep

    upload = Workflow.objects.get(slug="on-upload")
    upload.priority = 70
    upload.save()
    workflows.current(upload, by="olga")
    WorkflowStep.objects.create(
        workflow=upload, position=2, output_type=types["draft"], when="revision", after=1
    )
    workflows.current(upload, by="olga")
    catalog = Workflow.objects.create(slug="catalog", name="Catalog", priority=40)
    for position, fields in enumerate(
        [
            {"kind": "usd", "tessellation": "fine"},
            {"output_type": types["print"], "numbers": "BRG*", "structure": "assembly", "after": 1},
            {
                "output_type": types["shop"],
                "formats": ["stl", "obj"],
                "longest_min": 5.0,
                "longest_max": 500.0,
            },
        ],
        1,
    ):
        WorkflowStep.objects.create(workflow=catalog, position=position, **fields)
    run = orders.Run(workflows.current(catalog, by="olga"), [products["bearing"], products["plate"]])
    orders.place([], trigger=Order.Trigger.OPERATOR, user=user, priority=40, run=run)


def share(done: Any, user: Any) -> None:
    from django.utils import timezone

    from rendering import shares
    from rendering.models import ShareLink

    later = timezone.now() + timedelta(days=36500)
    asset = done.lines.get(output_type__slug="shop").asset
    ShareLink.objects.create(
        order=done, note="The agency", expires=later, created_by=user, key="Zm9yLXRoZS1hZ2VuY3k"
    )
    closed = ShareLink.objects.create(asset=asset, expires=later, created_by=user, key="Y2xvc2VkLWFnYWlu")
    shares.note_download(closed)
    shares.revoke(closed)


def probe(work: Path, user: Any) -> None:
    """The farm gets two GPUs, and an administrator changes how they and the house are run."""
    from django.conf import settings
    from gpu.probe import run
    from gpu.prober import probe_now

    from gpu import pausing, probes
    from gpu.models import GpuDevice, GpuProbe, SystemSettings
    from rendering.history.people import Deeds, acting
    from tests.fake_gpu import FakeMachine

    machine = FakeMachine(work, "two_nvidia")
    before = settings.BLENDER_EXECUTABLE, os.environ["PATH"]
    settings.BLENDER_EXECUTABLE, os.environ["PATH"] = machine.blender, machine.path
    probe_now(GpuProbe.Trigger.COMMAND, lambda: run(timeout=20.0))
    settings.BLENDER_EXECUTABLE, os.environ["PATH"] = before
    with acting(Deeds(of=SimpleNamespace(user=user))):
        for name, fields in {"RTX 4090": {"queue": "big_one"}, "RTX 3060": {"serves_heavy": False}}.items():
            device = GpuDevice.objects.get(name__contains=name)
            for field, value in fields.items():
                setattr(device, field, value)
            device.save()
        row = SystemSettings.load()
        row.probe_interval_minutes, row.hang_seconds, row.upload_max_mb = 45, 600, 2048
        row.save()
        pausing.pause("asset_pipeline_light", "mara")
        failed = probes.request(GpuProbe.Trigger.OPERATOR, "render2", user)
    GpuProbe.objects.filter(pk=failed.pk).update(state=GpuProbe.State.RUNNING, runner="render2:b:1:1")
    probes.fail(failed, "The driver did not answer.")
    probes.request(GpuProbe.Trigger.SCHEDULE, "render2")


def trouble(products: dict[str, Any], types: dict[str, Any], people: dict[str, Any]) -> None:
    """Jobs in every state: failed after three attempts, lost once, canceled, running, waiting, held by pauses."""
    from django.db import transaction

    from rendering import claims, orders
    from rendering.history.people import Deeds, acting
    from rendering.models import Job

    def take(slug: str) -> Any:
        Job.objects.update(not_before=None)
        Job.objects.filter(output_type__slug=slug).update(priority=99)
        claim = claims.claim(
            "big_one", "render1:boot/4026531836:4711:1", gpu="GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11"
        )
        assert claim is not None and claim.job.output_type.slug == slug, claim
        return claim

    olga = people["olga"]
    bearing, plate = products["bearing"], products["plate"]
    with acting(Deeds(of=SimpleNamespace(user=olga))):
        bad = order(bearing, [types["outdoors"]], olga, tells=True, note="Fails")
    for code in ("render_failed", "render_failed", "blender_crashed"):
        claim = take("outdoors")
        claims.renew(claim, progress=0.4, stage="sampling", log="Fra:1 Sample 13/64\n")
        with transaction.atomic():
            claims.fail(claim, code, "Blender ended with signal 11.")
            orders.on_job_ended(claim.job)
    assert bad.lines.get().state == "failed"
    with acting(Deeds(of=SimpleNamespace(user=olga))):
        stopped = order(bearing, [types["comp"]], olga)
        orders.cancel_order(stopped)
        live = order(bearing, [types["still-1024"]], olga, priority=80)
        order(plate, [types["still-1024-webp"]], people["viktor"])
        orders.pause_order(order(plate, [types["spin"]], olga))
        orders.pause_product(products["cube"], "olga")
    with transaction.atomic():
        claims.fail(take("shop"), "hung", "It said nothing for 600 s.")  # the other GPU may try
    claims.lose(take("still-1024-webp"))
    claims.release(take("still-1024"))
    again = take("still-1024")
    claims.renew(again, progress=0.25, stage="sampling", device_used="GPU", compute_type="OPTIX",
                 device_name="NVIDIA GeForce RTX 4090")  # fmt: skip
    assert live.lines.get().state == "working"


def deliver(done: Any) -> None:
    """What became of the messages: one was taken, one was given up, others wait."""
    from django.utils import timezone

    from rendering.models import Notification

    now = timezone.now()
    sent = Notification.objects.filter(order=done).order_by("id").first()
    assert sent is not None
    Notification.objects.filter(pk=sent.pk).update(state="sent", sent=now, attempts=1)
    other = Notification.objects.exclude(pk=sent.pk).order_by("id").first()
    assert other is not None
    Notification.objects.filter(pk=other.pk).update(
        state="given_up", attempts=8, error="No answer within 10 s."
    )


def sqlite_schema(rows: sqlite3.Connection) -> str:
    found = rows.execute(
        "SELECT sql FROM sqlite_master WHERE sql > '' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    return "".join(f"{sql};\n" for (sql,) in found)


def sqlite_rows(rows: sqlite3.Connection) -> str:
    """All rows as INSERTs that SQLite and PostgreSQL take alike."""
    tables = [
        name
        for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith("sqlite_") and name not in NOT_KEPT
    ]
    texts = []
    for table in tables:
        columns = [(name, kind) for _, name, kind, *_ in rows.execute(f'PRAGMA table_info("{table}")')]
        found = rows.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()
        if found:
            names = ", ".join(f'"{name}"' for name, _ in columns)
            lines = ",\n".join(
                f"({', '.join(literal(value, kind) for value, (_, kind) in zip(row, columns, strict=True))})"
                for row in found
            )
            texts.append(f'INSERT INTO "{table}" ({names}) VALUES\n{lines};\n')
    return "".join(texts)


def literal(value: Any, kind: str) -> str:
    if value is None:
        return "NULL"
    if kind == "bool":
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    return "'{}'".format(str(value).replace("'", "''"))


def postgresql_schema(server: str) -> str:
    """The schema alone, without what pg_dump says of itself and of owners."""
    own = f"{server.rsplit('/', 1)[0]}/{NAME}"
    psql = ["psql", "--quiet", server, "--command"]
    subprocess.run([*psql, f'CREATE DATABASE "{NAME}"'], check=True)
    try:
        environment = os.environ | {"DATABASE_URL": own}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, check=True
        )
        dump = ["pg_dump", "--schema-only", "--no-owner", "--no-privileges", "--no-comments", own]
        text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    finally:
        subprocess.run([*psql, f'DROP DATABASE "{NAME}"'], check=True)
    text = re.sub(r"^(--.*|\\.*|SET .*|SELECT pg_catalog.set_config.*)\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{2,}", "\n", text).lstrip()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
