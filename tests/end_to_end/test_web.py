"""The web server beside the workers: it answers while a render runs, and shows pictures to those who may see them."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

import pytest
import standardwebhooks
import yaml
from PIL import Image

from rendering.models.api_token import TokenScope
from tests.end_to_end.installation import SLOW, Installation
from tests.end_to_end.visitor import Visitor
from tests.paths import PROJECT, SAMPLE
from tests.rendering.delivery.receiver import Receiver, listening

pytestmark = [pytest.mark.database, pytest.mark.timeout(400)]

PASSWORD = "kegel-rollen-lager"
PROMPT = 2.0  # seconds for a page; generous, because the tests share the machine with the render itself

PEOPLE = f"""
from django.contrib.auth.models import Permission, User
User.objects.create_superuser("boss", password={PASSWORD!r})
User.objects.create_user("nosy", password={PASSWORD!r}, is_staff=True)
viewer = User.objects.create_user("viewer", password={PASSWORD!r}, is_staff=True)
viewer.user_permissions.add(Permission.objects.get(codename="view_mediaasset"))
"""


@pytest.fixture(scope="module")
def web(desk: Installation) -> str:
    desk.shell(PEOPLE)
    return desk.start_web()


@pytest.fixture(scope="module")
def picture(desk: Installation) -> str:
    """The address of the sample's thumbnail."""
    desk.command("import_cad", str(SAMPLE), "--product", "B-1")
    desk.wait_until(lambda: desk.jobs("encode", "succeeded"), "the thumbnail", 180)
    return desk.shell(
        "from media_assets.serving.links import asset_url; from media_assets.models import MediaAsset\n"
        "print(asset_url(MediaAsset.objects.get(kind='thumbnail')))"
    )


def test_a_stranger_is_asked_to_log_in_before_seeing_a_picture(web: str, picture: str) -> None:
    answer = Visitor(web).get(picture)
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/admin/login/?next=")


def test_staff_without_the_permission_may_not_see_a_picture(web: str, picture: str) -> None:
    nosy = Visitor(web)
    nosy.log_in("nosy", PASSWORD)
    assert nosy.get(picture).status == 403


def test_staff_with_the_permission_gets_the_picture(web: str, picture: str) -> None:
    viewer = Visitor(web)
    viewer.log_in("viewer", PASSWORD)
    answer = viewer.get(picture)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    with Image.open(io.BytesIO(answer.body)) as image:
        assert (image.format, image.size) == ("WEBP", (64, 64))


def test_the_media_folder_itself_is_not_served(desk: Installation, web: str, picture: str) -> None:
    stored = desk.shell(
        "from media_assets.models import MediaAsset; print(MediaAsset.objects.get(kind='thumbnail').file.name)"
    )
    boss = Visitor(web)
    boss.log_in("boss", PASSWORD)
    for path in (f"/media/{stored}", f"/media/../media/{stored}", f"/static/../media/{stored}"):
        assert boss.get(path).status in (400, 404), path


