"""The type of the file system of a folder."""

from __future__ import annotations

from pathlib import Path

NETWORK = frozenset(
    ["9p", "afs", "beegfs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"]
) | {"fuse.glusterfs", "fuse.s3fs", "fuse.sshfs"}
VOLATILE = frozenset(["aufs", "overlay", "ramfs", "tmpfs"])


def filesystem(path: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> str:
    """Return the type of the file system that *path* is, or will be, on (proc(5), mountinfo); "" if unknown."""
    place = path.resolve()
    best, kind = -1, ""
    try:
        lines = mountinfo.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        left, dash, right = line.partition(" - ")
        fields = left.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = Path(_unescape(fields[4]))
        if place.is_relative_to(point) and len(point.parts) >= best:  # a later mount hides an earlier one
            best, kind = len(point.parts), right.split(" ")[0]
    return kind


def _unescape(text: str) -> str:
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
