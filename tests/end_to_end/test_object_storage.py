"""A whole installation whose media are in a bucket: upload, film and file, and a server that is away for a while."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tests.bucket import KEY, SECRET, Line
from tests.end_to_end.installation import installation
from tests.paths import SAMPLE

pytestmark = pytest.mark.timeout(400)


def test_an_order_from_the_upload_to_the_file_with_a_server_that_goes_away(
    object_line: Line, tmp_path: Path
) -> None:
    with installation(tmp_path) as desk:
        desk.environment["MEDIA_STORAGE_URL"] = (
            f"s3://{KEY}:{SECRET}@media/whole?endpoint=http://127.0.0.1:{object_line.port}"
        )
        desk.make_tiny("thumbnail")
        desk.make_tiny("film", kind="turntable", format="mp4", frames=4, fps=4)
        desk.command("import_cad", str(SAMPLE), "--product", "B-1")
        order = desk.command("order", "--product", "B-1", "--output-type", "film")
        object_line.cut()
        desk.start_workers()
        desk.wait_until(
            lambda: [one for one in desk.jobs(state="queued") if one["error_code"] == "storage_away"],
            "a job is held",
        )
        assert not desk.jobs(state="failed")
        object_line.cut(False)
        show = ("order", "show", str(order["order"]))
        desk.wait_until(lambda: desk.command(*show)["lines"][0]["state"] == "done", "the film after all", 180)
        assert {job["attempt"] for job in desk.jobs(state="succeeded")} == {1}
        (row,) = desk.command(*show)["lines"]
        film = Path(row["asset"]["path"]).read_bytes()
        assert row["asset"]["url"] == f"http://{desk.address}/api/v1/assets/{row['asset']['id']}/file"
        address = desk.shell(
            "from media_assets import storage\nfrom media_assets.models import MediaAsset\n"
            f"film = MediaAsset.objects.get(pk={row['asset']['id']})\n"
            "print(storage.link(film.file, 'film.mp4', film.mime_type))"
        )
        assert address.startswith(f"http://127.0.0.1:{object_line.port}/media/whole/turntable/")
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == film and answer.headers["Content-Type"] == "video/mp4"
        assert not list((tmp_path / "media").glob("*")), "nothing lies in the folder"
        left = [path for path in (tmp_path / "cache" / "shared").rglob("*") if path.is_file()]
        assert left == []
