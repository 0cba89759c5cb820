"""Try this machine's GPUs and write a report that can be sent in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from blender_scripts.launch import BlenderError
from media_assets.cad.errors import CadError
from rendering.management import gpu_report, gpu_trial
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, number_from


class Command(DeskCommand):
    help = _(
        "Try each backend of this machine's GPUs, and the CPU: probe, strict mode, kernels, pictures, two workers. "
        "The report names no machine, person or file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            metavar="FILE",
            help=_("the report, Markdown with JSON at its end"),
        )
        parser.add_argument(
            "--pictures",
            type=number_from(1),
            default=gpu_trial.PICTURES,
            metavar="N",
            help=_("of each kind (default {count})").format(count=gpu_trial.PICTURES),
        )

    def report(self, *, out: Path, pictures: int, as_json: bool, **options: Any) -> Report:
        if not out.parent.is_dir():
            raise UsageError(_("{folder} is no folder.").format(folder=out.parent))
        try:
            trial = gpu_trial.run(pictures, self.progress(as_json=as_json))
            out.write_text(gpu_report.written(trial))
        except BlenderError as error:
            return self.problem("blender_missing", error, FAILED)
        except CadError as error:
            return self.problem(error.code, error, FAILED)
        except OSError as error:
            return self.problem("not_written", error, FAILED)
        lines = [f"{one.backend}: {one.error}" for one in trial.tried if one.error]
        if not trial.cards:
            lines.append(_("This machine has no GPU: the report is of its CPU, and says so."))
        lines.append(_("Written to {path}. It names no machine, person or file.").format(path=out))
        return Report(trial.to_json(), lines, FAILED if any(one.error for one in trial.tried) else DONE)
