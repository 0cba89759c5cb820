"""Checks of the installation: one finding per line, each with the next step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blender_scripts.children import process
from blender_scripts.children.confine import offered
from blender_scripts.contract import BACKENDS, RenderOutcome
from blender_scripts.launch import Blender, BlenderError, check_blender, find_blender, run_script
from gpu.models import GpuDevice, SystemSettings, Worker
from gpu.models.system_settings import DevicePolicy
from gpu.probing import caches, life, probe
from gpu.queues import out_of_service, topology, wake
from media_assets import storage
from media_assets.cad.client import check_reader
from media_assets.cad.errors import CadError
from media_assets.ingest import documents
from media_assets.models import CadFile, MediaAsset
from rendering.management import backup

OK, WARN, FAIL = "ok", "warn", "fail"
BACKUP_AGE = timedelta(days=7)  # an older one is worth a warning
OUR_APPS = {"media_assets", "gpu", "rendering"}
PROBE_SECONDS = 30.0  # a driver that hangs on enumeration must not take the doctor along


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at: its state (ok, warn, fail), what was found, and what to do."""

    name: str
    state: str
    detail: str
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine() -> Iterator[Diagnosis]:
    """Yield the findings one by one, the slow ones (they start Blender and OpenCASCADE) included."""
    yield settings_given()
    yield blender()
    yield opencascade()
    yield confinement()
    answers = database()
    yield answers
    yield media_storage()
    yield disk()
    if answers.state == OK:
        for look in (pictures, last_backup, kept_documents, work_queues, workers, kernel_caches, gpu_policy):
            yield guarded(look)


def guarded(look: Callable[[], Diagnosis]) -> Diagnosis:
    try:
        return look()
    except DatabaseError as error:
        return Diagnosis(
            look.__name__.replace("_", " "), FAIL, str(error).strip(), _("Run 'manage.py migrate'.")
        )


def settings_given() -> Diagnosis:
    found = checks.run_checks()
    return refused("settings", found) or Diagnosis(
        "settings", OK, _("the environment variables are consistent")
    )


def refused(name: str, found: Sequence[checks.CheckMessage]) -> Diagnosis | None:
    """Return the errors among *found* as one finding; None without any."""
    errors = [one for one in found if one.is_serious()]
    hints = " ".join(one.hint for one in errors if one.hint)
    return Diagnosis(name, FAIL, " ".join(one.msg for one in errors), hints) if errors else None


def blender() -> Diagnosis:
    try:
        found = find_blender(settings.BLENDER_EXECUTABLE or None)
        proved = prove_device(found)
        if proved is None:
            check_blender(found)
    except BlenderError as error:
        return Diagnosis("Blender", FAIL, str(error))
    module = "bpy module" if found.prefix[0] == sys.executable else f"bpy module of {found.prefix[0]}"
    detail = f"{found.version} ({module if found.is_module else found.prefix[0]})"
    if proved is None or not proved.device_proof:
        detail += " " + _(
            "does not log which device it samples on: receipts name the chosen device, without proof"
        )
        hint = _(
            "With CYCLES_DEVICE=gpu it renders nothing. Use the bpy package, or a Blender from blender.org."
        )
        return Diagnosis("Blender", WARN, detail, hint)
    if proved.error:
        return Diagnosis("Blender", WARN, detail, proved.error)
    detail += ", " + _("its log proves the device: {name} ({proof})").format(
        name=proved.device_name, proof=proved.device_proof
    )
    return Diagnosis("Blender", OK, detail)


def prove_device(found: Blender) -> RenderOutcome | None:
    """Let Blender say what it samples with: a GPU if it can use one, else the CPU; None when it says nothing."""
    wanted = () if settings.CYCLES_DEVICE == DevicePolicy.CPU else BACKENDS
    for backends in dict.fromkeys((wanted, ())):  # the driver of a GPU may end it
        said = run_script(
            found,
            "prove_device.py",
            *backends,
            backends=backends,
            env=caches.environment(),
            confined=settings.CONFINE_BLENDER,
            timeout=PROBE_SECONDS,
        )
        if said.outcome is not None:
            return said.outcome
    return None


