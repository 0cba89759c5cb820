"""The demo: from an empty folder to a rendered product in the admin, every part of it the real one."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils.translation import gettext as _

from blender_scripts.children import process
from blender_scripts.children.ending import signal_group
from gpu.models import SystemSettings
from media_assets.ingest import receive
from rendering import orders
from rendering.management import doctor
from rendering.models import Job, Order, OrderLine, OutputType, roles

SAMPLE = Path("samples") / "tapered_roller_bearing.step"
SAMPLE_NUMBER = "DEMO-30X72"
STILLS = ("still-1024", "still-1024-webp")
OPERATOR = "operator"

Say = Callable[[str], object]


class DemoFailed(Exception):
    """The demo can't go on; the message says why and what to do."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


class Demo:
    """One run of the demo. `serve` ends with Stopped; `close` leaves no process behind."""

    def __init__(self, say: Say, port: int) -> None:
        self.say, self.port = say, port
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def set_up(self) -> None:
        """Check the machine, migrate, make the first operator, collect static files."""
        self.say(_("Looking at Blender and OpenCASCADE"))
        for finding in (doctor.blender(), doctor.opencascade(), doctor.media_storage(), doctor.disk()):
            self.say(f"  {finding.name}: {finding.detail}")
            if finding.state == doctor.FAIL:
                raise DemoFailed(f"{finding.name}: {finding.detail} {finding.hint}".strip())
        self.say(_("Preparing the database"))
        call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        self._make_operator()

    def _make_operator(self) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            self.say(
                _(
                    "The operator exists already. To reset a forgotten password: .venv/bin/python manage.py "
                    "changepassword operator"
                )
            )
            return
        password = secrets.token_urlsafe(12)
        operator = users.create_superuser(OPERATOR, password=password)
        operator.groups.set(Group.objects.filter(name=roles.RENDER_ADMIN))
        words = _("Your log-in, shown only this once:")
        self.say(f"\n  {words}   {OPERATOR}   {password}\n")

    def start(self) -> None:
        """Start the workers and the web server."""
        if "LOG_LEVEL" not in os.environ:
            logging.getLogger("renderdesk").setLevel(logging.WARNING)
        self.port = free_port(self.port)
        self.say(_("Starting workers and web server (http://127.0.0.1:{port}/)").format(port=self.port))
        here = {
            "RENDERDESK_URL": f"http://127.0.0.1:{self.port}",  # what is copied and sent leads to this server
            "LOG_LEVEL": "WARNING",  # or the progress is lost among their lines
        }
        environment = here | os.environ | {"RENDERDESK_PARENT_PROCESS": process.identity()}
        workers = ["manage.py", "run_workers", "--drain-seconds", "2"]
        address = f"127.0.0.1:{self.port}"
        web = ["-m", "gunicorn", "config.wsgi", "--bind", address, "--threads", "4"]
        for name, arguments in {_("worker supervisor"): workers, _("web server"): web}.items():
            with undisturbed():  # a process that was started and not yet noted would be left running
                self.children[name] = subprocess.Popen(
                    [sys.executable, *arguments],
                    cwd=settings.BASE_DIR,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def render_sample(self) -> list[OrderLine]:
        """Import the sample, wait for its thumbnail and its stills, and return their lines."""
        self.say(_("Importing the sample, a tapered roller bearing"))
        arrival = receive.receive(
            settings.BASE_DIR / SAMPLE,
            SAMPLE.name,
            number=SAMPLE_NUMBER,
            product_name="Kegelrollenlager",
            max_bytes=SystemSettings.load().upload_max_mb * 1_000_000,
        )
        if arrival.product is None or arrival.error_code:
            raise DemoFailed(_("The sample could not be imported: {error}").format(error=arrival.error))
        types = OutputType.objects.orderable().filter(slug__in=("thumbnail", *STILLS))
        order = orders.place(
            [orders.Wish(arrival.product, kind) for kind in types], trigger=Order.Trigger.COMMAND
        )
        self._follow(order)
        lines = list(order.lines.select_related("asset", "output_type"))
        for line in lines:
            self.say(f"  {line.slug}: {line.state}" + (f" ({line.error})" if line.error else ""))
        return lines

    def _follow(self, order: Order) -> None:
        """Show progress until the order has ended."""
        shown = ""
        while order.lines.live().exists():
            self._watch_children()
            job = Job.objects.running().order_by("-started").first()
            line = (
                f"  {job.get_kind_display()}: {job.progress:.0%} {job.stage}"
                if job
                else "  " + _("waiting for a worker")
            )
            if line != shown:
                self.say(line)
                shown = line
            time.sleep(0.5)

    def wait_for_web(self) -> None:
        """Return once the web server takes connections: the address that is shown next must work at once."""
        while True:
            self._watch_children()
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)

    def serve(self) -> None:
        """Stay until a signal comes or a child ends."""
        while True:
            self._watch_children()
            time.sleep(0.5)

    def _watch_children(self) -> None:
        for name, child in self.children.items():
            if child.poll() is not None:
                raise DemoFailed(
                    _("The {name} ended with code {code}; its output is above.").format(
                        name=name, code=child.returncode
                    )
                )

    def close(self) -> None:
        """Stop what was started, politely, then for good."""
        for child in self.children.values():
            with suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + 25
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            signal_group(child.pid, signal.SIGKILL)
            child.wait()


def free_port(wanted: int) -> int:
    """Return *wanted*, or the next port of this machine that nobody listens on."""
    for port in range(wanted, wanted + 20):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoFailed(
        _("Ports {wanted} to {last} are taken. Name a free one: 'manage.py demo --port N'.").format(
            wanted=wanted, last=wanted + 19
        )
    )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a signal that comes meanwhile be felt at the end. Not by blocking it: a child would inherit that."""
    came: list[int] = []
    names = (signal.SIGINT, signal.SIGTERM)

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = [signal.signal(name, note) for name in names]
    try:
        yield
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
    if came:
        signal.raise_signal(signal.Signals(came[0]))


def stop_on_signals() -> None:
    """Turn SIGINT and SIGTERM into Stopped, so that `close` runs."""

    def stop(number: int, frame: FrameType | None) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        raise Stopped

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
