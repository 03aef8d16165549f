"""Every clause of the plan is implemented by something, and nothing names a clause it lacks."""

import os
from pathlib import Path

import pytest
import yaml

from ivr.documents import BrokenDocument
from ivr.editions import edition_files
from ivr.playbook.clause_map import Row, clause_map, unlisted, unspoken
from ivr.playbook.library import compile_library
from ivr.playbook.model import Library
from tests.fakes.stage import ROOT, shipped_edition

pytestmark = pytest.mark.calls

SHARED = Path(os.environ.get("IVR_SHARED", ROOT.parent / "shared"))
FILES = edition_files(ROOT)
ROWS = clause_map(shipped_edition().library, FILES)


def test_all_113_clauses_and_24_overrides_are_listed() -> None:
    overrides = [row for row in ROWS if row.clause.startswith("OVR-")]
    assert (len(ROWS) - len(overrides), len(overrides)) == (113, 24)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_the_clause_is_implemented_by_what_its_kind_asks_for(row: Row) -> None:
    assert row.complete, f"{row} | {row.quote}"


def test_nothing_names_a_clause_that_the_plan_does_not_have() -> None:
    assert unlisted(shipped_edition().library, ROWS) == []


def test_the_copy_is_the_plans_own_list() -> None:
    file = SHARED / "plan" / "clauses.yaml"
    if not file.exists():
        pytest.skip("plan/clauses.yaml is not beside this repository (IVR_SHARED)")
    plan = yaml.safe_load(file.read_text(encoding="utf-8"))
    own = {row.clause: (list(row.kinds), row.quote) for row in ROWS}
    for clause in plan["clauses"]:
        assert own.pop(clause["id"]) == (clause["kind"], clause["quote"])
    assert set(own) == {override["id"] for override in plan["overrides"]}


def without(clause: str) -> Library:
    """The shipped edition with one clause struck from every playbook."""
    files = {
        name: text if name == "playbooks/clauses.yaml" else text.replace(clause, "PURP-1")
        for name, text in FILES.items()
    }
    return compile_library(files)


def test_a_clause_that_nothing_implements_is_found() -> None:
    bare = {row.clause for row in clause_map(without("INJ-7c"), FILES) if not row.complete}
    assert bare == {"INJ-7c"}


def test_a_clause_of_our_own_invention_is_found() -> None:
    files = {name: text.replace("[LIFT-1d]", "[LIFT-9z]") for name, text in FILES.items()}
    library = compile_library(files)
    assert unlisted(library, clause_map(library, files)) == ["LIFT-9z"]


def test_a_consent_clause_is_not_satisfied_by_a_task_without_consent() -> None:
    files = {name: text.replace("consent: true, ", "") for name, text in FILES.items()}
    bare = [row.clause for row in clause_map(compile_library(files), files) if not row.complete]
    assert bare == ["LIFT-2b"]


def test_a_missing_list_says_so() -> None:
    with pytest.raises(BrokenDocument, match=r"playbooks/clauses\.yaml, line 1"):
        clause_map(shipped_edition().library, {})


def test_every_line_and_question_names_what_backs_it() -> None:
    for book in shipped_edition().library.playbooks.values():
        for backed in (*book.lines.values(), *book.questions.values()):
            assert backed.clauses or backed.source, backed.id


def test_a_line_that_is_never_said_implements_nothing() -> None:
    old, new = "  - {ask: HOME-Q3}\n", ""
    name = "playbooks/trapped_home.yaml"
    files = {**FILES, name: FILES[name].replace(old, new)}
    row = next(r for r in clause_map(compile_library(files), files) if r.clause == "HOME-6")
    assert "question HOME-Q3" not in row.by
    whole = next(r for r in ROWS if r.clause == "HOME-6")
    assert "question HOME-Q3" in whole.by


SPARE = {"FIRE-L10", "FIRE-L11", "GAS-L3", "G-13", "G-14", "G-15", "S-03", "S-04"}
"""Said by people or the transfer's staff leg, or kept for when time allows. May only shrink."""


def test_the_library_holds_no_line_that_nobody_says() -> None:
    assert unspoken(shipped_edition().library) - SPARE == set()
