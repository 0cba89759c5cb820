"""The conditions of a workflow's steps: met or not, and always with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from media_assets.formats.cad import CAD_FORMATS
from rendering.models.steps import Facts, Step, StepOutcome, Verdict, differences, judge, leads

FACTS = Facts(number="AB-100", format="step", is_first=True, instances=3, longest=80.0)
PLAIN = Step("output", output_type=1, slug="draft", name="Draft")

numbers = st.floats(min_value=0, max_value=1000)
steps = st.builds(
    Step,
    kind=st.sampled_from(["convert", "usd", "output"]),
    output_type=st.none() | st.integers(1, 5),
    when=st.sampled_from(["always", "first", "revision"]),
    numbers=st.sampled_from(["", "AB-*", "10*, ab-1??", " , "]),
    formats=st.sets(st.sampled_from(sorted(CAD_FORMATS))).map(lambda some: tuple(sorted(some))),
    structure=st.sampled_from(["", "assembly", "part"]),
    longest_min=st.none() | numbers,
    longest_max=st.none() | numbers,
    after=st.none() | st.integers(1, 4),
)
facts = st.builds(
    Facts,
    number=st.sampled_from(["AB-100", "1001", "x"]),
    format=st.sampled_from(sorted(CAD_FORMATS)),
    is_first=st.booleans(),
    instances=st.integers(0, 9),
    longest=numbers,
)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"when": "revision"}, "first CAD file"),
        ({"numbers": "10*, X?"}, "not like 10* or X?"),
        ({"formats": ("stl", "obj")}, "is STEP, not STL or OBJ"),
        ({"structure": "part"}, "assembly of 3 placed parts"),
        ({"longest_min": 100.0}, "80 mm, less than 100 mm"),
        ({"longest_max": 50.0}, "80 mm, more than 50 mm"),
    ],
)
def test_a_condition_that_is_not_met_says_why(changes: dict[str, object], says: str) -> None:
    verdict, reason = judge(replace(PLAIN, **changes), FACTS)
    assert verdict == Verdict.SKIP and says in str(reason)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["AB-* oder X?", "STL, OBJ oder IGES", "höchstens 0,5 mm"]),
        ("zh-hans", ["AB-* 或 X?", "STL，OBJ 或 IGES", "0.5 mm"]),
    ],
)
def test_conditions_are_lists_and_numbers_of_the_readers_language(language: str, words: list[str]) -> None:
    step = replace(PLAIN, numbers="AB-*, X?", formats=("stl", "obj", "iges"), longest_max=0.5)
    with translation.override(language):
        said = step.conditions
    assert [one for one, condition in zip(words, said, strict=True) if one not in condition] == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"when": "first"},
        {"numbers": "ab-*"},
        {"formats": ("step",)},
        {"structure": "assembly"},
        {"longest_min": 80.0, "longest_max": 80.0},
    ],
)
def test_a_condition_that_is_met_lets_the_step_run(changes: dict[str, object]) -> None:
    assert judge(replace(PLAIN, **changes), FACTS) == (Verdict.RUN, None)


@given(steps, facts, st.none() | st.sampled_from(StepOutcome))
def test_every_verdict_has_a_reason_and_nothing_waits_for_what_is_known(
    step: Step, known: Facts, earlier: StepOutcome | None
) -> None:
    verdict, reason = judge(step, known, earlier)
    assert bool(reason) == (verdict != Verdict.RUN)
    if verdict == Verdict.LATER:
        assert step.after and earlier in (None, StepOutcome.OPEN)
    assert Step.from_json(step.to_json()) == step


@given(steps, facts, st.none() | st.sampled_from(StepOutcome))
def test_what_is_decided_before_a_file_is_read_stays_so_afterwards(
    step: Step, known: Facts, earlier: StepOutcome | None
) -> None:
    unread = replace(known, instances=None, longest=None)
    before, after = judge(step, unread, earlier), judge(step, known, earlier)
    if before[0] != Verdict.LATER:
        assert before == after


@given(st.lists(st.sampled_from([0, 5]), min_size=1, max_size=8))
def test_an_earlier_step_is_always_ahead_and_a_thumbnail_keeps_its_lead(natural: list[int]) -> None:
    found = leads([PLAIN] * len(natural), natural)
    assert found == sorted(set(found), reverse=True)
    assert all(lead >= own for lead, own in zip(found, natural, strict=True))
    assert found[-1] == natural[-1]


def test_what_distinguishes_two_versions_is_said_in_words() -> None:
    convert, film = Step("convert"), Step("output", output_type=2, name="Film")
    told = differences([convert, PLAIN], [PLAIN, replace(convert, structure="part"), film])
    assert told == [
        "Step 3 is new: Film",
        "New order of the steps: Draft, Convert (standard), Film",
        "Convert (standard): only single parts",
    ]
    assert differences([PLAIN], [PLAIN]) == []
    assert differences([convert, PLAIN], [PLAIN]) == ["Step 1 was removed: Convert (standard)"]
