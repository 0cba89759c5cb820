"""Alert rules and dashboard: they ask for what /metrics says, and each alert leads to its entry of the runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from rendering.reports.metrics import requests
from rendering.reports.metrics.farm import Farm
from tests.factories import user
from tests.paths import PROJECT

RULES = PROJECT / "deploy" / "prometheus"
NAME = re.compile(r"\brenderdesk_[a-z_]+")
ASKED_FOR = {"RenderdeskNoWorker", "RenderdeskQueueOld", "RenderdeskGpuLost", "RenderdeskDiskLow"}


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((RULES / "renderdesk.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def families() -> set[str]:
    """The names that /metrics says, as the documentation has them; a histogram has three in queries."""
    registry = CollectorRegistry()
    requests.register(registry)
    registry.register(Farm())
    ends = {"counter": "_total", "info": "_info"}
    return {family.name + ends.get(family.type, "") for family in registry.collect()}


@pytest.mark.django_db
def test_rules_dashboard_and_documentation_know_the_names_that_are_exported() -> None:
    assert user(), "there is a database"
    said = families()
    table = re.findall(
        r"^\| `(renderdesk_\w+)` \|", (PROJECT / "docs/operations.md").read_text(), re.MULTILINE
    )
    assert sorted(table) == sorted(said)
    dashboard = json.loads((PROJECT / "deploy/grafana/renderdesk.json").read_text())
    asked = {
        "rules": [rule["expr"] for rule in alerts()],
        "dashboard": [one["expr"] for panel in dashboard["panels"] for one in panel.get("targets", [])],
    }
    for where, expressions in asked.items():
        names = {
            re.sub(r"_(bucket|sum|count)$", "", name) for one in expressions for name in NAME.findall(one)
        }
        assert names and names <= said, f"{where}: {sorted(names - said)}"
    shown = {re.sub(r"_bucket$", "", name) for one in asked["dashboard"] for name in NAME.findall(one)}
    assert len(shown) > 20, "the dashboard shows the farm"


def test_each_alert_says_what_happened_and_where_the_next_step_is() -> None:
    page = (PROJECT / "docs/operations.md").read_text()
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-"): one for one in headings}
    names = {rule["alert"] for rule in alerts()}
    assert names >= ASKED_FOR | {"RenderdeskFailures"}
    for rule in alerts():
        told = rule["annotations"]
        assert told["summary"] and told["description"] and rule["labels"]["severity"], rule["alert"]
        place, _, anchor = told["runbook_url"].partition("#")
        assert place == "docs/operations.md" and anchor in anchors, told["runbook_url"]
        assert rule["alert"] in page.partition(f"### {anchors[anchor]}\n")[2].partition("\n###")[0]


def test_the_rules_ring_when_they_should_and_only_then() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("there is no promtool: apt-get install -y --no-install-recommends prometheus")
    for command in (
        ["check", "rules", "renderdesk.rules.yml"],
        ["check", "config", "--syntax-only", "prometheus.yml"],
        ["test", "rules", "renderdesk.test.yml"],
    ):
        done = subprocess.run(
            [promtool, *command], cwd=RULES, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
    tested = (RULES / "renderdesk.test.yml").read_text()
    assert not [rule["alert"] for rule in alerts() if rule["alert"] not in tested]