def pictures() -> Diagnosis:
    """Say whether the pictures that are there come from the Blender that makes the next ones."""
    masters = MediaAsset.objects.filter(kind=MediaAsset.Kind.RENDER_MASTER).order_by("-pk")
    newest = masters.first()
    made_with = newest.how_made.blender_version if newest else None
    if not made_with:
        return Diagnosis("pictures", OK, _("none so far"))
    try:
        version = find_blender(settings.BLENDER_EXECUTABLE or None).version
    except BlenderError:
        version = made_with
    detail = _("the last one was rendered with Blender {version}").format(version=made_with)
    if version == made_with:
        return Diagnosis("pictures", OK, detail)
    detail += _(", and this is {version}: what is ordered again will be rendered again").format(
        version=version
    )
    hint = _("Set BLENDER_EXECUTABLE to a Blender {version} to keep using the pictures that are there.")
    return Diagnosis("pictures", WARN, detail, hint.format(version=made_with))


def confinement() -> Diagnosis:
    """Say what Blender and the readers of strangers' files are kept from."""
    kernel = offered()
    if not settings.CONFINE_BLENDER:
        hint = _("Set RENDERDESK_CONFINE_BLENDER to true, unless a GPU driver does not work with it.")
        detail = _("readers of files: {kernel}; Blender: not confined").format(kernel=kernel)
        return Diagnosis("confinement", WARN, detail, hint)
    detail = _("Blender and readers of files: {kernel}").format(kernel=kernel)
    if not (kernel.files and kernel.calls):
        hint = _(
            "Use Linux 5.13 or newer on x86-64 or ARM64, with Landlock among its security modules (lsm=)."
        )
        return Diagnosis("confinement", WARN, detail, hint)
    return Diagnosis("confinement", OK, detail)


def opencascade() -> Diagnosis:
    try:
        return Diagnosis("OpenCASCADE", OK, check_reader())
    except CadError as error:
        return Diagnosis("OpenCASCADE", FAIL, str(error))


def database() -> Diagnosis:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        later = _of_a_later_version(executor.loader)
        name = f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}"
        found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    except DatabaseError as error:
        return Diagnosis(
            "database", FAIL, str(error).strip(), _("Check DATABASE_URL and that the server runs.")
        )
    if problem := refused("database", found):
        return problem
    if later:
        return Diagnosis(
            "database",
            FAIL,
            _("{name}, migrated by a later version of Renderdesk: {later}").format(
                name=name, later=", ".join(later)
            ),
            _(
                "Install that version again, or restore a backup of this one (docs/operations.md, Going back)."
            ),
        )
    if pending:
        return Diagnosis(
            "database",
            FAIL,
            ngettext(
                "{name}, {count} migration missing", "{name}, {count} migrations missing", len(pending)
            ).format(name=name, count=len(pending)),
            _("Run 'manage.py migrate'."),
        )
    return Diagnosis("database", OK, name)


def _of_a_later_version(loader: MigrationLoader) -> list[str]:
    """Return the migrations of the database that this version does not know. Those that ours replace are known."""
    known = {
        *loader.disk_migrations,
        *(old for one in loader.disk_migrations.values() for old in one.replaces),
    }
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in OUR_APPS and (app, name) not in known
    )


def media_storage() -> Diagnosis:
    place = storage.media_place()
    if trouble := storage.media_trouble():
        hint = _("Allow the user that runs Renderdesk to write there.")
        if storage.is_bucket():
            hint = _("Look at the server, at its address, the bucket and the keys in MEDIA_STORAGE_URL.")
        return Diagnosis("storage", FAIL, f"{place}: {trouble}", hint)
    return Diagnosis("storage", OK, _("{place} can be written").format(place=place))


def disk() -> Diagnosis:
    free = min(storage.media_space().free, storage.space_of(Path(settings.CACHE_DIR)).free)
    floor = 512_000_000
    detail = _("{free:.1f} GB free for media and cache").format(free=free / 1000000000.0)
    if free < floor:
        return Diagnosis(
            "disk", FAIL, detail, _("Free some space or move MEDIA_ROOT and RENDERDESK_CACHE_DIR.")
        )
    return Diagnosis("disk", OK, detail)


def last_backup() -> Diagnosis:
    """Say when `manage.py backup` last ran; other ways to back up are not known here."""
    entry = backup.last()
    if entry is None and not CadFile.objects.exists():
        return Diagnosis("last backup", OK, _("there is nothing to back up yet"))
    hint = _("Run 'manage.py backup FOLDER' every night: see docs/operations.md.")
    if entry is None:
        return Diagnosis("last backup", WARN, _("none was made with 'manage.py backup'"), hint)
    is_old = timezone.now() - entry.when > BACKUP_AGE
    detail = f"{entry.name}, {entry.words}"
    return Diagnosis("last backup", WARN if is_old else OK, detail, hint if is_old else "")


