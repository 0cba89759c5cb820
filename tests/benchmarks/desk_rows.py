"""A large installation: two years of a house with 100,000 products, as its workers would have left it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from gpu.models import GpuDevice, GpuProbe, Worker
from gpu.probing.probe import ProbeResult
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.formats import files as formats
from media_assets.ingest import conversions
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import canonical_json, recipe_key
from rendering.catalog import plan
from rendering.models import (
    Attempt,
    HistoryEntry,
    HistorySubject,
    Job,
    MaterialRule,
    Notification,
    Order,
    OrderLine,
    OutputType,
    ShareLink,
    Webhook,
)
from tests.benchmarks.desk_bulk import execute, fill, literal, settle, without_indexes

PRODUCTS, EARLIER, ASSETS, JOBS, LINES = 100_000, 10_000, 1_000_000, 200_000, 100_000
CAD_FILES = PRODUCTS + EARLIER
ORDERS, LARGE_ORDER = 3_961, 1_000  # 25 lines each, but the last
ORDERED_PRODUCTS = 40_000
WAITING, RUNNING = 2_000, 8
PROBES, USERS, RULES, LOGGED = 17_520, 40, 300, 50_000
PER_CAD = 9  # assets of a product's current file; an earlier one has one more
DAYS = 730

ADJECTIVES = "deep groove,tapered,stainless,flanged,self-aligning,heavy,light,sealed,precision,hollow"
NOUNS = (
    "ball bearing,roller bearing,hinge,bracket,housing,shaft,gear,pulley,coupling,valve,nozzle,spring,clamp,bushing,"
    "flange,lever,handle,cover,plate,spacer"
)
DEVICES = ("NVIDIA GeForce RTX 4090", "NVIDIA RTX A4000", "AMD EPYC 9354")
SOURCES = ("rendered", "rendered", "derived", "cached")
ERRORS = ("timed_out", "blender_crashed", "out_of_memory", "lost", "quality_gate", "source_missing")
LOG = "\n".join(f"I1124 03:{n:02}:11.123456 session.cpp:{n}] Rendering sample {n} of 64" for n in range(20))
SAYS = "Blender ended in the middle of the render (signal 11). Try again; if it stays so, look at the log of the job."


@dataclass(frozen=True)
class Slot:
    """One of the assets that each CAD file has: which output type's, and from which slot's picture it was made."""

    number: int
    kind: str
    format: str
    slug: str = ""
    size: int = 0
    bytes: int = 2_000_000

    @property
    def is_picture(self) -> bool:
        return self.kind in MediaAsset.PICTURES


SLOTS = (
    Slot(0, MediaAsset.Kind.GLTF_GEOMETRY, "glb"),
    Slot(1, MediaAsset.Kind.USD_MASTER, "usdc"),
    Slot(2, MediaAsset.Kind.CAD_DOCUMENT, "xbf"),
    Slot(3, MediaAsset.Kind.RENDER_MASTER, "png", "thumbnail", 256),
    Slot(4, MediaAsset.Kind.RENDER_MASTER, "png", "still-2048", 2048),
    Slot(5, MediaAsset.Kind.THUMBNAIL, "webp", "thumbnail", 256, 9_000),
    Slot(6, MediaAsset.Kind.STILL, "png", "still-1024", 1024, 700_000),
    Slot(7, MediaAsset.Kind.STILL, "webp", "still-1024-webp", 1024, 90_000),
    Slot(8, MediaAsset.Kind.STILL, "png", "still-2048", 2048),
    Slot(9, MediaAsset.Kind.STILL, "png", "draft", 128, 12_000),
)
TREE_OF = "(ARRAY[0, 0, 0, 0, 0, 0, 1, 1, 1, 2])[1 + {} % 10]"
SIZES = {0: 1, 1: 12, 2: 150}  # parts of the three product trees: 6, 3 and 1 of 10 files


def series(count: int, name: str = "i") -> str:
    return f"generate_series(1, {count}) AS {name}"


def digest(text: str) -> str:
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


def moment(number: str, count: int) -> str:
    """SQL of the instant of the n-th of so many things that came evenly over two years."""
    return f"(now() - interval '{DAYS} days' * (1 - ({number})::float8 / {count}))"


def one_of(words: str | tuple[str, ...], number: str) -> str:
    """SQL of one of these words, by a number that need not be within their count."""
    chosen = words.split(",") if isinstance(words, str) else list(words)
    array = ", ".join(literal(word) for word in chosen)
    return f"(ARRAY[{array}])[1 + ({number})::int % {len(chosen)}]"


def scattered(number: str, of: int) -> str:
    """SQL of a number from 0 to *of* - 1 that looks random and is always the same."""
    return f"(((({number})::bigint * 2654435761) >> 8) % {of})"


def cad_id(product: str) -> str:
    return f"({product} + {EARLIER})"


def asset_id(cad: str, slot: str) -> str:
    """SQL of the id of an asset: the earlier files were the first, and their assets too."""
    return (
        f"CASE WHEN {cad} <= {EARLIER} THEN ({cad} - 1) * {PER_CAD + 1} + {slot} + 1 "
        f"ELSE {EARLIER * (PER_CAD + 1)} + ({cad} - {EARLIER} - 1) * {PER_CAD} + {slot} + 1 END"
    )


def make() -> dict[str, int]:
    """Fill this installation's empty database; return how many rows of what it has now."""
    steps: tuple[Callable[[], None], ...] = (
        people,
        cad_files,
        products,
        assets,
        jobs,
        orders,
        attempts,
        told,
        machines,
    )
    models = [
        *(CadFile, Product, MediaAsset, Job, Attempt, Order, OrderLine, OrderLine.jobs.through),
        *(Notification, ShareLink, GpuProbe, Worker, GpuDevice, MaterialRule, User, Webhook),
        *(HistoryEntry, HistorySubject),
    ]
    with without_indexes(models):
        for step in steps:
            step()
    settle(models)
    return {model._meta.label: model._default_manager.count() for model in models}


