"""Take the pictures of the guide again: python -m tests.screenshots [--only NAME...] [--folder DIR].

Fills an installation of its own with the sample part and its parts, which takes some minutes of rendering, opens its
pages in Chromium and writes docs/images/NAME.webp. With --folder the installation stays there and is used again.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import signal
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium.common.exceptions import WebDriverException

from tests.end_to_end.chrome import complaints, opened
from tests.end_to_end.installation import Installation
from tests.end_to_end.operators import Operator
from tests.paths import PROJECT
from tests.screenshots import scene
from tests.screenshots.shots import BUSY, SHOTS, Shot

TARGET = PROJECT / "docs" / "images"
MAX_BYTES = 120_000
# The left edge, the upper and the lower one of what a picture shows, in CSS px.
BOX = """
const one = arguments[0] && document.querySelector(arguments[0]);
if (!one) return [0, 0, document.querySelector("#content, main").getBoundingClientRect().bottom + scrollY + 24];
const box = one.getBoundingClientRect();
return [Math.max(0, box.left - 12), Math.max(0, box.top + scrollY - 12), box.bottom + scrollY + 12];
"""
QUALITIES = (86, 78, 70, 60, 50)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=list(SHOTS), choices=list(SHOTS), metavar="NAME")
    parser.add_argument(
        "--folder", type=Path, help="where the installation is kept (default: a temporary folder)"
    )
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the installation ends with it
    with tempfile.TemporaryDirectory(prefix="renderdesk-pictures-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        options.out.mkdir(parents=True, exist_ok=True)
        desk = Installation(folder, f"sqlite:///{folder / 'db.sqlite3'}")
        try:
            return 1 if take_all(desk, options.only, options.out) else 0
        finally:
            desk.stop()


def take_all(desk: Installation, names: list[str], out: Path) -> list[str]:
    """Take the pictures of these names and return the names of those that could not be taken."""
    desk.shell("from django.core.management import call_command; call_command('migrate', verbosity=0)")
    desk.start_workers()
    is_full = desk.folder / "is-full"
    if not is_full.exists():
        scene.fill(desk, desk.folder)
        is_full.touch()
    web = desk.start_web()
    with (
        tempfile.TemporaryDirectory(prefix="renderdesk-browser-") as profile,
        opened(Path(profile)) as chrome,
    ):
        olga = Operator(chrome, web, desk)
        olga.log_in("olga")
        job, failed = "", []
        for name in (name for name in SHOTS if name in names):
            if name in BUSY and not job:
                job = scene.start_long_render(desk)
            try:
                size = take(olga, SHOTS[name], out / f"{name}.webp")
                print(f"{name}: {size / 1000:.0f} kB", flush=True)
            except (AssertionError, WebDriverException) as error:  # the others can be taken
                print(f"{name}: {error}", file=sys.stderr)
                failed.append(name)
        if job:
            desk.manage("job", "cancel", job)
    return failed


def take(olga: Operator, shot: Shot, target: Path) -> int:
    """Write one picture and return its size in bytes."""
    browser = olga.browser
    screen = {"width": shot.width, "height": shot.height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    wishes = {"prefers-color-scheme": shot.theme, "prefers-reduced-motion": "reduce"}
    media = [{"name": name, "value": value} for name, value in wishes.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    is_open = json.dumps(str(shot.has_sidebar).lower())
    browser.execute_script(f"localStorage.setItem('django.admin.navSidebarIsOpen', {is_open})")
    browser.get(olga.web + (shot.where if isinstance(shot.where, str) else shot.where(olga)))
    shot.act(olga)
    browser.execute_async_script(
        "const done = arguments[0]; for (const one of document.images) one.loading = 'eager';"
        "Promise.allSettled([...document.images].map(one => one.decode())).then(() => setTimeout(done, 300))"
    )
    browser.execute_script("document.activeElement?.blur()")
    left, top, end = browser.execute_script(BOX, shot.only)
    height = max(200, min(shot.height, end - top))
    clip = {"x": left, "y": top, "width": shot.width - 2 * left, "height": height, "scale": 1}
    shown = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    for complaint in complaints(browser):
        print(f"  {target.stem}: {complaint}", file=sys.stderr)
    with Image.open(io.BytesIO(base64.b64decode(shown["data"]))) as image:
        for quality in QUALITIES:
            image.convert("RGB").save(target, "WEBP", quality=quality, method=6)
            if target.stat().st_size <= MAX_BYTES:
                break
    return target.stat().st_size


if __name__ == "__main__":
    raise SystemExit(main())
