"""What can go wrong with a job: the one table of its codes and their words, those of the child processes included.

What comes after an error (another attempt, another GPU, none) is in `rendering.queue.retry`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext

from blender_scripts.refusals import REFUSALS
from media_assets import storage
from media_assets.cad.error_table import CAD_ERRORS
from media_assets.cad.problem import CodedError, ErrorKind, Failure, Problem, Wording, describe
from media_assets.cad.problem import gettext_noop as _
from media_assets.ingest.problems import failure_of
from media_assets.models import numbers
from media_assets.models.failing import Failing
from rendering.pictures.gate_words import QUALITY_GATE


def _by_blender(code: str) -> dict[str, Wording]:
    """Return the messages of a code that Blender's side has."""
    return {case: Wording(message, step) for case, (message, step) in REFUSALS[code].items()}


ERRORS: dict[str, ErrorKind] = {
    **CAD_ERRORS,
    # Blender
    "blender_crashed": ErrorKind(
        _("Blender crashed"),
        _("It is retried automatically. If it keeps crashing, look at the job's log."),
        {"render": Wording(_("Blender ended in the middle of the render ({how})."))},
    ),
    "blender_missing": ErrorKind(
        _("Blender is not installed"), _("Run 'manage.py doctor': it names what to install.")
    ),
    "gpu_required": ErrorKind(
        _("No usable GPU"),
        _(
            "CYCLES_DEVICE is 'gpu' and this worker has no usable GPU. "
            "Probe the GPUs, repair the driver, or set the policy to auto."
        ),
        {"refused": Wording(_("Cycles would have rendered on the CPU; nothing was sampled."))},
    ),
    "hung": CAD_ERRORS["hung"].also(
        blender=Wording(_("Blender said nothing for {seconds:.0f} s.")),
        ffmpeg=Wording(_("ffmpeg made no progress for {seconds:.0f} s.")),
        encoder=Wording(_("The encoder did nothing for {seconds:.0f} s.")),
    ),
    "timed_out": ErrorKind(
        _("It took too long"),
        _("Raise the time limit in the system settings, or order fewer samples or a smaller size."),
        {
            "render": Wording(_("The render took longer than {seconds} s.")),
            "encoding": Wording(_("Encoding took longer than {seconds} s.")),
        },
    ),
    "out_of_memory": CAD_ERRORS["out_of_memory"].also(
        **_by_blender("out_of_memory"),
        blender=Wording(_("Blender used more than its {limit_mb} MB.")),
        ffmpeg=Wording(_("ffmpeg used more than its {limit_mb} MB.")),
        encoder=Wording(_("The encoder used more than its {limit_mb} MB.")),
    ),
    "bad_geometry": ErrorKind(
        _("Blender can't take the geometry"),
        _("Convert the CAD file again: 'manage.py rerender --force', or upload a repaired file."),
        _by_blender("bad_geometry"),
    ),
    "bad_panorama": ErrorKind(
        _("Blender can't take the panorama"),
        _("Upload the panorama again, and choose it in the output type."),
        _by_blender("bad_panorama"),
    ),
    "bad_studio": ErrorKind(
        _("Blender can't take the studio"),
        _("Upload the studio's .blend again, and choose it in the output type."),
        _by_blender("bad_studio"),
    ),
    "bad_texture": ErrorKind(
        _("Blender can't take the texture"),
        _("Upload the texture again, and choose it in the finish."),
        _by_blender("bad_texture"),
    ),
    "bad_label": ErrorKind(
        _("A label does not meet its part"),
        _("Move it under Labels, or switch it off. A new revision may have changed the part."),
        _by_blender("bad_label"),
    ),
    "render_failed": ErrorKind(
        _("Blender failed"), _("Look at the job's log for Blender's messages."), _by_blender("render_failed")
    ),
    "gpu_failed": ErrorKind(
        _("The GPU failed"),
        _("Probe the GPUs, and look for the driver's messages in the job's log. The job is retried."),
        {
            **_by_blender("gpu_failed"),
            "another": Wording(
                _("Cycles cannot use this worker's GPU ({gpu}); another GPU serves the same lane.")
            ),
        },
    ),
    "write_failed": ErrorKind(
        _("Blender could not write"),
        _("Check the disk and the permissions of the cache folder, then retry the job."),
    ),
    "bad_spec": ErrorKind(
        _("Blender does not understand the request"),
        _("The output type and this version of Renderdesk disagree. Save the output type again and retry."),
    ),
    # files
    "disk_full": CAD_ERRORS["disk_full"].also(
        floor=Wording(_("{folder}: at least {needed:,} bytes needed, {free:,} bytes free.")),
        folder=Wording(_("{folder}: {needed:,} bytes needed, {free:,} bytes free.")),
    ),
    "media_read_only": ErrorKind(
        _("The media folder can't be written to"),
        _("Allow the user that runs Renderdesk to write to MEDIA_ROOT."),
        {"folder": Wording(storage.READ_ONLY), "bucket": Wording(storage.BUCKET_READ_ONLY)},
    ),
    "storage_away": ErrorKind(
        _("The media folder can't be reached"),
        _("Mount it again, or start the server that holds it."),
        {
            "folder": Wording(_("{folder}: {reason}.")),
            "bucket": Wording(
                _("{folder}: {reason}."),
                _("Start the server, or correct its address and the keys in MEDIA_STORAGE_URL."),
            ),
        },
    ),
    "source_missing": ErrorKind(
        _("The stored file is gone"),
        _("A stored file is gone. Restore it from a backup, or upload the CAD file again."),
        {
            "cad": Wording(_("The stored file of {name} is gone ({file}).")),
            "geometry": Wording(
                _("The geometry of this picture is not where it was stored ({file})."),
                _("If it does not come back, the CAD file is converted again."),
            ),
            "film": Wording(
                _("The geometry of this film is not where it was stored ({file})."),
                _("If it does not come back, the CAD file is converted again."),
            ),
            "panorama": Wording(
                _("The panorama that lights this picture is gone ({file})."), _("Upload it again.")
            ),
            "studio": Wording(
                _("The studio that lights this picture is gone ({file})."), _("Upload its .blend again.")
            ),
            "texture": Wording(_("A texture of this picture is gone ({file})."), _("Upload it again.")),
            "profile": Wording(
                _("The color profile of this picture was deleted."),
                _("Choose another one in the output type."),
            ),
            "contents": Wording(
                _("Files that this book binds are not there: {count}."),
                _("Order what its workflow makes again."),
            ),
            "master": Wording(
                _("The render master of this picture is gone ({file})."),
                _("If it does not come back, the picture is rendered again."),
            ),
        },
    ),
    "quality_gate": QUALITY_GATE,
    "master_damaged": ErrorKind(
        _("The render master is damaged"),
        _("Retry the order's line: the picture is rendered again."),
        {"bytes": Wording(_("The stored render master of this picture is damaged: its bytes have changed."))},
    ),
    "encode_failed": ErrorKind(
        _("The file could not be written"),
        _("Choose another format or size in the output type, then retry."),
        {
            "written": Wording(_("{format} could not be written: {error}.")),
            "no_ffmpeg": Wording(_("There is no ffmpeg: {error}")),
            "ffmpeg": Wording(_("ffmpeg ended with {how}. Its last output: {last}")),
        },
    ),
    "encoder_crashed": ErrorKind(
        _("The encoder crashed"),
        _(
            "It is retried automatically. If it keeps crashing, look at the job's log, "
            "and for a lack of memory in the system's log."
        ),
        {
            "ended": Wording(_("The encoder ended in the middle of its work ({how}).")),
            "nonsense": Wording(_("The encoder gave an answer that makes no sense.")),
        },
    ),
    "signing_failed": ErrorKind(
        _("The file could not be signed"),
        _("Give each worker host the key of C2PA_CERTIFICATE and C2PA_KEY, or switch signing off."),
        {"key": Wording(_("{error}"))},
    ),
    # the life of a job
    "lost": ErrorKind(
        _("The worker died"),
        _("The worker died or lost its lease. The job is retried."),
        {
            "worker": Wording(_("The worker {host} (attempt {attempt}) died or stopped answering.")),
        },
    ),
    "canceled": CAD_ERRORS["canceled"].also(
        operator=Wording(_("Canceled by an operator.")),
        renderer=Wording(
            _("It was planned for another version of Blender or of the scene, and is planned again.")
        ),
    ),
    "internal": ErrorKind(
        _("Renderdesk failed"),
        _("This is a defect of Renderdesk: the job's log has the details."),
        {
            "line": Wording(
                _("What this line needs next could not be requested: {error}."),
                _(
                    "Check its output type and CAD file, then retry the line. The log of the workers has the details."
                ),
            )
        },
    ),
}


