"""Build the images, run docker-compose.yml from nothing to a picture, and break it: python -m tests.containers.

Needs an engine and compose 2.24; says why and succeeds where there is none. Where no registry answers, the base images
are made by stand_in.sh and named "standin/...". All that it makes is named renderdesk-try and goes at the end.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.end_to_end.installation import free_port
from tests.fake_gpu import recorded, without_card
from tests.paths import PROJECT

NAME = "renderdesk-try"
HERE = Path(__file__).parent
BASES = {"PYTHON_IMAGE": "python:3.11.14-slim-trixie", "POSTGRES_IMAGE": "postgres:17"}
STAND_INS = {"PYTHON_IMAGE": "standin/python:3.11-slim-trixie", "POSTGRES_IMAGE": "standin/postgres:17"}
LIMITS_MB = {"web": 350, "worker": 2000}
GRACE = 60
TINY = "width=64, height=64, samples=2, noise_threshold=0"
SLOW = "width=512, height=512, samples=4000, noise_threshold=0"


def trouble() -> str:
    """Return why nothing can be tried here; "" when it can."""
    if shutil.which("docker") is None:
        return "there is no docker"
    if said("docker", "info", "--format", "{{.ServerVersion}}").returncode:
        return "no Docker Engine answers (is dockerd running, and may this user reach it?)"
    version = re.match(r"v?(\d+)\.(\d+)", said("docker", "compose", "version", "--short").stdout)
    if version is None or (int(version[1]), int(version[2])) < (2, 24):
        return "docker compose 2.24 or newer is missing (Debian 13 has it: docker-compose)"
    return ""


def said(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False, **options)


class Site:
    """One installation in containers, by `docker compose` with the files of the project and others on top."""

    def __init__(self, folder: Path, bases: dict[str, str]) -> None:
        own = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "POSTGRES_PASSWORD": "letters1",
            "MACHINE": str(folder),
        }
        self.environment = os.environ | own | bases | {"WEB_PORT": str(free_port()), "DOCKER_BUILDKIT": "1"}
        # A machine that tests several things at once is slow, which is no fault of the containers.
        patient = {"environment": {"RENDERDESK_WEDGED_SECONDS": "600"}, "healthcheck": {"timeout": "120s"}}
        self.patience = folder / "patience.json"
        self.patience.write_text(
            json.dumps({"services": dict.fromkeys(("control", "cpu", "render", "light"), patient)})
        )
        self.on_top = [str(PROJECT / "docker-compose.cpu.yml"), str(self.patience)]

    def compose(self, *words: str, check: bool = True, timeout: float = 1800) -> str:
        files = [
            word for name in (str(PROJECT / "docker-compose.yml"), *self.on_top) for word in ("--file", name)
        ]
        argv = ["docker", "compose", "--project-name", NAME, *files, *words]
        done = said(*argv, env=self.environment, cwd=PROJECT, timeout=timeout)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        return done.stdout if check else f"{done.returncode} {done.stdout} {done.stderr}"

    def inside(self, service: str, *argv: str, check: bool = True) -> str:
        return self.compose("exec", "--no-TTY", service, *argv, check=check)

    def manage(self, *words: str) -> Any:
        return json.loads(self.inside("control", "python", "manage.py", *words, "--json"))

    def shell(self, code: str) -> str:
        return self.inside("control", "python", "manage.py", "shell", "--verbosity", "0", "--command", code)

    def inspect(self, service: str) -> dict[str, Any]:
        number = self.compose("ps", "--all", "--quiet", service).strip()
        found: dict[str, Any] = json.loads(said("docker", "inspect", number).stdout)[0]
        return found

    def until(self, condition: Callable[[], Any], what: str, seconds: float = 300) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := condition():
                return value
            time.sleep(0.5)
        raise AssertionError(f"never happened: {what}\n{self.compose('logs', '--tail', '30')}")

    def make(self, slug: str, fields: str) -> None:
        self.shell(
            f"from rendering.models import OutputType as O; O.objects.filter(slug={slug!r}).update({fields})"
        )

    def jobs(self, state: str) -> list[dict[str, Any]]:
        return [job for job in self.manage("jobs", "--state", state) if job["kind"] == "render"]


def images(site: Site) -> str:
    site.compose("build")
    sizes = {}
    for name, limit in LIMITS_MB.items():
        size = int(said("docker", "image", "inspect", f"renderdesk-{name}", "--format", "{{.Size}}").stdout)
        sizes[name] = size // 1_000_000
        assert sizes[name] <= limit, f"{name} has {sizes[name]} MB, at most {limit} are wanted"
    return ", ".join(f"{name} {size} MB" for name, size in sizes.items())


def from_nothing_to_a_picture(site: Site) -> str:
    began = time.monotonic()
    site.compose("up", "--detach", "--wait", "--wait-timeout", "900")
    ready = time.monotonic() - began
    site.make("draft", TINY)
    site.make("thumbnail", TINY)
    site.manage("import_cad", "samples/tapered_roller_bearing.step", "--product", "A")
    document = site.manage("order", "--product", "A", "--output-type", "draft", "--wait")
    (line,) = document["lines"]
    assert (line["state"], line["asset"]["receipt"]["device_used"]) == ("done", "CPU"), document
    return f"all are healthy after {ready:.0f} s, the picture is delivered after {time.monotonic() - began:.0f} s"


def rights(site: Site) -> str:
    for package in ("bpy", "OCP", "pxr"):
        assert "No module named" in site.inside("web", "python", "-c", f"import {package}", check=False), (
            package
        )
    for service in ("database", "web", "control", "cpu", "render"):
        facts = site.inspect(service)["HostConfig"]
        assert (
            facts["ReadonlyRootfs"] and facts["Memory"] and facts["PidsLimit"] and "ALL" in facts["CapDrop"]
        ), service
        assert "Read-only file system" in site.inside(service, "touch", "/usr/x", check=False), service
        if service != "database":
            assert site.inside(service, "id", "--user").strip() == "10001"
            assert "CapEff:\t0000000000000000" in site.inside(service, "cat", "/proc/self/status")
    return (
        "web without bpy, OCP and pxr; user 10001, no capabilities, read-only, limits of memory and processes"
    )


def stop_drains(site: Site) -> str:
    site.make("still-1024", SLOW)
    site.manage("order", "--product", "A", "--output-type", "still-1024")
    (job,) = site.until(lambda: site.jobs("running"), "the slow picture is being rendered")
    began = time.monotonic()
    site.compose("stop", "render")
    took = time.monotonic() - began
    state = site.inspect("render")["State"]
    assert took < GRACE and state["ExitCode"] == 0, (took, state["ExitCode"])
    (again,) = [one for one in site.manage("jobs") if one["id"] == job["id"]]
    assert (again["state"], again["attempt"]) == ("queued", 0), again
    site.manage("job", "cancel", str(job["id"]))
    site.compose("start", "render")
    return f"stop took {took:.0f} s of {GRACE}, exit code 0, the job waits again without a lost attempt"


def database_killed(site: Site) -> str:
    site.make("still-2048", TINY.replace("64", "72"))
    os.kill(site.inspect("database")["State"]["Pid"], signal.SIGKILL)
    site.until(
        lambda: site.inspect("database")["State"].get("Health", {}).get("Status") == "healthy", "it is back"
    )
    document = site.manage("order", "--product", "A", "--output-type", "still-2048", "--wait")
    assert document["lines"][0]["state"] == "done", document
    restarts = {name: site.inspect(name)["RestartCount"] for name in ("web", "control", "cpu", "render")}
    assert not any(restarts.values()), restarts
    return "it comes back by itself, no other container restarted, an order was delivered"


def rebuilt(site: Site) -> str:
    site.inside("render", "sh", "-c", "echo kept > /var/cache/renderdesk-kernels/kept")
    site.compose("restart")
    site.compose("up", "--detach", "--build", "--force-recreate", "--wait", "--wait-timeout", "900")
    document = site.manage("order", "--product", "A", "--output-type", "draft", "--wait")
    assert document["lines"][0]["source"] == "cached", document
    assert site.inside("render", "cat", "/var/cache/renderdesk-kernels/kept").strip() == "kept"
    return "after restart, build and new containers: pictures and kernel caches are there"


def two_gpus(site: Site) -> str:
    site.compose("rm", "--stop", "--force", "render")
    folder = Path(site.environment["MACHINE"])
    shutil.copytree(
        PROJECT / "tests", folder / "tests", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
    for service, other in (("render", "41:00"), ("light", "01:00")):
        machine = folder / service
        machine.mkdir()
        (machine / "machine.json").write_text(json.dumps(without_card(recorded("two_nvidia"), other)))
        for name in ("blender", "nvidia-smi"):
            program = machine / name
            program.write_text(
                "#!/bin/sh\nexec /opt/venv/bin/python -S /opt/renderdesk/tests/fake_gpu.py "
                f'/machine {name} "$@"\n'
            )
            program.chmod(0o755)
    site.on_top = [str(HERE / "fake_gpus.yml"), str(site.patience)]
    site.compose("--profile", "multi-gpu", "up", "--detach", "--wait", "--wait-timeout", "900")
    site.shell("from gpu.models import SystemSettings as S; S.objects.update(light_lane_max_px=64)")
    site.make("draft", TINY.replace("samples=2", "samples=3"))
    site.make("still-1024", TINY.replace("64", "96"))
    site.manage("order", "--product", "A", "--output-type", "draft", "still-1024", "--wait")
    queues = {job["queue"]: job["device_used"] for job in site.jobs("succeeded")[:2]}
    assert queues == {"asset_pipeline": "GPU", "asset_pipeline_light": "GPU"}, queues
    third = site.compose(
        *("run", "--rm", "--no-deps", "--env", "RENDERDESK_HOST=third", "render"), check=False, timeout=300
    )
    assert third.startswith("2 ") and "another" in third.lower(), third[-1500:]
    return f"two queues: {', '.join(sorted(queues))}; a third container for the first GPU is refused"


STEPS = (images, from_nothing_to_a_picture, rights, stop_drains, database_killed, rebuilt, two_gpus)


def main() -> int:
    if why := trouble():
        print(f"NOT RUN: {why}")
        return 0
    bases = {name: os.environ.get(name, usual) for name, usual in BASES.items()}
    if any(said("docker", "pull", "--quiet", name).returncode for name in bases.values()):
        bases = STAND_INS
        print("No registry answers: the base images are stand-ins made by debootstrap.", flush=True)
        if any(said("docker", "image", "inspect", name).returncode for name in STAND_INS.values()):
            subprocess.run(["sh", str(HERE / "stand_in.sh")], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(folder, bases)
        began = time.monotonic()
        try:
            for step in STEPS:
                print(f"{step.__name__}: {step(site)}", flush=True)
        except AssertionError:
            print(site.compose("--profile", "multi-gpu", "logs", "--tail", "20", check=False))
            raise
        finally:
            site.compose("--profile", "multi-gpu", "down", "--volumes", "--timeout", "5", check=False)
    print(f"in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
