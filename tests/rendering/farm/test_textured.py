"""A picture with textures or a studio: Blender is lent their files, and one that is gone is an error that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from blender_scripts.finish_rules import Rule
from blender_scripts.labels import LabelSpec
from media_assets import storage
from rendering.catalog.images.receiving import receive
from rendering.catalog.images.textures import TEXTURE
from rendering.farm.runners import render
from rendering.management.backup.contents import named_files
from rendering.models import Finish, Job, Studio
from rendering.models.errors import JobError
from tests import factories
from tests.media import path_of
from tests.rendering.panoramas import needs_reader
from tests.rendering.textures import write_texture

pytestmark = [pytest.mark.django_db, needs_reader]


def test_blender_is_lent_the_files_of_textures_and_misses_one_that_is_gone(tmp_path: Path) -> None:
    kept = receive(TEXTURE, write_texture(tmp_path / "a.png"), "a.png", name="Oak")
    printed = receive(TEXTURE, write_texture(tmp_path / "b.png", 40, 40), "b.png", name="Logo")
    rubber, steel = Finish.objects.get(slug="rubber"), Finish.objects.get(slug="ground_steel")
    rubber.texture = kept
    rules = [Rule(one.as_form(), words=word).to_json() for one, word in ((rubber, "seal"), (steel, "ring"))]
    label = LabelSpec(printed.sha256, "/Ring", (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), 20.0).to_json()
    view = {"look": {"hdri": ""}, "finishes": {"labels": [label]}}
    job = Job(spec={"recipe": {"view": view}, "rules": rules})
    geometry = factories.geometry(factories.cad_file(), tmp_path)
    with render.inputs(job, geometry) as given:
        assert given.panorama == ""
        assert set(given.textures) == {kept.sha256, printed.sha256}
        assert Path(given.textures[kept.sha256]).read_bytes() == path_of(kept).read_bytes()
    assert {kept.file.name, f"{Path(kept.file.name).with_suffix('')}.preview.webp"} <= set(
        named_files("default")
    )
    path_of(kept).unlink()
    with (
        pytest.raises(JobError, match=r"A texture of this picture is gone \(textures/"),
        render.inputs(job, geometry),
    ):
        pass


def test_blender_is_lent_the_studio_and_misses_one_that_is_gone(tmp_path: Path) -> None:
    stored = storage.store_bytes(b"{}", "studios", ".json")
    Studio.objects.create(name="Hall", file=stored.name, sha256=stored.sha256)
    job = Job(spec={"recipe": {"view": {"look": {"hdri": "", "studio": stored.sha256}}}})
    geometry = factories.geometry(factories.cad_file(), tmp_path)
    with render.inputs(job, geometry) as given:
        assert given.panorama == ""
        assert Path(given.studio).read_bytes() == b"{}"
    assert stored.name in named_files("default")
    storage.delete(stored.name)
    with (
        pytest.raises(JobError, match=r"The studio that lights this picture is gone \(studios/"),
        render.inputs(job, geometry),
    ):
        pass