def test_the_recipes_of_the_api_run_in_a_program_that_has_an_address_and_a_token(
    desk: Installation, web: str, tmp_path: Path
) -> None:
    """All of docs/api.md in the order of the page, by a process that knows nothing else of the installation."""
    issued = desk.command(
        "token", "create", "--owner", "boss", "--name", "PIM", "--scope", *TokenScope.values
    )
    page = (PROJECT / "docs/api.md").read_text(encoding="utf-8")
    page = page.replace("https://pim.example.com", f"http://127.0.0.1:{desk.webhook_port}")
    recipes = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(recipes) >= 10
    (tmp_path / "bearing.step").write_bytes(SAMPLE.read_bytes() + b"\n")
    (tmp_path / "bearing_2.step").write_bytes(SAMPLE.read_bytes() + b"\n\n")
    (tmp_path / "recipes.py").write_text("\n".join(recipes), encoding="utf-8")
    with listening(port=desk.webhook_port) as pim:
        done = subprocess.run(
            [sys.executable, "recipes.py"],
            cwd=tmp_path,
            env={
                "RENDERDESK_URL": web,
                "RENDERDESK_TOKEN": issued["key"],
                "PYTHONPATH": str(PROJECT / "docs/examples"),
                "PYTHONUNBUFFERED": "1",
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (secret,) = re.findall(r"^whsec_\S+", done.stdout, re.MULTILINE)
        told = heard_by(pim, secret, desk)
    assert "finished" in done.stdout and "CPU" in done.stdout
    fetched = [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]
    assert len(fetched) >= 2, done.stdout
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in fetched} & {
        hashlib.sha256(content).hexdigest() for content in told
    }


def heard_by(pim: Receiver, secret: str, desk: Installation) -> list[bytes]:
    """The pictures that a webhook was told of, by the addresses in its messages, each of which is signed."""
    pictures: dict[int, dict[str, Any]] = {}

    def is_all_there() -> bool:
        for headers, payload in list(pim.heard):
            said = standardwebhooks.Webhook(secret).verify(payload, headers)
            assert said["event"] == "picture.delivered", said
            pictures.update({one["line"]: one["asset"] for one in said["pictures"]})
        lines = (
            "print(OrderLine.objects.filter(state='done', order__trigger__in=['api', 'rerender']).count())"
        )
        return len(pictures) >= int(desk.shell(f"from rendering.models import OrderLine; {lines}")) > 0

    desk.wait_until(is_all_there, "the webhook is told of each picture", 30)
    contents = []
    for asset in pictures.values():
        with urlopen(asset["signed_url"], timeout=10) as answer:
            contents.append(answer.read())
        assert hashlib.sha256(contents[-1]).hexdigest() == asset["sha256"]
    return contents


def test_prometheus_is_told_the_requests_of_all_web_processes(desk: Installation, web: str) -> None:
    issued = desk.command("token", "create", "--owner", "boss", "--name", "Prometheus", "--scope", "read")

    def asked(path: str) -> str:
        request = Request(f"{web}{path}", headers={"Authorization": f"Bearer {issued['key']}"})
        with urlopen(request, timeout=30) as answer:
            said: str = answer.read().decode()
        return said

    for _ in range(20):
        asked("/livez")
    counted = re.compile(
        r'^renderdesk_http_requests_total{area="other",method="GET",status="200"} (.+)$', re.M
    )
    for _ in range(6):  # each scrape may meet another process
        page = asked("/metrics")
        assert sum(map(float, counted.findall(page))) >= 20, page
        assert 'renderdesk_lane_workers{lane="cpu"}' in page


def test_the_recipe_for_github_runs_in_a_checkout(
    desk: Installation, web: str, picture: str, tmp_path: Path
) -> None:
    """Its own steps, by the shell, with what GitHub would set; its actions are GitHub's."""
    page = (PROJECT / "docs/api.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    flow = yaml.safe_load(recipe)
    assert flow[True] == {"push": {"paths": ["cad/*.step"]}}, "YAML reads the word on as true"
    (job,) = flow["jobs"].values()
    issued = desk.command(
        "token", "create", "--owner", "boss", "--name", "CI", "--scope", "read", "order", "upload"
    )
    assert "secrets.RENDERDESK_TOKEN" in job["env"]["RENDERDESK_TOKEN"]
    (tmp_path / "cad").mkdir()
    shutil.copy(SAMPLE, tmp_path / "cad" / "B-1.step")
    shutil.copy(PROJECT / "docs/examples/renderdesk_client.py", tmp_path)
    own = {"RENDERDESK_URL": web, "RENDERDESK_TOKEN": issued["key"], "OUTPUT_TYPE": "thumbnail"}
    assert own.keys() == job["env"].keys()
    python = Path(sys.executable).parent
    for _ in range(2):  # a workflow that is started again orders nothing more
        for step in job["steps"]:
            assert step.keys() & {"run", "uses"}
            if "run" in step:
                done = subprocess.run(
                    ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                    cwd=tmp_path,
                    env={**own, "GITHUB_SHA": "0123abc", "PATH": f"{python}:/usr/bin:/bin"},
                    capture_output=True,
                    text=True,
                    timeout=120,
                    check=False,
                )
                assert done.returncode == 0, done.stdout + done.stderr
    (picture,) = (tmp_path / job["steps"][-1]["with"]["path"]).iterdir()
    assert picture.name.startswith("b-1-thumbnail-64x64-")
    placed = "Order.objects.filter(trigger='api', lines__product__number='B-1').count()"
    assert desk.shell(f"from rendering.models import Order; print({placed})") == "1"


@pytest.fixture(scope="module")
def slow_render(desk: Installation, picture: str) -> Iterator[dict[str, Any]]:
    """A render that samples for longer than the tests last: they come last, as it takes the whole machine."""
    desk.make_tiny("slow", **{**SLOW, "width": 512, "height": 512, "samples": 16_000, "kind": "still"})
    desk.command("order", "--product", "B-1", "--output-type", "slow")
    sampling: list[dict[str, Any]] = desk.wait_until(
        lambda: [job for job in desk.jobs("render", "running") if job["device_used"]], "a render runs", 90
    )
    yield sampling[0]
    desk.shell(
        "from rendering import orders; from rendering.models import Job\n"
        f"orders.cancel_job(Job.objects.get(pk={sampling[0]['id']}))"
    )


def test_the_web_process_answers_promptly_while_a_render_runs(
    desk: Installation, web: str, slow_render: dict[str, Any]
) -> None:
    stranger, boss = Visitor(web), Visitor(web)
    boss.log_in("boss", PASSWORD)
    pages = {
        "/livez": stranger,
        "/admin/login/": stranger,
        "/admin/": boss,
        "/admin/rendering/job/": boss,
        "/admin/media_assets/product/": boss,
    }
    for path, visitor in pages.items():
        answers = [visitor.get(path) for _ in range(5)]
        assert {answer.status for answer in answers} == {200}, path
        assert median(answer.seconds for answer in answers) < PROMPT, path
    (job,) = [job for job in desk.jobs(state="running") if job["id"] == slow_render["id"]]
    assert job["output_type"] == "slow", "the render went on meanwhile"


def test_the_page_of_a_running_render_shows_its_progress_its_device_and_the_log_so_far(
    desk: Installation, web: str, slow_render: dict[str, Any]
) -> None:
    boss = Visitor(web)
    boss.log_in("boss", PASSWORD)

    def page() -> str:
        return boss.get(f"/admin/rendering/job/{slow_render['id']}/change/").text

    assert "<progress" in page() and "CPU" in page()
    desk.wait_until(lambda: "| Sample " in page(), "what Cycles says stands in the log", 20)


def test_whatever_a_program_sends_is_answered_as_the_document_says(
    desk: Installation, web: str, picture: str, tmp_path: Path
) -> None:
    """No 500, no undescribed answer, nothing taken that the document forbids. RENDERDESK_FUZZ: how many of each.

    The last one here: it pauses and orders whatever it finds.
    """
    fuzzer = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if fuzzer is None:
        pytest.skip("there is no schemathesis: pip install -r requirements-dev.txt")
    issued = desk.command(
        "token", "create", "--owner", "boss", "--name", "fuzz", "--scope", *TokenScope.values
    )
    (tmp_path / "schemathesis.toml").write_text(
        "[checks.positive_data_acceptance]\nenabled = false\n"  # free text may name what is not there
        "[checks.negative_data_rejection]\nexpected-statuses = ['4xx']\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            *(fuzzer, "run", f"{web}/api/v1/openapi.json", "--phases", "fuzzing", "--no-color"),
            *("--header", f"Authorization: Bearer {issued['key']}"),
            *("--max-examples", os.environ.get("RENDERDESK_FUZZ", "2"), "--seed", "16"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]
