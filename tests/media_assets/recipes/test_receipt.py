"""A receipt: what is told of a render reaches the films and stills that are made of it, and nothing is made up."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from types import SimpleNamespace
from typing import Any

from media_assets.recipes.receipt import Receipt, told


@dataclass(frozen=True)
class Longer(Receipt):
    """As a receipt would be with one line more."""

    energy_wh: float | None = told(
        outcome="energy_wh", copied=True, embedded=True, frames=sum, label="Energy", words="{:.1f} Wh"
    )


def rendered(**values: Any) -> Longer:
    """What a renderer told, each value another."""
    heard = {
        travel.outcome: {"sample": 2.0, "total": 3.0} if name == "seconds" else f"told {name}"
        for name, travel in Longer.travels()
        if travel.outcome
    }
    given = {**heard, "device": "GPU", "device_name": "RTX", "peak_mb": 2048.4, "energy_wh": 1.5, **values}
    return Longer.of_outcome(SimpleNamespace(**given), gpu_fallback=False)


def stored(receipt: Longer) -> Longer:
    """The receipt as it comes back from the database."""
    return Longer.from_json(json.loads(json.dumps(receipt.to_json())))


def test_every_field_says_how_it_travels_and_comes_back_from_json() -> None:
    assert [name for name, _ in Receipt.travels()] == [one.name for one in fields(Receipt)]
    whole = replace(rendered(), warnings=({"code": "dark", "text": "It is dark."},), master=7, learned={})
    assert stored(whole) == whole
    assert Receipt().to_json() == {}
    assert Receipt.from_json({"of another version": 1, "device_used": None}) == Receipt()


def test_a_new_field_goes_from_the_render_into_the_still() -> None:
    master = stored(rendered())
    still = stored(master.derived(master=1, seconds={"encode": 0.5}))
    for name, travel in Longer.travels():
        if travel.copied and name not in ("seconds", "warnings"):
            assert getattr(still, name) == getattr(master, name), name
    assert still.energy_wh == 1.5
    assert still.seconds == {"sample": 2.0, "total": 3.0, "encode": 0.5}
    assert (still.geometry_hit, still.peak_mb) == (None, None), "of the render alone"
    assert master.embedded()["energy_wh"] == 1.5
    assert ("Energy", "1.5 Wh") in still.shown()


def test_a_new_field_goes_from_the_frames_into_the_film() -> None:
    frames = [rendered(), rendered(energy_wh=2.5, peak_mb=4096.0, device_name="A5000"), rendered()]
    master = stored(Longer.of_frames([stored(one) for one in frames]))
    film = stored(master.derived(master=1, seconds={"encode": 0.5}))
    assert (master.energy_wh, film.energy_wh) == (5.5, 5.5)
    assert (film.device_name, film.frames, film.devices) == ("RTX", 3, {"GPU RTX": 2, "GPU A5000": 1})
    assert master.peak_mb == 4096.0 and ("Memory", "up to 4,096 MB") in master.shown()
    assert film.seconds == {"sample": 6.0, "total": 9.0, "encode": 0.5}
    assert master.seconds_per_frame == {"least": 3.0, "median": 3.0, "most": 3.0}


def test_one_frame_of_the_cpu_makes_a_film_of_the_cpu() -> None:
    frames = [
        rendered(),
        rendered(),
        replace(rendered(device="CPU", device_name="EPYC"), gpu_fallback=True),
    ]
    film = Longer.of_frames(frames)
    assert (film.device_used, film.device_name, film.gpu_fallback) == ("CPU", "EPYC", True)


def test_what_looks_wrong_in_many_frames_is_said_once_and_goes_with_what_the_file_adds() -> None:
    dark, cut = {"code": "dark", "text": "It is dark."}, {"code": "cut", "text": "It is cut."}
    frames = [rendered(), replace(rendered(), warnings=(dark,)), replace(rendered(), warnings=(dark,))]
    film = Longer.of_frames(frames)
    assert [one["text"] for one in film.warnings] == ["In 2 of 3 frames, from frame 2 on: It is dark."]
    still = replace(rendered(), warnings=(dark,)).derived(warnings=(cut,))
    assert still.to_json()["warnings"] == [dark, cut]
