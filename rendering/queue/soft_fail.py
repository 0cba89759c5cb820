"""Takes a GPU that fails one job after another out of service for their lane, until somebody has checked it.

Counted are attempts: the last ones on that GPU, all failed by what may be the fault of the GPU or its host, and not all
of one job, which may itself be to blame. A GPU whose lane no other one serves stays: better a bad one than none.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from gpu.models import GpuDevice
from gpu.queues import out_of_service, topology
from gpu.queues.topology import Lane
from rendering.models import Attempt, Job
from rendering.queue.retry import GPU_FAULTS

LIMIT = 3  # failed attempts in a row
WITHIN = timedelta(days=1)


def after_failure(job: Job, attempt: Attempt) -> bool:
    """Judge the GPU on which this *attempt* has failed; return whether that took it out of service."""
    lane = Lane(job.lane)
    if not attempt.gpu or not topology.current().gpus(lane) - {attempt.gpu}:
        return False
    host = attempt.worker.split(":")[0]
    device = GpuDevice.objects.filter(host=host, vendor_id=attempt.gpu).first()
    if device is None or lane in device.out_of_service:
        return False
    since = max(filter(None, (timezone.now() - WITHIN, device.looked_at)))
    ended = Q(outcome=Attempt.Outcome.SUCCEEDED) | Q(outcome=Attempt.Outcome.FAILED)
    here = Attempt.objects.filter(ended, gpu=attempt.gpu, worker__startswith=f"{host}:", job__lane=lane)
    last = list(
        here.filter(finished__gt=since)
        .order_by("-finished", "-id")
        .values_list("outcome", "error_code", "job_id")[:LIMIT]
    )
    is_bad = all(outcome == Attempt.Outcome.FAILED and code in GPU_FAULTS for outcome, code, _ in last)
    jobs = {job for _, _, job in last}
    if len(last) < LIMIT or not is_bad or len(jobs) < 2:
        return False
    codes = ", ".join(sorted({code for _, code, _ in last}))
    return out_of_service.take_out(
        device,
        lane,
        gettext("the last {attempts} attempts here failed ({codes}), of {jobs} different jobs.").format(
            attempts=LIMIT, codes=codes, jobs=len(jobs)
        ),
    )