class JobError(CodedError):
    """A job that can't go on, with one of the codes of ERRORS; another one is a defect of ours."""

    kinds: ClassVar[Mapping[str, ErrorKind]] = ERRORS

    def __init__(self, code: str, case: str = "", /, *, words: str = "", **details: Any) -> None:
        super().__init__(code if code in ERRORS else "internal", case, words=words, **details)


class LeaseLost(Exception):
    """The job is no longer this worker's: whatever it made is not published."""


class Canceled(Exception):
    """An operator canceled the job while it ran."""


class HandedBack(Exception):
    """The job makes room for a more urgent one between two steps; its argument is the Sentence that says which."""


class Released(Exception):
    """The worker is being stopped: the job goes back to the queue."""


def problem_of(row: Failing) -> Problem:
    """Return the error of *row* in the words of whoever looks at it."""
    return words_of(failure_of(row))


def words_of(failure: Failure) -> Problem:
    """Return *failure* in the words of whoever looks at it."""
    return describe(ERRORS, failure, gettext, numbers.numbered)


def text_of(failure: Failure) -> str:
    """Return *failure* in English with the next step, for programs."""
    return describe(ERRORS, failure).text


def columns(failure: Failure, *, has_step: bool = True) -> dict[str, Any]:
    """Return what a row keeps of *failure*; the text for programs has the next step of its code, or not."""
    problem = describe(ERRORS, failure)
    return {
        "error_code": failure.code,
        "error": problem.text if has_step else problem.report,
        "error_details": dict(failure.details),
    }


CANCELED = columns(Failure.of("canceled", "operator"), has_step=False)
OUTDATED = columns(Failure.of("canceled", "renderer"), has_step=False)
