"""Run the demo on this machine."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _

from media_assets import storage
from rendering.management.demo import Demo, DemoFailed, Stopped, stop_on_signals
from rendering.models import OrderLine


class Command(BaseCommand):
    help = _(
        "Migrate, make the first operator, render the sample with real workers, and serve the "
        "admin until Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--once", action="store_true", help=_("stop when the sample is rendered"))

    def handle(self, *, port: int, once: bool, **options: Any) -> None:
        stop_on_signals()
        demo = Demo(self.say, port)
        try:
            demo.set_up()
            demo.start()
            lines = demo.render_sample()
            demo.wait_for_web()
            self.show(demo, lines)
            if not once:
                demo.serve()
            elif any(line.state != OrderLine.State.DONE for line in lines):
                raise DemoFailed(_("The sample was not rendered; the lines above say why."))
        except Stopped:
            self.say("\n" + _("Stopping"))
        except DemoFailed as error:
            raise CommandError(str(error)) from error
        finally:
            demo.close()
        self.say(_("Stopped; nothing is left running. 'make demo' starts it again, with everything kept."))

    def show(self, demo: Demo, lines: list[OrderLine]) -> None:
        base = f"http://127.0.0.1:{demo.port}"
        self.say("")
        self.say_place(_("The desk:"), f"{base}{reverse('admin:index')}")
        for line in lines:
            if line.asset and line.slug == "still-1024":
                page = reverse("admin:media_assets_mediaasset_change", args=[line.asset.pk])
                self.say_place(_("The picture:"), f"{base}{page}")
                self.say_place(_("Its file:"), storage.shown_path(line.asset.file))
        self.say("\n" + _("Ctrl-C stops it."))

    def say_place(self, label: str, place: str) -> None:
        self.say(f"  {label:<12}  {place}")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
