"""The API as a program meets it: who comes in, what it answers, what is written down."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from gpu.queues.topology import CPU_QUEUE
from media_assets.cad.problem import Failure
from media_assets.models import CadFile, MediaAsset
from rendering.api.site import api
from rendering.models import ApiToken, HistoryEntry, Job, Order, OrderLine, Webhook
from rendering.models.api_token import TokenScope
from rendering.models.sentence import Sentence
from rendering.queue import claims
from tests import factories
from tests.paths import SAMPLE
from tests.rendering.api.conftest import Program, client_of
from tests.rendering.shell import Shell
from tests.rendering.steps import ends, order

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body or {}), "application/json", headers=headers)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = api.get_openapi_schema()["paths"]
    every = [(path, method, one) for path, methods in paths.items() for method, one in methods.items()]
    by_log_in = [path for path, _, one in every if "x-scope" not in one]
    assert by_log_in == ["/gpu/probe/", "/gpu/probe/result/"]
    return [one for one in every if one[0] not in by_log_in]


def test_every_operation_names_a_scope_and_a_permission_and_holds_to_both(boss: User) -> None:
    """Nobody comes in without a token, none without the scope, none whose owner lacks the permission."""
    nobody = factories.user(is_staff=True)
    for path, method, operation in operations():
        address = (
            path.replace("{id}", "1").replace("{number}", "1").replace("{slug}", "a").replace("{name}", "a")
        )
        others = [name for name in TokenScope.values if name != operation["x-scope"]]
        _, wrong = ApiToken.issue(boss, "wrong scope", others)
        _, powerless = ApiToken.issue(nobody, "powerless", TokenScope.values)
        for client, status, code in (
            (Client(), 401, "not_authenticated"),
            (client_of("rd_00000000_nothing"), 401, "not_authenticated"),
            (client_of(wrong), 403, "scope"),
            (client_of(powerless), 403, "forbidden"),
        ):
            answer = client.generic(method.upper(), address, "{}", "application/json")
            assert (answer.status_code, answer.json()["code"]) == (status, code), (method, path)
            assert answer["Content-Type"] == "application/problem+json"


def test_a_token_ends_with_its_time_its_revocation_and_its_owner(program: Program, boss: User) -> None:
    assert program().get("/api/v1/jobs").status_code == 200
    assert ApiToken.objects.get().last_used
    late = program(expires=timezone.now() - timedelta(seconds=1))
    assert late.get("/api/v1/jobs").json()["code"] == "token_ended"
    token, key = ApiToken.issue(boss, "old", ["read"])
    token.revoke()
    assert client_of(key).get("/api/v1/jobs").status_code == 401
    User.objects.update(is_active=False)
    assert program().get("/api/v1/jobs").json()["code"] == "owner_inactive"
    assert key not in str(ApiToken.objects.values())


def test_a_session_of_the_admin_is_no_token(admin_client: Client) -> None:
    assert admin_client.get("/api/v1/products").status_code == 401
    assert admin_client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
    assert b"swagger-ui" in admin_client.get("/api/v1/docs").content


def test_an_order_is_placed_once_for_each_key(program: Program) -> None:
    product, kind = factories.product(), factories.output_type()
    wish = {"products": [product.number], "output_types": [kind.slug]}
    client = program()
    would = post(client, "orders", {**wish, "dry_run": True}).json()
    assert [one["outlook"] for one in would["would"]] == ["new"] and not Order.objects.exists()
    first = post(client, "orders", wish, **{"Idempotency-Key": "k1"})
    again = post(client, "orders", wish, **{"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true" and Order.objects.count() == 1
    other = post(client, "orders", {**wish, "priority": 60}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    refused = post(client, "orders", {**wish, "products": ["nothing"]}, **{"Idempotency-Key": "k2"})
    assert refused.status_code == 422 and "nothing" in refused.json()["detail"]
    assert post(client, "orders", wish, **{"Idempotency-Key": "k2"}).status_code == 201
    order = Order.objects.get(pk=first.json()["order"])
    assert order.trigger == "api" and order.ordered_by is not None
    entry = HistoryEntry.objects.filter(verb="order").last()
    assert entry and entry.via == "API token PIM" and entry.person == "boss"


def test_an_order_is_followed_and_steered(program: Program) -> None:
    product, kind = factories.product(), factories.output_type()
    client = program()
    made = post(client, "orders", {"lines": [{"product": product.number, "output_type": kind.slug}]}).json()
    address = f"orders/{made['order']}"
    assert made["counts"]["working"] == 1 and made["lines"][0]["jobs"]
    assert [one["id"] for one in client.get(f"/api/v1/jobs?order={made['order']}").json()["items"]] == [
        job.pk for job in Job.objects.all()
    ]
    assert post(client, f"{address}/pause").json() == {"changed": 1}
    assert post(client, f"{address}/pause").json() == {"changed": 0}
    assert post(client, f"{address}/resume").json() == {"changed": 1}
    changed = client.patch(f"/api/v1/{address}", '{"priority": 80}', "application/json").json()
    assert changed["priority"] == 80
    cell = client.get(f"/api/v1/products/{product.number}/deliverables").json()["deliverables"][0]
    assert cell["state"] == "pending" and cell["order"] == made["order"]
    assert post(client, f"{address}/cancel").json()["changed"] == 1
    told = b"".join(client.get(f"/api/v1/{address}/events").streaming_content).decode()
    assert "event: line" in told and '"state": "canceled"' in told and "event: finished" in told
    assert post(client, f"lines/{made['lines'][0]['id']}/retry").json() == {"changed": 1}
    verbs = set(HistoryEntry.objects.values_list("verb", flat=True))
    assert {"order", "pause", "resume", "priority", "cancel", "retry"} <= verbs


def test_lists_come_in_pages_with_the_fields_and_the_time_that_are_asked_for(program: Program) -> None:
    numbers = [factories.product(number=f"P{count}").number for count in range(5)]
    client, seen, cursor = program(), [], ""
    while cursor is not None:
        page = client.get("/api/v1/products", {"limit": 2, "cursor": cursor, "fields": "number"}).json()
        seen += [one["number"] for one in page["items"]]
        cursor = page["next"]
        assert all(set(one) == {"number"} for one in page["items"])
    assert seen == numbers[::-1]
    later = (timezone.now() + timedelta(minutes=1)).isoformat()
    assert client.get("/api/v1/products", {"updated_since": later}).json()["items"] == []
    for wrong in (
        {"cursor": "?"},
        {"fields": "secret"},
        {"limit": 0},
        {"updated_since": "x"},
        {"search": "\0"},
    ):
        answer = client.get("/api/v1/products", wrong)
        assert answer.status_code == 422 and answer.json()["code"], wrong


def test_a_file_is_uploaded_in_one_request_or_in_parts_and_known_bytes_are_not_sent(program: Program) -> None:
    client, content = program(), SAMPLE.read_bytes()
    with SAMPLE.open("rb") as stream:
        answer = client.post("/api/v1/cad-files", {"file": stream, "product": "B1"})
    assert answer.status_code == 201 and answer.json()["product"] == "B1", answer.content
    digest = CadFile.objects.get().sha256
    known = post(client, "uploads", {"file_name": "b.step", "size": len(content), "sha256": digest})
    assert known.status_code == 200 and known.json()["cad_file"] == answer.json()["cad_file"]
    changed = content + b"\n"
    begun = post(client, "uploads", {"file_name": "b.step", "size": len(changed), "product": "B1"}).json()
    address, middle = f"/api/v1/uploads/{begun['id']}", len(changed) // 2

    def send(start: int, end: int) -> Any:
        return client.patch(
            address, changed[start:end], "application/octet-stream", headers={"Upload-Offset": str(start)}
        )

    assert send(0, middle).json()["received"] == middle
    assert (wrong := send(0, 10)).status_code == 409 and wrong["Upload-Offset"] == str(middle)
    assert post(client, f"uploads/{begun['id']}/finish").json()["code"] == "incomplete"
    assert client.get(address).json()["received"] == middle
    assert send(middle, len(changed)).status_code == 200
    done = post(client, f"uploads/{begun['id']}/finish")
    assert done.status_code == 201 and done.json()["product"] == "B1"
    assert client.get(address).status_code == 404
    fetched = client.get(f"/api/v1/cad-files/{done.json()['cad_file']}/file", headers={"Range": "bytes=0-9"})
    assert fetched.status_code == 206 and b"".join(fetched.streaming_content) == changed[:10]


def test_a_zip_of_files_that_do_not_belong_together_makes_a_product_of_each(
    program: Program, tmp_path: Path
) -> None:
    client, path = program(), tmp_path / "delivery.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, tail in (("A-1.step", b"\n"), ("A-2.step", b"\n\n"), ("broken.step", b"")):
            packed.writestr(name, SAMPLE.read_bytes() + tail if tail else b"ISO-10303-21;\nHEADER;")

    def send(**options: str) -> tuple[int, Any]:
        with path.open("rb") as stream:
            answer = client.post("/api/v1/cad-files", {"file": stream, **options})
        return answer.status_code, answer.json()

    status, first = send()
    arrivals = [first, *first["others"]]
    assert (status, len(arrivals)) == (201, 3)
    assert {one["name"]: one["product"] for one in arrivals if not one["error_code"]} == {
        "A-1.step": "A-1",
        "A-2.step": "A-2",
    }
    assert [one["name"] for one in arrivals if one["error_code"]] == ["broken.step"]
    status, again = send()
    assert status == 200 and all(one["duplicate"] for one in [again, *again["others"]])
    status, one_product = send(product="A")
    assert (status, one_product["status"]) == (422, 422), "one product can't have two files"
    content = path.read_bytes()
    begun = post(client, "uploads", {"file_name": path.name, "size": len(content)}).json()
    address = f"/api/v1/uploads/{begun['id']}"
    client.patch(address, content, "application/octet-stream", headers={"Upload-Offset": "0"})
    assert len(client.post(f"{address}/finish").json()["others"]) == 2


def test_the_first_file_of_an_installation_may_come_in_parts(
    program: Program, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "not there yet"
    client, content = program(), SAMPLE.read_bytes()
    begun = post(client, "uploads", {"file_name": "b.step", "size": len(content)}).json()
    address = f"/api/v1/uploads/{begun['id']}"
    sent = client.patch(address, content, "application/octet-stream", headers={"Upload-Offset": "0"})
    assert sent.status_code == 200, sent.content
    assert post(client, f"uploads/{begun['id']}/finish").status_code == 201


@pytest.mark.parametrize("content", [b"", b"<html>", b"ISO-10303-21;"])
def test_what_is_no_cad_is_refused_or_kept_with_its_reason(
    program: Program, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "wrong.step"
    path.write_bytes(content)
    with path.open("rb") as stream:
        answer = program().post("/api/v1/cad-files", {"file": stream})
    said = answer.json()
    assert answer.status_code in (201, 422) and (said.get("code") or said["error_code"])


def test_a_picture_is_fetched_with_its_hash(program: Program, tmp_path: Path) -> None:
    product, kind = factories.product(), factories.output_type()
    assert product.cad_file
    master = factories.master(product.cad_file, kind, tmp_path)
    client = program("read")
    shown = client.get(f"/api/v1/assets/{master.pk}").json()
    assert "path" not in shown and shown["url"].endswith(f"/api/v1/assets/{master.pk}/file")
    answer = client.get(f"/api/v1/assets/{master.pk}/file")
    assert answer["ETag"] == f'"{master.sha256}"' and len(b"".join(answer.streaming_content)) == master.bytes
    fresh = client.get(f"/api/v1/assets/{master.pk}/file", headers={"If-None-Match": answer["ETag"]})
    assert fresh.status_code == 304
    MediaAsset.objects.update(pruned=timezone.now())
    assert client.get(f"/api/v1/assets/{master.pk}/file").json()["code"] == "pruned"


def test_wrong_addresses_and_methods_are_problems(program: Program) -> None:
    client = program()
    assert client.get("/api/v1/nothing").json()["code"] == "no_such_address"
    assert client.get("/api/v1/jobs/99999").json()["code"] == "not_found"
    assert client.get("/api/v1/jobs/99999999999999999999").status_code == 422
    assert client.delete("/api/v1/jobs").status_code == 405
    assert client.post("/api/v1/orders", "{", "application/json").status_code == 400
    assert client.get("/api/v1/reports/none").json()["next_step"]
    assert client.get("/api/v1/reports/pictures").json()["report"] == "pictures"
    assert post(client, "gpu-probes").status_code == 202


def test_the_commands_print_the_documents_of_the_api(program: Program, manage: Shell, tmp_path: Path) -> None:
    """But for the path of a file on this machine. Times are the same instants, with Z or +00:00."""
    product, kind = factories.product(), factories.output_type()
    assert product.cad_file
    client = program()
    made = post(client, "orders", {"products": [product.number], "output_types": [kind.slug]}).json()
    claims.fail(factories.claim(CPU_QUEUE), Failure.of("bad_spec"))
    master = factories.master(product.cad_file, kind, tmp_path)
    OrderLine.objects.update(asset=master)

    def same(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: same(one) for key, one in value.items() if key != "path"}
        if isinstance(value, list):
            return [same(one) for one in value]
        is_time = isinstance(value, str) and value[10:11] == "T"
        return datetime.fromisoformat(value) if is_time else value

    job, order = made["lines"][0]["jobs"][0], made["order"]
    for command, path in (
        (("job", "show", job), f"jobs/{job}"),
        (("order", "show", order), f"orders/{order}"),
        (("asset", "show", master.pk), f"assets/{master.pk}"),
    ):
        document = client.get(f"/api/v1/{path}").json()
        # An order without a workflow: the API describes what it may have.
        document = {key: value for key, value in document.items() if key not in ("workflow", "steps")}
        assert same(manage(*command, "--json").document) == same(document), command
    listed = client.get(f"/api/v1/jobs?order={order}").json()["items"]
    assert same(manage("jobs", "--order", order, "--json").document) == same(listed)
    fetched = manage("asset", "fetch", master.pk, "--to", tmp_path, "--json").document
    assert Path(fetched["written"]).read_bytes() == b"".join(
        client.get(f"/api/v1/assets/{master.pk}/file").streaming_content
    )


def test_whether_it_is_ready_is_said_without_a_token(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise DatabaseError("away")

    def ready() -> tuple[int, dict[str, str]]:
        answer = client.get("/readyz")
        return answer.status_code, answer.json()

    assert ready() == (200, {"database": "ok", "media": "ok", "broker": "ok"})
    factories.cad_file()
    monkeypatch.setattr("media_assets.storage.media_away", lambda: "not mounted")
    assert ready() == (503, {"database": "ok", "media": "away", "broker": "ok"})
    monkeypatch.undo()
    monkeypatch.setattr("gpu.queues.wake.waiting_messages", refuse)
    assert ready() == (503, {"database": "ok", "media": "ok", "broker": "away"})
    monkeypatch.setattr("media_assets.models.CadFile.objects.exists", refuse)
    assert ready() == (503, {"database": "away", "media": "unknown", "broker": "unknown"})


def test_a_webhook_is_made_changed_tested_rotated_and_deleted(program: Program) -> None:
    client = program("manage")
    wish = {"name": "PIM", "url": "https://pim.example.com/renders", "events": ["picture.delivered"]}
    made = post(client, "webhooks", wish)
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    at = f"/api/v1/webhooks/{made.json()['id']}"
    assert "secret" not in client.get(at).json() and client.get(at).json()["events"] == wish["events"]
    for wrong in (
        {"events": ["picture.lost"]},
        {"events": ["webhook.test"]},
        {"url": "ftp://pim.example.com/"},
        {"url": "https://u:p@pim.example.com/"},
        {"url": "https://pim.example.com:8443/"},
        {"address_hours": -1},
        {"name": ""},
    ):
        answer = client.patch(at, json.dumps(wrong), "application/json")
        assert answer.status_code == 422, wrong
    assert post(client, "webhooks", wish).status_code == 422, "the name is taken"
    changed = client.patch(at, json.dumps({"active": False, "address_hours": 0}), "application/json").json()
    assert (changed["active"], changed["address_hours"], changed["name"]) == (False, 0, "PIM")
    rotated = client.post(f"{at}/rotate").json()
    assert rotated["secret"] != made.json()["secret"] and len(Webhook.objects.get().secrets) == 2
    assert client.post(f"{at}/test").status_code == 202
    ((sent,),) = [client.get(f"{at}/deliveries").json()["items"]]
    assert (sent["event"], sent["state"], sent["log"]) == ("webhook.test", "waiting", [])
    assert [one["id"] for one in client.get("/api/v1/webhooks").json()["items"]] == [made.json()["id"]]
    entries = list(HistoryEntry.objects.filter(via="API token PIM").values_list("verb", flat=True))
    assert "add" in entries and made.json()["secret"] not in str(list(HistoryEntry.objects.values()))
    assert client.delete(at).status_code == 204 and client.get(at).status_code == 404


def test_how_far_a_job_is_is_english_for_programs(program: Program) -> None:
    placed, client = order(factories.product(), "draft"), program("read")
    claim = factories.claim(CPU_QUEUE)
    claims.renew(claim, progress=0.4, stage=Sentence.of("waiting for the database"))
    german = {"headers": {"accept-language": "de"}}
    assert client.get(f"/api/v1/jobs/{claim.job.pk}", **german).json()["stage"] == "waiting for the database"
    stream = client.get(f"/api/v1/orders/{placed.pk}/events", **german)
    said = next(one.decode() for one in stream.streaming_content if b"event: progress" in one)
    assert '"stage": "waiting for the database"' in said
    stream.close()


def test_an_order_s_events_say_what_webhooks_say(program: Program, tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    ends(tmp_path)
    stream = b"".join(program("read").get(f"/api/v1/orders/{placed.pk}/events").streaming_content).decode()
    (said,) = [json.loads(one[6:]) for one in stream.splitlines() if '"event"' in one]
    asset = placed.lines.get().asset
    assert said["event"] == "picture.delivered" and said["picture"]["asset"]["sha256"] == asset.sha256