def kept_documents() -> Diagnosis:
    count, size = documents.space()
    return Diagnosis(
        "documents",
        OK,
        _(
            "{count} CAD documents kept for other qualities, {size:.0f} MB; those of other tools are "
            "deleted by the workers"
        ).format(count=count, size=size / 1000000.0),
    )


def work_queues() -> Diagnosis:
    now = topology.current()
    unserved = [lane.value for lane in topology.Lane if not now.takers(lane)]
    if unserved:
        return Diagnosis(
            "queues",
            FAIL,
            _("no queue serves the lane {lanes}: such jobs wait").format(lanes=", ".join(unserved)),
            _("Let a GPU serve it: in the admin, GPUs."),
        )
    tired = [
        f"{device}: {words}"
        for device in GpuDevice.objects.exclude(out_of_service={})
        for words in out_of_service.words(device)
    ]
    if tired:
        hint = _("Check that GPU, then put it back in service: on the desk, or in the admin, GPUs.")
        return Diagnosis("queues", WARN, " ".join(tired), hint)
    if trouble := wake.trouble():
        hint = _("Start it, or look at REDIS_URL. Meanwhile each host looks for work every few seconds.")
        return Diagnosis("queues", WARN, trouble, hint)
    names = [queue.name for queue in now.queues]
    waiting = wake.waiting_messages(names)
    return Diagnosis(
        "queues",
        OK,
        ", ".join(
            ngettext("{name} ({count} message)", "{name} ({count} messages)", waiting.get(name, 0)).format(
                name=name, count=waiting.get(name, 0)
            )
            for name in names
        ),
    )


def workers() -> Diagnosis:
    alive = set(Worker.objects.alive().values_list("queue", flat=True))
    missing = [queue.name for queue in topology.current().of_host(process.HOST) if queue.name not in alive]
    if missing:
        return Diagnosis(
            "workers",
            WARN,
            _("none for {queues}").format(queues=", ".join(missing)),
            _("Start 'manage.py run_workers'."),
        )
    return Diagnosis("workers", OK, _("alive for {queues}").format(queues=", ".join(sorted(alive))))


def kernel_caches() -> Diagnosis:
    has_gpu = GpuDevice.objects.filter(host=process.HOST, lost_at=None).exists()
    if owner := caches.prepare() or caches.root_warning():
        return Diagnosis("kernel caches", WARN, owner, _("Run everything as one user, who owns that folder."))
    if trouble := probe.disk_warning() if has_gpu else "":
        hint = _("Set RENDERDESK_KERNEL_CACHE_DIR to a folder on a local disk.")
        return Diagnosis("kernel caches", WARN, trouble, hint)
    detail = _("{size:.1f} MB in {folder}").format(
        size=sum(one.bytes for one in caches.look()) / 1000000.0, folder=caches.root()
    )
    last = life.last_result(process.HOST)
    cold = [one.name for one in last.kernels if one.state != "warm"] if last else []
    if cold:
        detail += _("; those of {gpus} are not known to be compiled").format(gpus=", ".join(cold))
        return Diagnosis("kernel caches", WARN, detail, _("Run 'manage.py probe_gpu --warm'."))
    return Diagnosis("kernel caches", OK, detail)


def gpu_policy() -> Diagnosis:
    row = SystemSettings.load()
    if settings.CYCLES_DEVICE not in ("", *DevicePolicy.values):
        return Diagnosis(
            "GPU policy",
            FAIL,
            _("CYCLES_DEVICE is {value!r}").format(value=settings.CYCLES_DEVICE),
            _("Set it to auto, gpu or cpu."),
        )
    detail = _("{policy} (by {source})").format(
        policy=row.device_policy.value, source=row.device_policy_source
    )
    if row.device_policy == DevicePolicy.CPU:
        return Diagnosis("GPU policy", OK, detail)
    found = gpus_seen()
    detail += _("; Cycles finds {found}").format(found=", ".join(found) or _("no GPU"))
    if row.device_policy == DevicePolicy.GPU and not found:
        return Diagnosis("GPU policy", FAIL, detail, _("Repair the GPU's driver, or set the policy to auto."))
    return Diagnosis("GPU policy", OK, detail)


def gpus_seen() -> list[str]:
    """Ask Cycles which GPUs it could use; none when Blender can't be asked."""
    try:
        return [f"{device.backend} {device.name}" for device in probe.run(timeout=PROBE_SECONDS).devices]
    except BlenderError:
        return []
