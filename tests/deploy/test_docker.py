"""The Dockerfile, the compose file and what goes into the build: checked without a container engine."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from blender_scripts.executable import DEBIAN_PACKAGES
from gpu.workers import supervisor
from rendering.management.commands import run_workers
from tests.paths import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
WORKERS = ("control", "cpu", "render", "light")
# What run_workers takes at most beyond --drain-seconds, and a second for what it does besides.
STOP_SECONDS = 2 * settings.HEARTBEAT_SECONDS + supervisor.STOP_SECONDS + 1


class Loader(yaml.SafeLoader):
    """YAML as compose reads it: with its own tag for what a file on top takes away."""


Loader.add_constructor("!reset", lambda loader, node: None)


def compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    document = yaml.load((PROJECT / name).read_text(), Loader)
    assert isinstance(document, dict)
    return document


def services() -> dict[str, dict[str, Any]]:
    found = compose()["services"]
    assert isinstance(found, dict)
    return found


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its arguments, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)
    ]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions()[1:]:
        if word == "FROM":
            current = found.setdefault(rest.split(" AS ")[1], [])
        current.append((word, rest))
    return found


def context() -> list[str]:
    """The files that .dockerignore lets into the build, of those that git knows and those beside them."""
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    names = [path.name for path in PROJECT.iterdir()]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    left_out = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    assert rules[0] == "*" and let_in <= set(names), "a rule of .dockerignore matches nothing"
    found = []
    for top in sorted(let_in):
        for path in [PROJECT / top, *(PROJECT / top).rglob("*")]:
            parts = path.relative_to(PROJECT).parts
            if path.is_file() and not any(fnmatch.fnmatch(part, rule) for part in parts for rule in left_out):
                found.append("/".join(parts))
    return found


# -- the images -----------------------------------------------------------------------------------


def test_the_base_image_is_pinned_and_every_stage_is_known() -> None:
    known: set[str] = {"${PYTHON_IMAGE}"}
    word, base = instructions()[0]
    assert word == "ARG" and re.fullmatch(r"PYTHON_IMAGE=(python:3\.11\.\d+-slim-trixie)", base)
    assert base.partition("=")[2] in (PROJECT / "docker-compose.yml").read_text()
    for word, rest in instructions():
        if word == "FROM":
            source, name = rest.split(" AS ")
            assert source in known
            known.add(name)
        assert not (match := re.search(r"--from=(\S+)", rest)) or match[1] in known
    assert {"web", "worker"} <= known


def test_everything_that_is_copied_is_there_and_in_the_build() -> None:
    files = context()
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                assert source == "." or source in files


@pytest.mark.parametrize("target", ["web", "worker"])
def test_an_image_runs_as_nobody_special_and_says_whether_it_is_well(target: str) -> None:
    words = dict(stages()[target])
    assert words["USER"] == "renderdesk"
    assert words["WORKDIR"] == "/opt/renderdesk"
    command = json.loads(words["CMD"])
    assert command[0] in ("gunicorn", "python")
    check = json.loads(words["HEALTHCHECK"].partition("CMD ")[2])
    assert (PROJECT / check[1]).is_file()
    if check[1] == "manage.py":
        assert check[2] in get_commands()


def test_nothing_secret_or_local_gets_into_an_image() -> None:
    files = context()
    assert not [name for name in files if name.split("/")[0] in (".env", ".git", "var", "tests", ".venv")]
    assert not re.search(r"SECRET|PASSWORD|TOKEN", DOCKERFILE)
    # https://host or host/image: what comes from where is the operator's business.
    for text in (DOCKERFILE, (PROJECT / "docker-compose.yml").read_text()):
        assert not re.search(r"https?://|index-url|\bghcr\b|\bquay\b|[a-z]\.(io|com|dev)/", text)


def test_the_libraries_are_those_that_blender_is_said_to_need() -> None:
    (install,) = [rest for word, rest in stages()["libraries"] if word == "RUN"]
    named = set(re.findall(r"\blib\S+", install.partition("install")[2].partition("&&")[0]))
    assert named == set(DEBIAN_PACKAGES.split())
    script = (PROJECT / "setup").read_text()
    assert re.search(r"libraries=\((.*)\)", script)[1].split() == DEBIAN_PACKAGES.split()  # type: ignore[index]


@pytest.mark.slow
def test_what_is_in_the_build_is_enough_to_run(tmp_path: Path) -> None:
    """As in the image: nothing but the build's files, static files collected, commands known."""
    for name in context():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    environment = {
        "PATH": os.environ["PATH"],
        "RENDERDESK_VAR_DIR": str(tmp_path / "var"),
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    for words in (["collectstatic", "--noinput"], ["check", "--fail-level", "ERROR"]):
        argv = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").is_file()


def test_without_an_engine_the_trial_of_the_containers_says_so_and_succeeds() -> None:
    argv = [sys.executable, "-m", "tests.containers"]
    done = subprocess.run(
        argv, cwd=PROJECT, env=os.environ | {"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "NOT RUN: there is no docker\n"), done.stderr


# -- docker-compose.yml ---------------------------------------------------------------------------


def test_the_services_are_those_that_the_documentation_names() -> None:
    assert set(services()) == {"database", "migrate", "web", *WORKERS}
    assert [name for name, one in services().items() if "profiles" in one] == ["light"]
    assert services()["light"]["profiles"] == ["multi-gpu"]


def test_images_are_pinned_or_built_from_a_target_of_the_dockerfile() -> None:
    for name, one in services().items():
        if "build" in one:
            assert one["build"]["target"] in stages(), name
        else:
            assert re.fullmatch(r"\$\{[A-Z_]+:-[a-z]+:\d[\w.-]*\}", one["image"]), name


def test_every_volume_is_declared_used_and_mounted_where_the_program_writes() -> None:
    document = compose()
    used = {mount.split(":")[0] for one in services().values() for mount in one.get("volumes", [])}
    assert used == set(document["volumes"])
    words = " ".join(rest for word, rest in stages()["worker"] if word == "ENV")
    folders = dict(part.split("=") for part in words.split())
    for name in ("render", "light"):
        targets = dict(mount.split(":")[::-1] for mount in services()[name]["volumes"])
        assert targets[folders["RENDERDESK_KERNEL_CACHE_DIR"]] == "kernels"
        assert targets[folders["RENDERDESK_CACHE_DIR"]] == f"cache_{name}"
        assert targets[f"{folders['RENDERDESK_VAR_DIR']}/media"] == "media"
    account = (PROJECT / "deploy" / "docker" / "account.sh").read_text()
    for one in services().values():
        for mount in one.get("volumes", []):
            target = mount.split(":")[1]
            assert target in (*re.split(r"[\s;]+", account), "/var/tmp", "/var/lib/postgresql/data")


def test_no_two_containers_share_a_cache_folder_or_a_host_name() -> None:
    caches = [
        mount for name in WORKERS for mount in services()[name]["volumes"] if mount.startswith("cache_")
    ]
    assert len(set(caches)) == len(caches) == len(WORKERS)
    hosts = {services()[name]["environment"]["RENDERDESK_HOST"] for name in WORKERS}
    assert len(hosts) == len(WORKERS)


def test_a_container_has_longer_to_stop_than_its_jobs_to_drain() -> None:
    parser = run_workers.Command().create_parser("manage.py", "run_workers")
    for name in WORKERS:
        command = services()[name]["command"]
        options = parser.parse_args(command[3:])
        grace = int(services()[name]["stop_grace_period"].removesuffix("s"))
        assert grace >= options.drain_seconds + STOP_SECONDS, name
        assert services()[name]["stop_signal"] == "SIGTERM"


def test_each_worker_serves_its_own_lanes_and_together_they_serve_all() -> None:
    parser = run_workers.Command().create_parser("manage.py", "run_workers")
    options = {name: parser.parse_args(services()[name]["command"][3:]) for name in WORKERS}
    assert options["control"].queue == ["renderdesk"]
    assert options["cpu"].lane == ["cpu"]
    assert options["render"].lane == options["light"].lane == ["heavy", "light"]


def test_gpus_are_named_by_id_with_the_driver_parts_that_optix_needs() -> None:
    ids = []
    for name in ("render", "light"):
        one = services()[name]
        (device,) = one["deploy"]["resources"]["reservations"]["devices"]
        assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
        ids += device["device_ids"]
        assert one["environment"]["NVIDIA_DRIVER_CAPABILITIES"] == "compute,utility,graphics"
        assert one["environment"]["CYCLES_DEVICE"] == "${CYCLES_DEVICE:-auto}"
    assert ids == ["${RENDER_GPU:-0}", "${LIGHT_GPU:-1}"]


def test_without_a_gpu_no_device_is_reserved() -> None:
    (name,) = compose("docker-compose.cpu.yml")["services"]
    assert name == "render"
    assert compose("docker-compose.cpu.yml")["services"]["render"]["deploy"] is None


def test_migrations_run_once_and_before_everything_else() -> None:
    assert services()["migrate"]["restart"] == "no"
    for name in ("web", *WORKERS):
        wanted = services()[name]["depends_on"]
        assert wanted["migrate"]["condition"] == "service_completed_successfully"
        assert wanted["database"]["condition"] == "service_healthy"
    assert "healthcheck" in services()["database"]


def test_services_come_back_and_none_has_more_rights_than_it_needs() -> None:
    for name, one in services().items():
        assert one["restart"] == ("no" if name == "migrate" else "unless-stopped")
        assert one["cap_drop"] == ["ALL"] and one["security_opt"] == ["no-new-privileges:true"]
        assert one["read_only"] is True and one["pids_limit"] and one["mem_limit"]
        assert (name == "database") == ("cap_add" in one)
        if name != "database":
            assert one["init"] is True
    assert services()["web"]["ports"] == ["127.0.0.1:${WEB_PORT:-8000}:8000"]
    assert all("ports" not in one for name, one in services().items() if name != "web")


def test_every_value_to_set_is_in_the_example() -> None:
    example = (PROJECT / ".env.example").read_text()
    names = set(re.findall(r"\$\{(\w+)", (PROJECT / "docker-compose.yml").read_text()))
    settings = (PROJECT / "config" / "settings.py").read_text()
    names |= set(re.findall(r"""(?:env\.\w+|folder)\(\s*"(\w+)\"""", settings))
    assert len(names) > 25
    for name in sorted(names):
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name