def people() -> None:
    fill(
        User,
        series(USERS),
        id="i",
        username="'user' || i",
        password="'!'",
        is_staff="true",
        first_name="''",
        last_name="''",
        email="'user' || i || '@example.com'",
        date_joined="now()",
        is_active="true",
        is_superuser="i = 1",
    )


def tree(parts: int) -> dict[str, Any]:
    """Return the product tree of a file with so many parts, as the reader writes it."""
    names = (
        "outer ring",
        "inner ring",
        "cage",
        "ball",
        "seal",
        "screw M6x20",
        "washer",
        "housing",
        "shaft",
        "cover",
    )
    children = [
        {
            "name": f"{names[n % len(names)]} {n}",
            "product": f"{names[n % len(names)]} {n}",
            "part_key": f"/Product/{names[n % len(names)]} {n}",
            "colors": ["#c0c0c0" if n % 3 else "#303030"],
            "count": 1 + n % 4,
        }
        for n in range(parts)
    ]
    return {"name": "Product", "product": "Product", "part_key": "/Product", "children": children}


def report(parts: int) -> dict[str, Any]:
    stages = ("prescan", "read", "transfer", "tree", "mesh", "triangles", "glb", "check", "usd", "report")
    return {
        "version": 5,
        "format": "step",
        "schema": "AP214",
        "originating_system": "CAD 2026",
        "unit": "millimetre",
        "size_mm": [72.0, 72.0, 20.75],
        "parts": parts,
        "instances": 2 * parts,
        "faces": 40 * parts,
        "triangles": 1200 * parts,
        "names": [child["name"] for child in tree(parts)["children"]],
        "colors": ["#c0c0c0", "#303030"],
        "warnings": [{"code": "no_materials", "message": "The file names no materials.", "details": ""}],
        "seconds": dict.fromkeys(stages, 0.25),
        "peak_mb": dict.fromkeys(stages, 212.5),
    }


