"""Sends hostile uploads to the web server of a private installation, several at a time, and reads what was accepted.

``python -m tests.rendering.desk.uploads --count 1000 --seed 1`` prints how they ended. It fails when an answer was an
error of the server or no clear words, when a process of the web server died or answers no more, when a conversion ended
in any other way than ready or with a named error, or when a file lies anywhere but under the name of its content.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.visitor import Visitor
from tests.rendering.desk.uploads.hostile import HostileUpload, uploads
from tests.rendering.desk.uploads.judging import LEFT, Ending, escaped, judged, misplaced, table

ADD = "/admin/media_assets/cadfile/add/"
PASSWORD = "kegel-rollen-lager"
AT_ONCE = 4
PATIENCE = 90.0  # seconds for an answer; a scan may take 60
PROMPT = 10.0  # seconds for a page, after all that
CONVERSIONS = 1800.0  # seconds for what was accepted

PEOPLE = f"""
from django.contrib.auth.models import User; User.objects.create_superuser("boss", password={PASSWORD!r})
from gpu.models import SystemSettings; SystemSettings.load(); SystemSettings.objects.update(upload_max_mb=5)
"""
CONVERT = """
import django; django.setup()
from gpu.queues.topology import CPU_QUEUE; from rendering.farm import execute; execute.work(CPU_QUEUE)
"""
ENDS = """
import json; from collections import Counter; from media_assets.models import CadFile; from rendering.models import Job
files = Counter(f"{one.state} {one.error_code}".strip() for one in CadFile.objects.all())
jobs = Counter(f"{one.state} {one.error_code}".strip() for one in Job.objects.filter(kind="tessellate"))
print(json.dumps([files, jobs]))
"""


def sent(one: HostileUpload, address: str, headers: dict[str, str]) -> Ending:
    """Send one upload and return how it ended."""
    place = urlsplit(address)
    began = time.monotonic()
    if one.sent is not None:
        with socket.create_connection((str(place.hostname), place.port or 80), PATIENCE) as line:
            head = {**headers, "Host": place.netloc, "Content-Type": one.content_type}
            lines = [f"POST {ADD} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
            start = "\r\n".join([*lines, f"Content-Length: {len(one.body)}", "", ""]).encode()
            with suppress(OSError):
                line.sendall(start + one.body[: one.sent])
        return Ending(one.family, one.what, LEFT, time.monotonic() - began)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=PATIENCE)
    try:
        connection.request("POST", ADD, one.body, {**headers, "Content-Type": one.content_type})
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        words = f"no answer: {type(error).__name__} {error}"
        return Ending(one.family, one.what, "none", time.monotonic() - began, words)
    finally:
        connection.close()
    return judged(one.family, one.what, status, body, time.monotonic() - began)


def endings(desk: Installation, count: int, seed: int) -> Iterator[Ending]:
    """Send so many uploads to the web server of an installation, and yield how each ended."""
    address = desk.start_web()
    desk.shell(PEOPLE)
    boss = Visitor(address)
    boss.log_in("boss", PASSWORD)
    cookies = {cookie.name: cookie.value or "" for cookie in boss.cookies}
    headers = {
        "Accept": "application/json",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }
    before = servers(desk)
    with ThreadPoolExecutor(AT_ONCE) as senders:
        yield from senders.map(lambda one: sent(one, address, headers), uploads(count, seed, cut=True))
        pages = list(senders.map(lambda _: Visitor(address).get("/livez"), range(8 * AT_ONCE)))
    if servers(desk) != before:
        raise AssertionError(f"the web server was {before}, and is {servers(desk)}")
    slow = [page.seconds for page in pages if page.status != 200 or page.seconds > PROMPT]
    if slow:
        raise AssertionError(f"the web server is no longer prompt: {slow} s")


def servers(desk: Installation) -> set[int]:
    return {pid for pid, command in desk.children().items() if "gunicorn" in command}


def converted(desk: Installation) -> tuple[dict[str, int], dict[str, int]]:
    """Convert what was accepted by the real reader; return how many files, and how many conversions, ended how."""
    reader = desk.start("-c", CONVERT, DJANGO_SETTINGS_MODULE="config.settings")
    reader.wait(CONVERSIONS)
    files, jobs = json.loads(desk.shell(ENDS))
    return files, jobs


def main() -> int:
    """Print the tables; return 1 when something ended as it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, installation(Path(name)) as desk:
        temporary = Path(name) / "temporary"
        temporary.mkdir()
        desk.environment["TMPDIR"] = str(temporary)
        began = time.monotonic()
        found = list(endings(desk, options.count, options.seed))
        print(table(found))
        print(f"{len(found)} uploads in {time.monotonic() - began:.0f} s, {AT_ONCE} at a time")
        files, jobs = converted(desk)
        print(f"CAD files: {files}\nConversions: {jobs}\nin {time.monotonic() - began:.0f} s")
        wrong = [f"{one.family} {one.what} {one.kind}: {one.wrong}" for one in found if one.wrong]
        wrong += [f"{number} files ended as {end}" for end, number in files.items() if not _is_named(end)]
        wrong += [f"not under the name of its content: {path}" for path in misplaced(Path(name) / "media")]
        wrong += [f"escaped: {path}" for path in escaped(temporary, Path(name) / "media" / "cad", Path.cwd())]
        desk.stop()
        wrong += [f"left behind: {path.name}" for path in temporary.iterdir()]
        wrong += [f"this process is left: {one}" for one in desk.children().values()]
    for one in wrong:
        print(f"WRONG {one}")
    return 1 if wrong else 0


def _is_named(end: str) -> bool:
    state, _, code = end.partition(" ")
    return state == "ready" or (state == "failed" and code not in ("", "internal", "reader_failed", "lost"))


if __name__ == "__main__":
    sys.exit(main())
