"""The media disk of a site: some memory, mounted for it alone, that can be full, read-only, renamed or away.

As root it is a file system of its own in a mount namespace of ours, so that nothing of it outlives this process.
Without, it is a folder, and only what a folder can have is broken.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

NEW_MOUNTS, NEW_IPC = 0x00020000, 0x08000000  # CLONE_NEWNS, CLONE_NEWIPC of <linux/sched.h>
ROOM = "4g"  # of the media; memory is only used for what is in it


def own_namespaces(more: int = 0) -> str:
    """Give this process mounts, System V segments and a /dev/shm of its own; return why that can't be, "" if done.

    *more*: flags of unshare(2) for what else it is to have for itself.
    """
    if os.geteuid() != 0:
        return "mounting a disk of its own needs root"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNTS | NEW_IPC | more):
        return f"this machine gives root no mounts of its own: {os.strerror(ctypes.get_errno())}"
    try:
        _mount("--make-rprivate", "/")
        _mount("-t", "tmpfs", "-o", "mode=1777", "none", "/dev/shm")
    except RuntimeError as error:
        return str(error)
    return ""


class MediaDisk:
    """`root` is MEDIA_ROOT: a folder on the disk that is mounted at *folder*/volume."""

    def __init__(self, folder: Path, *, is_mounted: bool) -> None:
        self.is_mounted = is_mounted
        self.volume, self.disk = folder / "volume", folder / "disk"
        self.root = self.volume / "media"
        # Below the mount lies the same empty folder, as where a disk is mounted at boot, or is not.
        self.root.mkdir(parents=True)
        if is_mounted:
            self.disk.mkdir()
            _mount("-t", "tmpfs", "-o", f"size={ROOM}", "renderdesk-faults", self.disk)
            (self.disk / "media").mkdir()
            self.plug()

    def plug(self) -> None:
        _mount("--bind", self.disk, self.volume)

    def unplug(self) -> None:
        """Take the disk away, whoever has open files there."""
        _run("umount", "--lazy", self.volume)

    def limit(self, leave: int) -> None:
        """Leave so many bytes free, a little more where others write in this instant."""
        for more in range(0, 1_000_000, 65_536):
            usage = os.statvfs(self.disk)
            used = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
            try:
                return _mount("-o", f"remount,size={used + leave + more}", self.disk)
            except RuntimeError:  # more is in use by now
                continue
        raise RuntimeError(f"the disk {self.disk} takes no limit")

    def free(self) -> None:
        _mount("-o", f"remount,size={ROOM}", self.disk)

    def read_only(self) -> None:
        _mount("-o", "remount,bind,ro", self.volume)

    def writable(self) -> None:
        _mount("-o", "remount,bind,rw", self.volume)

    def close(self) -> None:
        """Unmount everything; the namespace would do it as well."""
        for place in (self.volume, self.disk) if self.is_mounted else ():
            subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)


def _mount(*arguments: str | Path) -> None:
    _run("mount", *arguments)


def _run(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed: {done.stderr.strip()}")