def cad_files() -> None:
    """The first three are made by Django, so that their trees are known by their keys."""
    for number, parts in SIZES.items():
        made = CadFile(
            pk=number + 1,
            sha256=recipe_key({"cad": number + 1}),
            file=f"cad/{number}.step",
            original_name=f"first{number}.step",
            bytes=100_000,
            format="step",
            state=CadFile.State.READY,
            parts=parts,
            instances=2 * parts,
            triangles=1200 * parts,
            size_mm=[72.0, 72.0, 20.75],
            tree=tree(parts),
            report=report(parts),
        )
        made.save(force_insert=True)
    is_failed = "(i % 50 = 17)"
    fill(
        CadFile,
        f'generate_series(4, {CAD_FILES}) AS i JOIN "media_assets_cadfile" t ON t.id = 1 + {TREE_OF.format("i")}',
        id="i",
        sha256=digest("'cad' || i"),
        file="'cad/' || substr(md5(i::text), 1, 2) || '/' || md5(i::text) || '.step'",
        original_name=f"replace({one_of(NOUNS, 'i')}, ' ', '_') || '_' || (100000 + i) || '_rev' || (i % 4) || '.step'",
        bytes=f"20000 + {scattered('i', 30_000_000)}",
        format=one_of(("step", "step", "step", "iges", "stl"), "i"),
        schema="'AP214'",
        unit="'millimetre'",
        size_mm="t.size_mm",
        parts="t.parts",
        instances="t.instances + i % 7",
        triangles="t.triangles + i % 1000",
        tree="t.tree",
        tree_key="t.tree_key",
        report="t.report",
        state=f"CASE WHEN {is_failed} THEN 'failed' WHEN i % 200 = 33 THEN 'uploaded' ELSE 'ready' END",
        error_code=f"CASE WHEN {is_failed} THEN 'damaged' ELSE '' END",
        error=f"CASE WHEN {is_failed} THEN 'The file is damaged near its end. Export it again.' ELSE '' END",
        uploaded_by=f"1 + i % {USERS}",
        created=moment("i", CAD_FILES),
    )


def products() -> None:
    name = f"{one_of(ADJECTIVES, 'i / 7')} || ' ' || {one_of(NOUNS, cad_id('i'))} || ' ' || (i % 97 * 5) || ' mm'"
    fill(
        Product,
        series(PRODUCTS),
        id="i",
        number="chr(65 + i % 26) || chr(65 + i / 26 % 26) || '-' || (100000 + i)",
        name=name,
        cad_file=cad_id("i"),
        created=f"CASE WHEN i <= {EARLIER} THEN {moment('i', CAD_FILES)} ELSE {moment(cad_id('i'), CAD_FILES)} END",
        revised=moment(cad_id("i"), CAD_FILES),
    )


def recipes() -> None:
    """Note for each tree and slot what the code of today would write; the geometry's key differs for each file."""
    execute("CREATE TEMPORARY TABLE slot_recipe (tree int, slot int, output_type bigint, recipe jsonb)")
    files = {number: CadFile.objects.get(pk=number + 1) for number in SIZES}
    for slot in SLOTS:
        output_type = OutputType.objects.filter(slug=slot.slug).first()
        for number, cad_file in files.items():
            if output_type is None:
                recipe = dict(conversions.geometry_recipe(cad_file, "standard")) | {"made": slot.kind}
            else:
                wanted = plan.recipes_for(cad_file, output_type)
                is_master = slot.kind == MediaAsset.Kind.RENDER_MASTER
                recipe = dict(wanted.master(slot.size, slot.size) if is_master else wanted.file)
            row = ", ".join(map(literal, (number, slot.number, output_type and output_type.pk, recipe)))
            execute(f"INSERT INTO slot_recipe VALUES ({row})")
    text = canonical_json(conversions.geometry_recipe(files[0], "standard"))
    before, after = map(literal, text.split(files[0].sha256))
    key = digest(f"{before} || sha256 || {after}")
    execute(
        f"CREATE TEMPORARY TABLE cad AS SELECT id, sha256, {TREE_OF.format('id')} AS tree, {key} AS geometry, created, "
        f"CASE WHEN id <= {EARLIER} THEN id ELSE id - {EARLIER} END AS product FROM media_assets_cadfile"
    )
    execute("CREATE UNIQUE INDEX ON cad (id); ANALYZE cad; ANALYZE slot_recipe")


def assets() -> None:
    recipes()
    for slot in SLOTS:
        _assets(slot)


