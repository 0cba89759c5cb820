"""Types the README's two commands on bare machines: `make fresh`, or python3 -m tests.deploy.fresh --releases trixie.

A machine is a Debian by debootstrap with git and nothing else, with processes, mounts and a network of its own
(slirp4netns), which is cut and comes back. Needs root and Debian's packages debootstrap and slirp4netns. Variables that
name proxies and certificates are handed on with the files that they name; FRESH_FILES names more files to copy.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.paths import PROJECT

RELEASES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
HANDED_ON = re.compile(
    r"(?i)(\w+_)?(https?|no)_proxy$|(?!PIP_DEFAULT_TIMEOUT)(PIP_|SSL_CERT_|NODE_EXTRA_CA_|npm_config_)"
)
CLONE = "/srv/renderdesk"
LINE = "apt-get update; apt-get install --yes --no-install-recommends "

LOOK = """
import re, sys
from tests.end_to_end.visitor import Visitor
base, page, password = sys.argv[1:]
person = Visitor(base)
person.log_in("operator", password)
path = re.search(r'/media/\\d+/[^"]+\\.png', person.get(page).text)[0]
picture = person.get(path)
size = [int.from_bytes(picture.body[at : at + 4], "big") for at in (16, 20)]
assert picture.status == 200 and picture.body[1:4] == b"PNG" and size == [1024, 1024], (picture.status, size)
print(path, *size, len(picture.body))
"""


class Machine:
    """One release of Debian, as good as new."""

    def __init__(self, folder: Path, release: str) -> None:
        self.base, self.upper = folder / release, folder / f"{release}.run"
        self.log = folder / f"{release}.log"
        self.log.write_text("")
        self.root = self.upper / "root"
        if not (self.base / "etc" / "fresh").exists():
            shutil.rmtree(self.base, ignore_errors=True)
            run(["debootstrap", "--variant=minbase", "--include=git", release, str(self.base)], quiet=True)
            (self.base / "etc" / "fresh").touch()
        shutil.rmtree(self.upper, ignore_errors=True)
        for name in ("root", "upper", "work"):
            (self.upper / name).mkdir(parents=True)
        self.environment = {name: value for name, value in os.environ.items() if HANDED_ON.match(name)}
        self._copy()
        self._start()
        self.network: subprocess.Popen[bytes] | None = None
        self.online()

    def _copy(self) -> None:
        named = [*self.environment.values(), *os.environ.get("FRESH_FILES", "").split()]
        for path in {Path(one) for one in named if one.startswith("/") and Path(one).exists()}:
            there = self.upper / "upper" / path.relative_to("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, there, dirs_exist_ok=True)
            else:
                shutil.copy(path, there)
        (self.upper / "upper" / "etc").mkdir(exist_ok=True)
        (self.upper / "upper" / "etc" / "resolv.conf").write_text("nameserver 10.0.2.3\n")
        # What an installer writes and debootstrap does not.
        (self.upper / "upper" / "etc" / "hosts").write_text("127.0.0.1 localhost\n")

    def _start(self) -> None:
        """Start the first process of the machine, with everything mounted."""
        options = f"lowerdir={self.base},upperdir={self.upper}/upper,workdir={self.upper}/work"
        script = f"""
            mount -t overlay -o {options} overlay {self.root} && cd {self.root} && mkdir -p srv/origin
            mount -t proc proc proc && mount -t sysfs sysfs sys && mount --bind {PROJECT} srv/origin
            mount --rbind /dev dev && mount -t tmpfs tmpfs dev/shm && ip link set lo up && exec sleep infinity
        """
        own = ["unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child"]
        self.first = subprocess.Popen([*own, "bash", "-ec", script])
        children = Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children")
        wait(lambda: children.read_text().strip() != "", 10)
        self.pid = int(children.read_text())
        wait(lambda: Path(f"/proc/{self.pid}/cmdline").read_bytes().startswith(b"sleep"), 30)

    def online(self) -> None:
        command = ["slirp4netns", "--configure", "--disable-host-loopback", str(self.pid), "tap0"]
        self.network = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: " tap0:" in self.devices().replace("\n", " "), 30)

    def cut(self) -> None:
        if self.network:
            self.network.kill()
            self.network.wait()
            self.network = None

    def devices(self) -> str:
        return Path(f"/proc/{self.pid}/net/dev").read_text()

    def received(self) -> int:
        """Return the bytes that came by this network since it is there."""
        match = re.search(r"tap0:\s*(\d+)", self.devices())
        return int(match[1]) if match else 0

    def start(self, command: str, *, user: str = "root") -> subprocess.Popen[bytes]:
        """Start a line of the shell in the clone."""
        words = [f"{name}={value}" for name, value in self.environment.items()]
        words += [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            f"HOME=/{user}",
            "LANG=C.UTF-8",
        ]
        inside = f"cd {CLONE} 2>/dev/null; exec {command}"
        argv = ["nsenter", "--target", str(self.pid), "--mount", "--net", "--ipc", "--pid", "chroot"]
        argv += [f"--userspec={user}", str(self.root), "env", "-i", *words, "setsid", "bash", "-c", inside]
        with self.log.open("a") as log:
            log.write(f"\n$ {command}\n")
            log.flush()
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def type(self, command: str, *, user: str = "root", expect: int = 0, seconds: float = 3600) -> str:
        """Run a line of the shell to its end, and return what it said."""
        before = len(self.said())
        code = self.start(command, user=user).wait(seconds)
        said = self.said()[before:]
        assert code == expect, f"{command}: exit code {code}\n{said[-3000:]}"
        return said

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def processes(self) -> list[tuple[int, str]]:
        """Return process ids, as seen from outside, and command lines, without the first process."""
        found = []
        own = Path(f"/proc/{self.pid}/ns/pid").stat().st_ino
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if (path / "ns" / "pid").stat().st_ino == own and int(path.name) != self.pid:
                    found.append(
                        (int(path.name), (path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
                    )
            except OSError:
                continue
        return [one for one in found if one[1]]

    def end(self, signal_: signal.Signals, pattern: str) -> None:
        for pid, line in self.processes():
            if re.search(pattern, line):
                os.kill(pid, signal_)

    def megabytes(self, path: str) -> int:
        return int(run(["du", "-sm", str(self.upper / "upper" / path.lstrip("/"))]).split()[0])

    def close(self) -> None:
        self.cut()
        self.first.kill()
        self.first.wait()


def run(argv: list[str], *, quiet: bool = False) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(argv)}: {(done.stderr or done.stdout)[-2000:]}")
    return "" if quiet else done.stdout


def wait(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain"
        time.sleep(0.1)


@contextmanager
def machine(folder: Path, release: str) -> Iterator[Machine]:
    one = Machine(folder, release)
    try:
        yield one
    finally:
        one.close()


def say(release: str, words: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {release}: {words}", flush=True)


def demo(one: Machine, seconds: float = 3600) -> str:
    """Type the first command, wait until it serves, ask for the picture, press Ctrl-C; return what it said."""
    before = len(one.said())
    process = one.start("./setup --yes demo")
    wait(lambda: "Ctrl-C stops it." in one.said()[before:] or process.poll() is not None, seconds)
    said = one.said()[before:]
    assert process.poll() is None, said[-3000:]
    base = re.search(r"http://127\.0\.0\.1:\d+", said)
    page = re.search(r"The picture: +http://127\.0\.0\.1:\d+(\S+)", said)
    password = re.search(r"operator   (\S+)", one.said())
    assert base and page and password, said[-3000:]
    one.type(f".venv/bin/python -c {shlex.quote(LOOK)} {base[0]} {page[1]} {password[1]}")
    one.end(signal.SIGINT, r"manage\.py demo")
    process.wait(60)
    left = [line for _, line in one.processes() if "manage.py" in line or "gunicorn" in line]
    assert not left, left
    return said


def interrupt(one: Machine) -> None:
    """Cut the network in the middle of the packages of Python, kill pip in the middle of Blender, and go on."""
    process = one.start("./setup --yes install")
    wait(lambda: "Installing requirements.txt" in one.said(), 1800)
    begun = one.received()
    wait(lambda: one.received() > begun + 30e6, 900)
    one.cut()
    code = process.wait(900)
    assert code and "Run the same command again" in one.said(), (code, one.said()[-2000:])
    say(one.base.name, "the network was cut in mid-install, and setup said so")
    one.online()
    process = one.start("./setup --yes install")
    folder = one.upper / "upper" / CLONE.lstrip("/") / ".venv-blender"
    wait(lambda: any(folder.glob("lib/python3*/site-packages/bpy")), 1800)
    one.end(signal.SIGKILL, "setup|pip|make")
    process.wait(60)
    say(one.base.name, "pip was killed while it unpacked Blender")
    one.type("./setup --yes install")
    one.type(".venv/bin/python manage.py migrate --verbosity 0")
    one.type(".venv/bin/python manage.py doctor")
    say(one.base.name, "the third run completed it, and doctor is content")


def examine(folder: Path, release: str, target: str) -> str:
    """Return the row of the table for one release."""
    with machine(folder, release) as one:
        one.type(f"git clone --quiet /srv/origin {CLONE}")
        interrupt(one)
    with machine(folder, release) as one:
        one.type(f"git clone --quiet /srv/origin {CLONE}")
        said = one.type("./setup demo", user="nobody", expect=1)
        assert LINE in said, said
        began = time.monotonic()
        one.type("./setup --yes install")
        installed, loaded = time.monotonic() - began, one.received() / 1e6
        began = time.monotonic()
        said = demo(one)
        rendered = time.monotonic() - began
        words = f"installed in {installed / 60:.1f} min, {loaded:.0f} MB fetched"
        say(release, f"{words}; the picture came after {rendered / 60:.1f} min more")
        one.cut()
        began = time.monotonic()
        unchanged = demo(one)
        again = time.monotonic() - began
        assert "Installing" not in unchanged and "Making" not in unchanged, unchanged
        say(release, f"a second run without a network installed nothing and served after {again:.0f} s")
        one.online()
        size = [one.megabytes(f"{CLONE}/{name}") for name in (".venv", ".venv-blender")]
        blender = re.search(r"Blender: (\S+)", said)
        python = one.type(".venv/bin/python --version").split()[-1]
        began = time.monotonic()
        said = one.type(f"./setup --yes {target}", seconds=4 * 3600)
        tested = time.monotonic() - began
        result = re.findall(r"^=* ?((?:\d+ \w+,? ?)+) in [\d.]+s", said, re.MULTILINE)
        cells = [
            RELEASES[release],
            f"Python {python}, Blender {blender[1] if blender else '?'}",
            f"{installed / 60:.1f} min, {loaded:.0f} MB; on disk {size[0]} + {size[1]} MB",
            f"{rendered / 60:.1f} min",
            f"{again:.0f} s",
            f"`{target}`: {'; '.join(result)} ({tested / 60:.1f} min)",
            f"{datetime.now(UTC):%Y-%m-%d}",
        ]
        return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.deploy.fresh", description=__doc__)
    parser.add_argument("--releases", nargs="+", choices=RELEASES, default=list(RELEASES))
    parser.add_argument("--tests", default="test", help="the target that is the second command")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/renderdesk-fresh"))
    given = parser.parse_args()
    if lacking := [name for name in ("debootstrap", "slirp4netns") if not shutil.which(name)]:
        sys.exit(f"Missing: apt-get install {' '.join(lacking)}")
    if os.geteuid() != 0:
        sys.exit("This needs root, for debootstrap and mounts.")
    given.folder.mkdir(parents=True, exist_ok=True)
    rows = [examine(given.folder, release, given.tests) for release in given.releases]
    print("| release | with | installation | demo | second run, no network | tests | date |", *rows, sep="\n")


if __name__ == "__main__":
    main()
