"""An error is a code with details; its words come from one table, where it is shown."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from media_assets.cad.error_table import CAD_ERRORS
from media_assets.cad.errors import CadError
from media_assets.cad.problem import ErrorKind, Failure, Wording, describe
from rendering.catalog.images.registry import KINDS
from rendering.models.errors import ERRORS
from tests.test_imports import PROJECT

RAISERS = {"CadError": CAD_ERRORS, "JobError": ERRORS}
# Errors that name only the case, with their code.
OF_ONE_CODE = {
    "GateError": "quality_gate",
    "gate.GateError": "quality_gate",
    **{
        f"Bad{what}": f"bad_{what.lower()}" for what in ("Geometry", "Label", "Panorama", "Studio", "Texture")
    },
}


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the code that makes an error, with where it is."""
    for app in ("media_assets", "rendering", "blender_scripts"):
        for path in sorted((PROJECT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (made := _as_raiser(node)):
                    yield f"{path.relative_to(PROJECT)}:{node.lineno}", made


def _as_raiser(call: ast.Call) -> ast.Call | None:
    """The call with its code first."""
    name = ast.unparse(call.func)
    if code := OF_ONE_CODE.get(name):
        return ast.Call(call.func, [ast.Constant(code), *call.args], call.keywords)
    return call if name == "Failure.of" or name in RAISERS else None


def constants(node: ast.expr) -> list[str]:
    """What an argument may be: itself, or either side of a condition; nothing when it is found out."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*constants(node.body), *constants(node.orelse)]
    return []


def fields(wording: Wording) -> set[str]:
    texts = (wording.message, wording.step, wording.title, wording.about)
    found = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    return found - {"about"}


def test_every_error_that_the_code_makes_is_in_the_table_with_the_details_that_its_message_names() -> None:
    wrong = []
    for where, call in raised():
        code = constants(call.args[0])
        cases = constants(call.args[1]) if len(call.args) > 1 else [""]
        given = {keyword.arg for keyword in call.keywords if keyword.arg not in (None, "words")}
        kind = ERRORS.get(code[0]) if code else None
        for case in cases if kind else []:
            wanted = fields(kind.cases[case]) if case in kind.cases else {"said"} if not case else None
            if wanted != given and None not in {keyword.arg for keyword in call.keywords}:
                wrong.append(f"{where}: {code[0]}, {case}: {sorted(map(str, given))}")
        if code and kind is None:
            wrong.append(f"{where}: {code[0]} is not in the table")
    assert not wrong


def test_every_message_in_the_table_is_made_somewhere() -> None:
    made = {
        (code, case)
        for _, call in raised()
        if len(call.args) > 1
        for code in constants(call.args[0])
        for case in constants(call.args[1])
    }
    found_out = {("not_cad", case) for case in ERRORS["not_cad"].cases if "packed" not in case}
    # As the error of the storage says it: of a folder, or of a bucket.
    found_out |= {
        (code, case) for code in ("media_read_only", "storage_away") for case in ("folder", "bucket")
    }
    found_out |= {("source_missing", kind.name) for kind in KINDS}  # of the row whose file is gone
    # What `blender_scripts.stage.failures` makes of Blender's own words.
    found_out |= {("out_of_memory", "host"), ("out_of_memory", "somewhere")}
    found_out |= {("gpu_failed", "said"), ("render_failed", "said")}
    known = {(code, case) for code, kind in ERRORS.items() for case in kind.cases}
    assert known - made - found_out == set()


@pytest.mark.parametrize("code", ERRORS)
def test_every_code_has_a_title_and_a_next_step(code: str) -> None:
    assert ERRORS[code].title and ERRORS[code].step.endswith((".", "'import_cad --unit'."))


def test_a_code_of_the_reader_is_no_other_in_the_app_above() -> None:
    for code, kind in CAD_ERRORS.items():
        assert (ERRORS[code].title, ERRORS[code].step) == (kind.title, kind.step)
        assert kind.cases.items() <= ERRORS[code].cases.items()


def test_message_step_and_readers_words_stand_apart_and_come_together_in_the_text_for_programs() -> None:
    failure = CadError("damaged", "crash", words="Line 26: Incorrect syntax", signal="SIGSEGV").failure
    problem = describe(CAD_ERRORS, failure)
    assert problem.title == "The file is damaged"
    assert problem.message.startswith("The CAD reader crashed on this file (SIGSEGV)")
    assert problem.next_step.startswith("Open it in the CAD system")
    assert problem.words == "Line 26: Incorrect syntax"
    assert problem.text == (
        f"{problem.message} {problem.next_step} The reader said: Line 26: Incorrect syntax "
        f"{CAD_ERRORS['damaged'].step}"
    )


def test_a_failure_has_one_json_form() -> None:
    failure = CadError("too_large", "triangles", limit=20_000_000).failure
    kept = json.loads(json.dumps(failure.to_json()))
    assert Failure.from_json(kept) == failure
    assert "20,000,000 triangles" in describe(CAD_ERRORS, failure).message


def test_details_may_be_any_bytes_of_a_crashing_program() -> None:
    failure = Failure.of("damaged", "crash", words="\0\udcff", signal=Path("/x"))
    json.dumps(failure.to_json(), ensure_ascii=False).encode()
    assert "\0" not in str(failure.details)


def test_what_failed_before_errors_had_details_is_shown_with_its_text_and_the_step_once() -> None:
    step = CAD_ERRORS["empty"].step
    old = describe(CAD_ERRORS, Failure("empty", {"said": "The file is empty (0 bytes)."}))
    assert (old.message, old.next_step) == ("The file is empty (0 bytes).", step)
    glued = describe(CAD_ERRORS, Failure("empty", {"said": f"The file is empty. {step}"}))
    assert glued.next_step == "" and glued.text == glued.message


def test_a_failure_of_another_version_is_shown_as_well_as_can_be() -> None:
    assert describe(ERRORS, Failure("something_new", {"said": "It broke."})).message == "It broke."
    assert describe(ERRORS, Failure("something_new")).title == "It failed"
    lacking = describe(ERRORS, Failure("hung", {"case": "reader"}))
    assert lacking.title == "The reader got stuck" and "did not end" in lacking.message


def test_words_are_translated_where_they_are_shown_with_the_phrases_in_them() -> None:
    kinds = {"odd": ErrorKind("title", "step", {"one": Wording("it is {about}", about="{number} odd")})}
    problem = describe(kinds, Failure.of("odd", "one", number=3), lambda text: text.upper().lower() + "!")
    assert problem.message == "it is 3 odd!!" and problem.title == "title!"


def test_the_reader_knows_no_other_codes() -> None:
    with pytest.raises(ValueError, match="no code of the CAD reader"):
        CadError("timed_out")