def _assets(slot: Slot) -> None:
    sha, draw = digest(f"'{slot.number}/' || c.id"), scattered(f"c.id * 10 + {slot.number}", 1000)
    rendered = slot.size > 0
    cpu, fallback = f"({draw} < 200)", f"({draw} < 50)"
    device = f"CASE WHEN {cpu} THEN 'CPU' ELSE 'GPU' END" if rendered else "'CPU'"
    card = f"CASE WHEN {cpu} THEN {literal(DEVICES[2])} ELSE {one_of(DEVICES[:2], 'c.id')} END"
    again = f"CASE WHEN {draw} % 10 = 0 THEN (now() - c.created) * ({draw} / 1000.0) ELSE interval '5 minutes' END"
    made = {
        "device_used": device,
        "seconds": f"jsonb_build_object('load', 0.31, 'scene', 0.02, 'sample', {draw} / 40.0, 'save', 0.4)",
        **(
            {
                "compute_type": f"CASE WHEN {cpu} THEN 'NONE' ELSE 'OPTIX' END",
                "device_name": card,
                "device_id": f"'CUDA_' || {card} || '_0000:01:00'",
                "device_proof": literal("Cycles logged that it samples with this device"),
                "gpu_fallback": fallback,
                "blender_version": "'4.5.15'",
                "samples": "64",
                "geometry_hit": "true",
                "peak_mb": "1250",
            }
            if rendered
            else {"tools": '\'{"ocp": "8.0.1", "converter": 9}\'::jsonb'}
        ),
        **(
            {
                "master": asset_id("c.id", "3"),
                "master_key": digest("c.geometry"),
                "png_bytes": str(3 * slot.bytes),
            }
            if slot.is_picture
            else {}
        ),
    }
    receipt = f"jsonb_build_object({', '.join(f'{literal(name)}, {value}' for name, value in made.items())})"
    where = f"c.id <= {EARLIER}" if slot.number >= PER_CAD else "true"
    fill(
        MediaAsset,
        f"cad c JOIN slot_recipe s ON s.tree = c.tree AND s.slot = {slot.number} WHERE {where} ORDER BY c.id",
        id=asset_id("c.id", str(slot.number)),
        kind=literal(slot.kind),
        file=f"'assets/' || substr({sha}, 1, 2) || '/' || {sha} || '{formats.suffix(slot.format)}'",
        mime_type=literal(formats.mime_type(slot.format)),
        bytes=f"{slot.bytes} + {draw}",
        width=str(slot.size or "NULL"),
        height=str(slot.size or "NULL"),
        sha256=sha,
        recipe_key=digest(f"'recipe{slot.number}/' || c.id"),
        view_key=digest(f"'view{slot.slug}/' || c.geometry") if rendered else "''",
        recipe=(
            "jsonb_set(s.recipe, '{view,geometry}', to_jsonb(c.geometry))"
            if rendered
            else "jsonb_set(s.recipe, '{cad}', to_jsonb(c.sha256))"
        ),
        receipt=receipt,
        made_on=f"CASE WHEN NOT {literal(rendered)} THEN 'CPU' WHEN {fallback} THEN {literal(MediaAsset.FALLBACK)} "
        f"WHEN {cpu} THEN 'CPU' ELSE {card} END",
        delivery_state=_delivery_state(slot),
        cad_file="c.id",
        product="c.product",
        created="c.created + interval '5 minutes'",
        produced=f"c.created + {again}",
    )


def _delivery_state(slot: Slot) -> str:
    """SQL of what the lines that `orders` makes will say of an asset; the list mends the few that failed."""
    if not slot.is_picture:
        return "''"
    first = f"({slot.number} - 5 - 3 * (c.product - 1)) % 4"
    is_delivered = f"c.id > {EARLIER} AND c.product <= {ORDERED_PRODUCTS} AND ({first} + 4) % 4 < 2"
    return f"CASE WHEN {is_delivered} THEN 'current' ELSE '' END"


