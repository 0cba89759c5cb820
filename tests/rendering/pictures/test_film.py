"""Films for real: every format decoded again, its colors, alpha, times and what it says of itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from gpu.models import SystemSettings
from gpu.queues.topology import CPU_QUEUE
from media_assets.models import MediaAsset, Product
from rendering.farm import execute
from rendering.models import Job, OrderLine
from rendering.pictures import animated_webp, ffmpeg, film, film_gate, gate, likeness
from rendering.pictures.limits import EncodingLimits
from tests.media import path_of
from tests.rendering import films
from tests.rendering.films import film_master, film_type, in_this_process, no_blender_left
from tests.rendering.steps import order

__all__ = ["in_this_process", "no_blender_left"]

pytestmark = [pytest.mark.django_db]

LIMITS = EncodingLimits(60, 30, 0)
CLEAR = {"background": "transparent"}


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return films.product(tmp_path)


def film_from_master(product: Product, tmp_path: Path, **fields: Any) -> MediaAsset:
    """Order a film whose frames are there, drawn, and return it."""
    kind = film_type("film", **fields)
    film_master(product, film_type("frames", width=96, height=96), tmp_path)
    line = order(product, kind.slug).lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE, line.error
    assert line.asset is not None
    return line.asset


def decoded(path: Path, size: tuple[int, int], *decoder: str) -> list[Image.Image]:
    raw = subprocess.run(
        [ffmpeg.program(), "-v", "error", *decoder, "-i", path, "-f", "rawvideo", "-pix_fmt", "rgba", "-"],
        capture_output=True,
        check=True,
    ).stdout
    length = size[0] * size[1] * 4
    return [Image.frombytes("RGBA", size, raw[at : at + length]) for at in range(0, len(raw), length)]


def said_of(path: Path) -> str:
    return subprocess.run(
        [ffmpeg.program(), "-hide_banner", "-i", path], capture_output=True, text=True, check=False
    ).stderr


def atoms(data: bytes) -> list[bytes]:
    names, at = [], 0
    while at + 8 <= len(data):
        names.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4]) or len(data)
    return names


def near(found: tuple[int, ...], wanted: tuple[int, ...], most: int = 12) -> bool:
    return all(abs(one - other) <= most for one, other in zip(found, wanted, strict=True))


def test_an_mp4_starts_at_once_and_says_what_its_colors_are(product: Product, tmp_path: Path) -> None:
    asset = film_from_master(product, tmp_path, format="mp4", background_color="#20a060")
    data = path_of(asset).read_bytes()
    names = atoms(data)
    assert names.index(b"moov") < names.index(b"mdat"), "a browser plays it before it has it all"
    colr = data.index(b"colrnclx")
    assert [int.from_bytes(data[colr + at : colr + at + 2]) for at in (8, 10, 12)] == [1, 1, 1]
    assert data[colr + 14] == 0, "television range"
    assert "yuv420p(tv, bt709, progressive), 48x48" in said_of(path_of(asset))
    frames = decoded(path_of(asset), (48, 48))
    assert len(frames) == 6
    assert near(frames[0].getpixel((47, 2)), (0x20, 0xA0, 0x60, 255)), "the background"
    assert asset.recipe_key.encode() in data


def test_a_webm_has_the_alpha_of_its_frames_and_no_dark_fringe(product: Product, tmp_path: Path) -> None:
    asset = film_from_master(product, tmp_path, format="webm", width=96, height=96, **CLEAR)
    frames = decoded(path_of(asset), (96, 96), "-c:v", "libvpx-vp9")
    assert len(frames) == 6
    assert frames[0].getpixel((90, 4))[3] == 0
    assert near(frames[0].getpixel((10, 18)), (190, 60, 50, 255))
    assert near((frames[0].getpixel((50, 90))[3],), (90,)), "the shadow is half there"
    edge = [pixel for pixel in frames[0].getdata() if 100 < pixel[3] < 250]
    assert all(pixel[0] > 110 for pixel in edge), "red to its very edge"


def test_a_webm_with_a_background_is_opaque(product: Product, tmp_path: Path) -> None:
    asset = film_from_master(product, tmp_path, format="webm", background="gradient", width=95, height=95)
    assert "alpha_mode" not in said_of(path_of(asset))
    (first, *_) = decoded(path_of(asset), (95, 95), "-c:v", "libvpx-vp9")
    assert first.getextrema()[3] == (255, 255)
    assert first.getpixel((90, 0))[0] > first.getpixel((90, 80))[0], "lighter on top"


def test_an_animated_webp_goes_round_for_ever_in_its_time(product: Product, tmp_path: Path) -> None:
    asset = film_from_master(product, tmp_path, format="awebp", frames=6, fps=7, **CLEAR)
    with Image.open(path_of(asset)) as animated_webp:
        assert (animated_webp.n_frames, animated_webp.size, animated_webp.info["loop"]) == (6, (48, 48), 0)
        times = []
        for number in range(6):
            animated_webp.seek(number)
            animated_webp.load()
            times.append(animated_webp.info["duration"])
        assert times == [143, 143, 143, 142, 143, 143]
        assert animated_webp.convert("RGBA").getpixel((2, 2))[3] == 0
        comment = animated_webp.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
        assert json.loads(comment[8:])["recipe_key"] == asset.recipe_key


@pytest.mark.parametrize("format_name", ["mp4", "webm", "awebp"])
def test_a_film_says_who_made_it_and_which_product_it_shows(
    product: Product, tmp_path: Path, format_name: str
) -> None:
    SystemSettings.load()
    SystemSettings.objects.update(creator="Studio A", copyright="© Acme")
    path = path_of(film_from_master(product, tmp_path, format=format_name, product_data=True))
    content = path.read_bytes()
    if format_name == "webm":
        words = said_of(path)
        assert "ARTIST" in words and "Studio A" in words and "digitalCreation" in words
        assert "© Acme" in words and f"PRODUCT         : {product.number}" in words
    else:
        start, end = content.index(b"<x:xmpmeta"), content.index(b"</x:xmpmeta>")
        packet = content[start:end].decode()
        assert f"<rdf:li>product:{product.number}</rdf:li>" in packet and "© Acme" in packet
    if format_name == "mp4":
        assert "copyright       : © Acme" in said_of(path)


@pytest.mark.parametrize(
    "fields", [{"format": "mp4"}, {"format": "webm", **CLEAR}, {"format": "awebp", **CLEAR}]
)
def test_the_same_film_is_the_same_bytes(product: Product, tmp_path: Path, fields: dict[str, Any]) -> None:
    master = film_master(product, film_type("frames", width=96, height=96), tmp_path)
    recipe = {"width": 48, "height": 48, "fps": 24, "quality": 90, "background": ["#ffffff"], **fields}
    if "background" in fields:
        recipe["background"] = []
    made = []
    for number in (1, 2):
        target = tmp_path / f"film{number}.{'webp' if fields['format'] == 'awebp' else fields['format']}"
        pictures = (image.tobytes() for image in film.pictures(path_of(master), recipe))
        ffmpeg.run(
            film.arguments(recipe, {"key": "x"}, str(target)), tmp_path, LIMITS, lambda _: None, pictures
        )
        made.append(target.read_bytes())
    assert made[0] == made[1]


def test_lists_have_a_small_picture_of_a_film(product: Product, tmp_path: Path) -> None:
    asset = film_from_master(product, tmp_path, format="mp4", width=64, height=64)
    with Image.open(path_of(asset.poster)) as poster:
        assert (poster.format, poster.size) == ("WEBP", (64, 64))


@pytest.mark.parametrize(("format_name", "qualities"), [("mp4", (18, 23, 49)), ("webm", (24, 30, 62))])
def test_quality_becomes_a_rate_factor(format_name: str, qualities: tuple[int, ...]) -> None:
    assert tuple(film.crf(format_name, quality) for quality in (90, 75, 1)) == qualities
    assert film.crf(format_name, 100) > 0


def test_a_master_that_is_damaged_ends_the_job_with_a_reason(product: Product, tmp_path: Path) -> None:
    kind = film_type("film")
    master = film_master(product, kind, tmp_path)
    content = path_of(master).read_bytes()
    path_of(master).write_bytes(content[: len(content) // 2])
    order(product, kind.slug)
    execute.work(CPU_QUEUE)
    job = Job.objects.get()
    assert (job.state, job.error_code) == ("failed", "master_damaged")
    assert not path_of(master).exists(), "out of the way: a retry renders it again"


class TestGate:
    """What leaves the encoder is looked at to its last frame."""

    RECIPE: dict[str, Any] = {
        "width": 48,
        "height": 48,
        "fps": 24,
        "quality": 90,
        "background": ["#ffffff"],
        "view": {"frames": 6},
    }

    def encoded(self, folder: Path, numbers: list[int], **recipe: Any) -> Path:
        wanted = self.RECIPE | recipe
        target = folder / f"film.{'webp' if wanted['format'] == 'awebp' else wanted['format']}"
        pictures = (self.shown(number, wanted).tobytes() for number in numbers)
        ffmpeg.run(film.arguments(wanted, {}, str(target)), folder, LIMITS, lambda _: None, pictures)
        return target

    def shown(self, number: int, recipe: dict[str, Any]) -> Image.Image:
        image = films.drawn(number, 6, (recipe["width"], recipe["height"]))
        if film.is_transparent(recipe):
            return film.bled(image)
        return film.flattened(image, recipe["background"])

    def check(self, path: Path, recipe: dict[str, Any]) -> None:
        small = [likeness.small(self.shown(number, recipe)) for number in range(1, 7)]
        film_gate.check(path, recipe, small, LIMITS, lambda _: None)

    @pytest.mark.parametrize("format_name", ["mp4", "webm", "awebp"])
    @pytest.mark.parametrize(
        ("numbers", "message"),
        [
            ([1, 2, 3, 4, 5, 6], ""),
            ([1, 2, 3, 4, 5], "frames|lasts"),
            ([1, 2, 3, 3, 5, 6], "Frame 4 of the film"),
        ],
    )
    def test_each_frame_is_the_one_that_was_rendered(
        self, tmp_path: Path, format_name: str, numbers: list[int], message: str
    ) -> None:
        recipe = self.RECIPE | {"format": format_name}
        path = self.encoded(tmp_path, numbers, format=format_name)
        if not message:
            self.check(path, recipe)
            return
        with pytest.raises(gate.GateError, match=message):
            self.check(path, recipe)

    def test_frames_that_look_the_same_may_be_one_in_an_animation(self, tmp_path: Path) -> None:
        recipe = self.RECIPE | {"format": "awebp"}
        numbers = [1, 2, 2, 2, 5, 5]
        path = self.encoded(tmp_path, numbers, format="awebp")
        animated_webp.finish(path, 24, {})
        small = [likeness.small(self.shown(number, recipe)) for number in numbers]
        film_gate.check(path, recipe, small, LIMITS, lambda _: None)
        with Image.open(path) as found:
            assert found.n_frames == 3

    @pytest.mark.parametrize("format_name", ["mp4", "webm", "awebp"])
    def test_the_lowest_quality_passes(self, tmp_path: Path, format_name: str) -> None:
        recipe = self.RECIPE | {"format": format_name, "quality": 1}
        self.check(self.encoded(tmp_path, [1, 2, 3, 4, 5, 6], format=format_name, quality=1), recipe)

    def test_a_film_without_the_alpha_that_was_ordered_is_refused(self, tmp_path: Path) -> None:
        path = self.encoded(tmp_path, [1, 2, 3, 4, 5, 6], format="webm")
        with pytest.raises(gate.GateError, match="does not show what was rendered"):
            self.check(path, self.RECIPE | {"format": "webm", "background": []})

    def test_a_film_of_another_size_is_refused(self, tmp_path: Path) -> None:
        path = self.encoded(tmp_path, [1, 2, 3, 4, 5, 6], format="mp4", width=32)
        with pytest.raises(gate.GateError, match="32 x 48 px"):
            self.check(path, self.RECIPE | {"format": "mp4"})

    @pytest.mark.parametrize("format_name", ["mp4", "awebp"])
    def test_a_film_that_is_cut_off_is_refused(self, tmp_path: Path, format_name: str) -> None:
        path = self.encoded(tmp_path, [1, 2, 3, 4, 5, 6], format=format_name)
        path.write_bytes(path.read_bytes()[:-200])
        with pytest.raises((gate.GateError, ffmpeg.JobError)):
            self.check(path, self.RECIPE | {"format": format_name})
