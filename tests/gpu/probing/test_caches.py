"""The kernel caches: one folder for all of them, honest words about them, and a reset that deletes nothing else."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from blender_scripts.launch import ScriptResult
from gpu import checks
from gpu.probing import caches, probe
from gpu.probing.caches import FOLDERS, ResetRefused, Stamp
from gpu.probing.filesystems import filesystem

GPU = "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11"
STAMP = Stamp(GPU, "NVIDIA L4", "OPTIX", "560.35.03", "4.5.15", "2026-11-23T10:00:00+00:00", 181.0, 20.0, 4)
NOW = (GPU, "NVIDIA L4", "OPTIX", "560.35.03", "4.5.15")


@pytest.fixture
def root(settings: Any) -> Path:
    caches.environment()
    return Path(settings.KERNEL_CACHE_DIR)


def fill(folder: Path, text: str = "code") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "optix7cache.db"
    file.write_text(text)
    return file


def test_every_cache_lies_in_the_configured_folder_for_this_user_alone(root: Path) -> None:
    environment = caches.environment()
    paths = {name: value for name, value in environment.items() if value.startswith("/")}
    assert {Path(value).parent for value in paths.values()} == {root}
    assert set(paths) == {
        *("OPTIX_CACHE_PATH", "CUDA_CACHE_PATH", "AMD_COMGR_CACHE_DIR", "SYCL_CACHE_DIR"),
        *("XDG_CACHE_HOME", "BLENDER_USER_RESOURCES"),
    }
    assert {Path(value).stat().st_mode & 0o777 for value in paths.values()} == {0o700}


def test_the_caches_are_on_and_large_whatever_the_operator_s_environment_says(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_CACHE_DISABLE", "1")
    monkeypatch.setenv("OPTIX_CACHE_MAXSIZE", "0")
    environment = os.environ | caches.environment()
    assert environment["CUDA_CACHE_DISABLE"] == "0"
    assert environment["CUDA_CACHE_MAXSIZE"] == environment["OPTIX_CACHE_MAXSIZE"] == "4294967296"
    assert (environment["SYCL_CACHE_PERSISTENT"], environment["SYCL_CACHE_MAX_SIZE"]) == ("1", "4096")


def test_the_probe_of_each_backend_gets_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def record(*_: Any, env: dict[str, str], **__: Any) -> ScriptResult:
        seen.append(env["OPTIX_CACHE_PATH"])
        return ScriptResult((), 1, None, None, (), timed_out=False)

    monkeypatch.setattr(probe, "run_script", record)
    probe.run()
    assert seen == [str(caches.root() / "optix")] * 4


def test_a_folder_that_was_left_half_made_or_is_a_mounted_volume_is_taken_over(settings: Any) -> None:
    (Path(settings.KERNEL_CACHE_DIR) / "optix").mkdir(parents=True)
    caches.environment()
    fill(caches.root() / "optix")
    assert caches.reset(["optix"]) == {"optix": 4}


def test_a_folder_that_cannot_be_made_is_said_and_stops_no_render(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    settings.KERNEL_CACHE_DIR = tmp_path / "file" / "kernels"
    with caplog.at_level(logging.WARNING, "renderdesk.gpu"):
        assert caches.environment()["OPTIX_CACHE_PATH"]
    assert "can't be made: Not a directory" in caplog.text
    assert all(seen.files == 0 for seen in caches.look())


def test_size_and_age_are_those_of_what_the_driver_wrote(root: Path) -> None:
    file = fill(root / "optix" / "deep", "12345")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    (root / "optix" / "link").symlink_to("/etc")
    seen = {one.name: one for one in caches.look()}
    assert (seen["optix"].bytes, seen["optix"].files) == (5, 1)
    assert seen["optix"].written == "2023-11-14T22:13:20+00:00"
    assert (seen["cuda"].bytes, seen["cuda"].files, seen["cuda"].written) == (0, 0, "")


def test_warm_means_compiled_on_purpose_with_this_driver_and_this_blender(root: Path) -> None:
    assert caches.judge(*NOW).state == "cold"
    fill(root / "optix")
    assert caches.judge(*NOW).state == "unknown"
    caches.write_stamp(STAMP)
    assert caches.judge(*NOW).state == "warm"
    assert caches.judge("GPU-another", *NOW[1:]).state == "unknown"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"driver": "550.1"}, "with driver 550.1, which is 560.35.03 now"),
        ({"blender": "4.2.0"}, "with Blender 4.2.0, which is 4.5.15 now"),
        ({"backend": "CUDA"}, "with backend CUDA, which is OPTIX now"),
    ],
)
def test_another_driver_or_blender_makes_it_cold(root: Path, change: dict[str, str], words: str) -> None:
    fill(root / "optix")
    caches.write_stamp(replace(STAMP, **change))  # type: ignore[arg-type]
    judged = caches.judge(*NOW)
    assert judged.state == "cold" and words in judged.words


def test_a_driver_that_nobody_names_is_no_change(root: Path) -> None:
    fill(root / "optix")
    caches.write_stamp(replace(STAMP, driver=""))
    assert caches.judge(*NOW).state == "warm"


def test_a_cache_that_was_emptied_by_hand_is_cold(root: Path) -> None:
    file = fill(root / "optix")
    caches.write_stamp(STAMP)
    file.unlink()
    assert caches.judge(*NOW).words == "the cache has been emptied since it was warmed"


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_a_damaged_stamp_is_no_stamp(root: Path, content: bytes) -> None:
    (root / "stamps" / f"{GPU}.json").write_bytes(content)
    assert caches.read_stamp(GPU) is None


def test_a_hostile_id_writes_its_stamp_nowhere_else(root: Path) -> None:
    caches.write_stamp(replace(STAMP, vendor_id="../../evil\n"))
    assert caches.read_stamp("../../evil\n") is not None
    assert {path.parent for path in root.parent.rglob("*.json")} == {root / "stamps"}


def test_reset_empties_what_is_named_and_forgets_the_stamps(root: Path) -> None:
    fill(root / "optix" / "deep")
    fill(root / "cuda")
    caches.write_stamp(STAMP)
    assert caches.reset(["optix"]) == {"optix": 4}
    assert [one.name for one in caches.look() if one.files] == ["cuda"]
    assert caches.read_stamp(GPU) is None
    assert caches.reset() == {**dict.fromkeys(FOLDERS, 0), "cuda": 4}
    assert caches.reset() == dict.fromkeys(FOLDERS, 0)  # and it can be done again


def test_reset_follows_no_link_out_of_the_folder(root: Path, tmp_path: Path) -> None:
    precious = fill(tmp_path / "precious")
    (root / "optix" / "link").symlink_to(precious.parent)
    (root / "optix" / "hard").mkdir()
    (root / "optix" / "hard" / "link").symlink_to(precious)
    caches.reset()
    assert precious.read_text() == "code"
    assert sorted(path.name for path in (root / "optix").iterdir()) == ["CACHEDIR.TAG"]


def test_reset_refuses_a_folder_that_is_a_link_and_deletes_nothing(root: Path, tmp_path: Path) -> None:
    precious = fill(tmp_path / "precious")
    kept = fill(root / "cuda")
    (root / "optix" / "CACHEDIR.TAG").unlink()
    (root / "optix").rmdir()
    (root / "optix").symlink_to(precious.parent)
    with pytest.raises(ResetRefused, match="a link or a file, not a folder"):
        caches.reset()
    assert precious.exists() and kept.exists()


def test_reset_refuses_a_folder_of_somebody_else(settings: Any, tmp_path: Path) -> None:
    """RENDERDESK_KERNEL_CACHE_DIR=/usr/local must not cost an operator /usr/local/cuda."""
    settings.KERNEL_CACHE_DIR = tmp_path / "usr"
    toolkit = fill(tmp_path / "usr" / "cuda")
    caches.environment()
    with pytest.raises(ResetRefused, match="not made by Renderdesk"):
        caches.reset()
    assert toolkit.exists()


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:30 / /tmp rw - tmpfs tmpfs rw
31 22 0:31 / /media rw shared:2 master:1 - nfs4 server:/x rw
32 22 0:32 / /media/local\\040disk rw - xfs /dev/vdb rw
33 22 0:33 / /layers rw - ext4 /dev/vdc rw
34 22 0:34 / /layers rw - overlay overlay rw
half a line
35 22 0:35 / /short -
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/cache", "ext4"),
        ("/tmp/x", "tmpfs"),
        ("/tmpfoo", "ext4"),
        ("/media/kernels", "nfs4"),
        ("/media/local disk/kernels", "xfs"),
        ("/layers/x", "overlay"),
    ],
)
def test_the_file_system_is_the_one_of_the_last_mount_that_holds_the_folder(
    place: str, kind: str, tmp_path: Path
) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert filesystem(Path(place), tmp_path / "mountinfo") == kind


@given(st.text())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_whatever_the_kernel_lists_it_is_read(tmp_path: Path, listed: str) -> None:
    (tmp_path / "mountinfo").write_text(listed, errors="surrogatepass")
    assert isinstance(filesystem(tmp_path, tmp_path / "mountinfo"), str)


def test_without_mount_information_nothing_is_claimed(tmp_path: Path) -> None:
    assert filesystem(tmp_path, tmp_path / "missing") == ""


def test_a_network_share_is_warned_of_and_a_local_disk_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_kernel_cache_is_local() == []
    monkeypatch.setattr(checks, "filesystem", lambda place: "nfs4")
    (warning,) = checks.check_kernel_cache_is_local()
    assert "network share (nfs4)" in warning.msg and warning.id == "gpu.W001"


def test_a_driver_s_own_variable_is_not_overruled_in_silence(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPTIX_CACHE_PATH", raising=False)
    assert checks.check_kernel_cache_variables() == []
    monkeypatch.setenv("CUDA_CACHE_PATH", str(root / "cuda"))
    assert checks.check_kernel_cache_variables() == []
    monkeypatch.setenv("OPTIX_CACHE_PATH", "/var/tmp/mine")
    (warning,) = checks.check_kernel_cache_variables()
    assert "OPTIX_CACHE_PATH is set" in warning.msg and warning.id == "gpu.W002"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make folders of another user")
def test_what_root_makes_in_the_service_s_folder_is_the_service_s(settings: Any, tmp_path: Path) -> None:
    settings.KERNEL_CACHE_DIR = tmp_path / "kernels"
    settings.KERNEL_CACHE_DIR.mkdir()
    os.chown(settings.KERNEL_CACHE_DIR, 65534, 65534)
    assert caches.prepare() == ""
    owners = {path.stat().st_uid for path in settings.KERNEL_CACHE_DIR.rglob("*")}
    assert owners == {65534}
    assert "chown -R --reference=" in caches.root_warning()


def test_a_folder_that_another_user_left_is_told_with_the_command_that_mends_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = root / "cuda" / "a" / "b"
    left.mkdir(parents=True)
    monkeypatch.setattr(caches.os, "access", lambda path, mode: Path(path) != left)
    monkeypatch.setattr(caches.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(caches.os, "getegid", lambda: 100)
    trouble = caches.prepare()
    assert f"{left} can't be written by this user" in trouble
    assert trouble.endswith(f"sudo chown -R 1000:100 {root}")