def jobs() -> None:
    """Three of ten convert, three render, four encode; the newest wait or run."""
    cad, draw = f"ceil(i * {CAD_FILES / JOBS})::int", scattered("i", 1000)
    is_live, is_running = f"(i > {JOBS - WAITING - RUNNING})", f"(i > {JOBS - RUNNING})"
    kind = "CASE WHEN i % 10 < 3 THEN 'tessellate' WHEN i % 10 < 6 THEN 'render' ELSE 'encode' END"
    slot = "CASE WHEN i % 10 < 3 THEN 0 WHEN i % 10 < 6 THEN 3 + i % 2 ELSE 5 + i % 4 END"
    ended = f"CASE WHEN {draw} < 30 THEN 'failed' WHEN {draw} < 45 THEN 'canceled' ELSE 'succeeded' END"
    state = f"CASE WHEN {is_running} THEN 'running' WHEN {is_live} THEN 'queued' ELSE {ended} END"
    source = (
        f"(SELECT i, {cad} AS cad, {kind} AS kind, {slot} AS slot, {state} AS state, {draw} AS draw, "
        f"{moment('i', JOBS)} AS at FROM {series(JOBS)}) j "
        f"JOIN cad c ON c.id = j.cad JOIN slot_recipe s ON s.tree = c.tree AND s.slot = j.slot ORDER BY j.i"
    )
    renders = "(j.kind = 'render')"
    card = f"CASE WHEN j.draw % 5 = 0 THEN {literal(DEVICES[2])} ELSE {one_of(DEVICES[:2], 'j.i')} END"
    done = "(j.state NOT IN ('queued', 'running'))"
    stages = "'load', 0.31, 'scene', 0.02, 'sample', j.draw / 40.0, 'save', 0.4, 'render', j.draw / 38.0, 'wait', 3.0"
    fill(
        Job,
        source,
        id="j.i",
        kind="j.kind",
        state="j.state",
        lane=f"CASE WHEN NOT {renders} THEN 'cpu' WHEN j.i % 2 = 0 THEN 'light' ELSE 'heavy' END",
        queue=f"CASE WHEN NOT {renders} THEN {literal(CPU_QUEUE)} ELSE {literal(PRIMARY_QUEUE)} END",
        priority=f"{one_of(('50', '50', '60', '55'), 'j.i')}::int",
        recipe_key=digest("'job' || j.i"),
        spec=f"jsonb_build_object('recipe', s.recipe, 'geometry', {asset_id('j.cad', '0')}, 'kind', 'still', 'rules', "
        f"{literal(RULES_SENT)})",
        geometry_key=f"CASE WHEN {renders} THEN c.geometry ELSE '' END",
        cad_file="j.cad",
        product="c.product",
        output_type="s.output_type",
        asset=f"CASE WHEN j.state = 'succeeded' THEN {asset_id('j.cad', 'j.slot')} END",
        attempt="CASE WHEN j.state = 'queued' THEN 0 ELSE 1 END",
        lease_token="CASE WHEN j.state = 'running' THEN gen_random_uuid() END",
        lease_until="CASE WHEN j.state = 'running' THEN now() + interval '1 day' END",
        worker="CASE WHEN j.state = 'queued' THEN '' ELSE 'render1:boot:' || (100 + j.i % 20) || ':1' END",
        stage="CASE WHEN j.state = 'running' THEN 'sample 17 of 64' ELSE '' END",
        progress="CASE j.state WHEN 'succeeded' THEN 1 WHEN 'running' THEN 0.4 ELSE 0 END",
        device_used=f"CASE WHEN NOT {done} THEN '' WHEN {renders} AND j.draw % 5 <> 0 THEN 'GPU' ELSE 'CPU' END",
        compute_type=f"CASE WHEN {done} THEN CASE WHEN {renders} AND j.draw % 5 <> 0 THEN 'OPTIX' ELSE 'NONE' END "
        "ELSE '' END",
        device_name=f"CASE WHEN {done} AND {renders} THEN {card} ELSE '' END",
        gpu_fallback=f"{done} AND {renders} AND j.draw % 20 = 0",
        log=f"CASE WHEN {renders} AND j.state <> 'queued' THEN {literal(LOG)} ELSE '' END",
        seconds=f"CASE WHEN NOT {done} THEN '{{}}'::jsonb WHEN {renders} THEN jsonb_build_object({stages}) "
        "ELSE jsonb_build_object('encode', j.draw / 5000.0, 'gate', 0.02) END",
        reuse='\'{"geometry": {"hit": true, "changed": [], "why": ""}}\'::jsonb',
        error_code=f"CASE WHEN j.state = 'failed' THEN {one_of(ERRORS, 'j.draw')} ELSE '' END",
        error=f"CASE WHEN j.state = 'failed' THEN {literal(SAYS)} ELSE '' END",
        created="j.at - interval '2 minutes'",
        queued="j.at - interval '2 minutes'",
        started="CASE WHEN j.state <> 'queued' THEN j.at - interval '1 minute' END",
        finished=f"CASE WHEN {done} THEN j.at END",
    )


