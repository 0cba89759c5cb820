"""The manifests for Kubernetes: valid, and the same commands, limits and containment as in docker-compose.yml."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

from rendering.reports.metrics.farm import Farm
from tests.deploy.test_docker import STOP_SECONDS, services
from tests.factories import user
from tests.paths import PROJECT

FOLDER = PROJECT / "deploy" / "kubernetes"
VERSION = "1.31"
SAME_AS = {
    "renderdesk-migrate": "migrate",
    "renderdesk-web": "web",
    "renderdesk-control": "control",
    "renderdesk-cpu": "cpu",
    "renderdesk-gpu": "render",
}
OF_THE_DATABASE = {"POSTGRES_PASSWORD"}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def manifests() -> list[dict[str, Any]]:
    (kustomization,) = documents("kustomization.yaml")
    assert sorted([*kustomization["resources"], "kustomization.yaml"]) == sorted(
        path.name for path in FOLDER.glob("*.yaml")
    )
    return [one for name in kustomization["resources"] for one in documents(name)]


def pods() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in manifests()
        if one["kind"] in ("Job", "Deployment", "StatefulSet")
    }


def test_each_manifest_is_valid() -> None:
    own = [one for one in manifests() if not one["apiVersion"].startswith("keda.sh/")]
    assert len(own) >= 8
    for one in own:
        kubernetes_validate.validate(one, VERSION, strict=True)


def test_they_run_what_compose_runs() -> None:
    assert pods().keys() == SAME_AS.keys()
    for name, pod in pods().items():
        service = services()[SAME_AS[name]]
        (container,) = pod["containers"]
        assert container.get("command") == service.get("command"), name
        assert container["image"] == service["image"], name
        limit = re.search(r":-(\d+)g", service["mem_limit"])
        assert limit and container["resources"]["limits"]["memory"] == f"{limit[1]}Gi", name
        own = {one["name"] for one in container.get("env", [])}
        assert own <= service["environment"].keys(), name
        if grace := service.get("stop_grace_period"):
            assert pod["terminationGracePeriodSeconds"] == int(grace.rstrip("s")), name


@pytest.mark.parametrize("name", ["renderdesk-control", "renderdesk-cpu", "renderdesk-gpu"])
def test_a_worker_has_its_time_to_drain_and_a_name_that_stays(name: str) -> None:
    pod = pods()[name]
    command = pod["containers"][0]["command"]
    drain = float(command[command.index("--drain-seconds") + 1]) if "--drain-seconds" in command else 30.0
    assert pod["terminationGracePeriodSeconds"] >= drain + STOP_SECONDS
    assert {one["kind"] for one in manifests() if one["metadata"]["name"] == name} <= {
        "StatefulSet",
        "ScaledObject",
    }
    host = next(one for one in pod["containers"][0]["env"] if one["name"] == "RENDERDESK_HOST")
    assert host["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_all_are_contained() -> None:
    for name, pod in pods().items():
        assert pod["automountServiceAccountToken"] is False, name
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"], name
            assert context["capabilities"]["drop"] == ["ALL"], name
            written = {one["mountPath"] for one in container["volumeMounts"]}
            assert (
                container in pod.get("initContainers", []) or {"/tmp", "/var/cache/renderdesk"} <= written
            ), name
        (main,) = pod["containers"]
        assert pod["securityContext"].get("runAsNonRoot") or main["securityContext"].get("runAsNonRoot"), name
        assert pod["securityContext"]["runAsUser"] == 10001, name


def test_what_is_set_exists_and_what_is_secret_is_not_here() -> None:
    example = (PROJECT / ".env.example").read_text()
    known = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    lines = (FOLDER / "renderdesk.env").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines}
    assert named <= known and not named & {"SECRET_KEY", "DATABASE_URL", "MEDIA_STORAGE_URL", "REDIS_URL"}
    (kustomization,) = documents("kustomization.yaml")
    used = {pod["containers"][0]["image"] for pod in pods().values()}
    assert {one["name"] for one in kustomization["images"]} == used


@pytest.mark.django_db
def test_it_scales_by_what_metrics_say() -> None:
    assert user(), "there is a database"
    said = {family.name for family in Farm().collect()}
    scaled = [one["spec"] for one in documents("scaling.yaml")]
    assert {one["scaleTargetRef"]["name"] for one in scaled} == {"renderdesk-cpu", "renderdesk-gpu"}
    for one in scaled:
        (trigger,) = one["triggers"]
        asked = set(re.findall(r"renderdesk_[a-z_]+", trigger["metadata"]["query"]))
        assert asked and asked <= said
        assert one["minReplicaCount"] <= one["maxReplicaCount"]