def orders() -> None:
    """All lines of an order are of different products; the last order is the large one."""
    per_order, large = (LINES - LARGE_ORDER) // (ORDERS - 1), LINES - LARGE_ORDER
    order_of = f"CASE WHEN i > {large} THEN {ORDERS} ELSE 1 + (i - 1) / {per_order} END"
    fill(
        Order,
        series(ORDERS),
        id="i",
        trigger=one_of(("operator", "command", "upload", "rerender"), "i"),
        priority=f"{one_of(('50', '60', '40'), 'i')}::int",
        workflow="CASE WHEN i % 4 = 2 THEN 1 END",
        ordered_by=f"1 + i % {USERS}",
        due=f"CASE WHEN i % 3 = 0 THEN ({moment('i', ORDERS)} + interval '5 days')::date END",
        note="CASE WHEN i % 5 = 0 THEN 'For the catalog of spring, page ' || i ELSE '' END",
        created=moment("i", ORDERS),
        finished=f"CASE WHEN i < {ORDERS - 100} THEN {moment('i', ORDERS)} + interval '20 minutes' END",
    )
    draw = scattered("i", 1000)
    state = (
        f"CASE WHEN i > {LINES - 3000} AND i % 2 = 0 THEN 'working' WHEN {draw} < 30 THEN 'failed' "
        f"WHEN {draw} < 50 THEN 'canceled' ELSE 'done' END"
    )
    source = (
        f"(SELECT i, 1 + i::bigint * 7919 % {ORDERED_PRODUCTS} AS product, {state} AS state, "
        f"5 + (i + i / {ORDERED_PRODUCTS}) % 4 AS slot, {moment('i', LINES)} AS at FROM {series(LINES)}) l "
        f"JOIN cad c ON c.id = {cad_id('l.product')} "
        "JOIN slot_recipe s ON s.tree = c.tree AND s.slot = l.slot ORDER BY l.i"
    )
    fill(
        OrderLine,
        source,
        id="l.i",
        order=order_of.replace("i ", "l.i ").replace("(i", "(l.i"),
        product="l.product",
        output_type="s.output_type",
        cad_file="c.id",
        state="l.state",
        source=f"CASE WHEN l.state = 'done' THEN {one_of(SOURCES, 'l.i')} ELSE '' END",
        recipe_key=digest("'line' || l.i"),
        master_width="1024",
        master_height="1024",
        asset=f"CASE WHEN l.state = 'done' THEN {asset_id('c.id', 'l.slot')} END",
        error_code="CASE WHEN l.state = 'failed' THEN 'blender_crashed' ELSE '' END",
        error=f"CASE WHEN l.state = 'failed' THEN {literal(SAYS)} ELSE '' END",
        created="l.at - interval '10 minutes'",
        finished="CASE WHEN l.state <> 'working' THEN l.at END",
    )
    ten = "2 * l - 2 - (2 * l - 2) % 10"  # of ten jobs in a row the third to fifth render, the others encode
    for job in (f"{ten} + 3 + l % 3", f"{ten} + 6 + l % 4"):
        fill(OrderLine.jobs.through, series(LINES, "l"), orderline="l", job=job)


def attempts() -> None:
    """The last one of each job, and of every tenth an earlier one that was lost."""
    outcome = "CASE WHEN j.state = 'running' THEN 'running' ELSE j.state END"
    common = {"job": "j.id", "worker": "j.worker", "queue": "j.queue", "device_name": "j.device_name"}
    gpu = "CASE WHEN j.device_used = 'GPU' THEN 'GPU-' || j.id % 2 ELSE '' END"
    fill(
        Attempt,
        "rendering_job j WHERE j.id % 10 = 0 AND j.attempt > 0 ORDER BY j.id",
        **common,
        number="1",
        gpu="'GPU-1'",
        outcome="'lost'",
        error_code="'lost'",
        error="'The worker died.'",
        started="j.started - interval '3 minutes'",
        finished="j.started - interval '2 minutes'",
    )
    fill(
        Attempt,
        "rendering_job j WHERE j.attempt > 0 ORDER BY j.id",
        **common,
        number="1",
        gpu=gpu,
        outcome=outcome,
        device_used="j.device_used",
        error_code="j.error_code",
        error="j.error",
        started="j.started",
        finished="j.finished",
    )


def told() -> None:
    """What was told of orders, links that were shared, and the activity in the admin."""
    fill(
        Webhook, series(3), id="i", name="'Shop ' || i", url="'https://shop.example.com/' || i", secret="'s'"
    )
    fill(
        Notification,
        f"{series(ORDERS)}, generate_series(1, 2) AS w",
        key="gen_random_uuid()",
        order="i",
        event=one_of(("order.finished", "order.finished", "order.failed"), "i"),
        occurred=moment("i", ORDERS),
        webhook="w",
        body='\'{"event": "order.finished", "lines": 25}\'::jsonb',
        state="'sent'",
        attempts="1",
        created=moment("i", ORDERS),
        sent=moment("i", ORDERS),
    )
    fill(
        ShareLink,
        series(1000),
        key="substr(md5(i::text), 1, 22)",
        order="i",
        note="'For the press ' || i",
        created=moment("i", 1000),
        created_by=f"1 + i % {USERS}",
        expires=f"{moment('i', 1000)} + interval '30 days'",
    )
    fill(
        HistoryEntry,
        series(LOGGED),
        id="i",
        when=moment("i", LOGGED),
        user=f"1 + i % {USERS}",
        person=f"'user' || (1 + i % {USERS})",
        verb=one_of(("order", "change", "retry", "download"), "i"),
        about="(SELECT id FROM django_content_type WHERE model = 'product')",
        name="'Product ' || i",
        words="'Order 17 placed: 4 pictures.'",
    )
    fill(
        HistorySubject,
        series(LOGGED),
        entry="i",
        kind="(SELECT id FROM django_content_type WHERE model = 'product')",
        object_id=f"i % {PRODUCTS} + 1",
    )
    fill(
        MaterialRule,
        series(RULES),
        position="1000 + i",
        product=f"i * {PRODUCTS // RULES}",
        words=one_of(NOUNS, "i"),
        finish="(SELECT min(id) FROM rendering_finish)",
    )


def machines() -> None:
    """Two GPUs, workers that live and that died, and a probe every hour."""
    result = ProbeResult("render1", "2026-11-24T03:00:00+00:00", 1.5, "4.5.15", ()).to_json()
    fill(
        GpuDevice,
        series(2),
        id="i",
        host="'render1'",
        backend="'OPTIX'",
        vendor_id="'GPU-' || i - 1",
        name=one_of(DEVICES[:2], "i"),
        memory_mb="24576",
    )
    fill(
        Worker,
        series(20),
        identity="'render1:boot:' || (99 + i) || ':1'",
        host="'render1'",
        pid="99 + i",
        queue=one_of((PRIMARY_QUEUE, CPU_QUEUE), "i"),
        heartbeat="now() + interval '1 day'",
        gpu="'GPU-' || i % 2",
    )
    fill(
        GpuProbe,
        series(PROBES),
        trigger="'schedule'",
        host="'render1'",
        state="'succeeded'",
        result=literal(result),
        created=moment("i", PROBES),
        started=moment("i", PROBES),
        finished=moment("i", PROBES),
    )


RULES_SENT = [{"words": f"word{n}, other{n}", "finish": "steel", "position": n} for n in range(10)]
