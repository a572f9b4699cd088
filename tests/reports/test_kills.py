"""The kill matrix as a page and as a document: what was caught, what came with it, and what was not foreseen."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kit.page import ATTACK, Page
from refreshproof.reports import (
    FlawedClient,
    Kill,
    KillKind,
    KillMatrix,
    Proof,
    Report,
    kill_schema,
    kills_from_dict,
    proof_in_words,
    proof_of,
)
from refreshproof.reports.formats.kill_document import render_kill_json
from refreshproof.reports.formats.page.kill_page import SIGNS, kill_headline, render_kill_page
from refreshproof.reports.formats.summary import render_summary

CAUGHT = Kill(requirement="rotation-lost-response", kind=KillKind.CAUGHT, provider="google", why="It came again.")
ALSO = Kill(requirement="refresh-null-keeps", kind=KillKind.ALSO, provider="generic", why="It was lost.")
SPARED = Kill(requirement="accept-scope-as-set", kind=KillKind.SPARED)
UNRELATED = Kill(requirement="failure-retry-after", kind=KillKind.UNRELATED, provider="generic", why="It was early.")
MISSED = Kill(requirement="refresh-null-keeps", kind=KillKind.MISSED)
GOOD = FlawedClient(name="rotation-lost-response", flaw="Asks <twice>.", kills=(CAUGHT, ALSO, SPARED))
BAD = FlawedClient(name="refresh-null-keeps", flaw="Stores nothing.", kills=(MISSED, UNRELATED))


@pytest.fixture
def matrix_of(sample_report: Report) -> Callable[..., KillMatrix]:
    """Return a function from clients to their matrix."""
    return lambda *clients: KillMatrix(
        run=sample_report.run, providers=("google", "generic"), requirements=sample_report.requirements, clients=clients
    )


def test_a_matrix_is_read_back_as_it_was_written(matrix_of: Callable[..., KillMatrix]) -> None:
    matrix = matrix_of(GOOD, BAD)
    document = json.loads(render_kill_json(matrix))
    assert kills_from_dict(document) == matrix
    assert [client["caught"] for client in document["clients"]] == [True, False]
    assert set(kill_schema()["properties"]) == set(document)


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("clients", 0, "kills", 0, "kind"), "shot", r"\$.clients\[0\].kills\[0\].kind: 'shot' is not one of"),
        (("requirements", 0, "keyword"), "COULD", r"\$.requirements\[0\].keyword: 'COULD' is not one of"),
        (("run", "seed"), "x", r"\$.run.seed: 'x' is not of type 'integer'"),
    ],
)
def test_a_wrong_document_is_refused_by_place(
    matrix_of: Callable[..., KillMatrix], place: tuple[Any, ...], value: str, told: str
) -> None:
    document = json.loads(render_kill_json(matrix_of(GOOD)))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match=f"kill-matrix.json: {told}"):
        kills_from_dict(document)


def test_only_a_matrix_without_surprises_is_a_proof(matrix_of: Callable[..., KillMatrix]) -> None:
    matrix = matrix_of(GOOD)
    assert matrix.wrong == ()
    whole = replace(matrix, requirements=tuple(one for one in matrix.requirements if one.id == GOOD.name))
    assert kill_headline(whole).word == "Every check can fail"
    assert matrix_of(GOOD, BAD).wrong == (BAD,)
    assert kill_headline(matrix_of(GOOD, BAD)).sentence == (
        "1 of 2 clients with one flaw are caught by the check they are named after, "
        "1 of them fails an unrelated requirement; of 28 more checks nothing is shown"
    )


def test_a_matrix_of_some_clients_claims_nothing_of_all_checks(matrix_of: Callable[..., KillMatrix]) -> None:
    said = kill_headline(matrix_of(GOOD))
    assert said.word == "Partial: 1 of 30 checks were tried"
    assert said.sentence.endswith("; of 29 more checks nothing is shown")


def test_every_kill_is_in_the_matrix_and_leads_to_what_the_check_said(matrix_of: Callable[..., KillMatrix]) -> None:
    page = Page(render_kill_page(matrix_of(GOOD, BAD)))
    cells = {a["href"]: a["title"] for a in page.all("a") if "cell" in (a.get("class") or "").split()}
    assert cells == {
        f"#{client.name}.{kill.requirement}": f"{client.name}: {kill.requirement} {kill.kind}"
        for client in (GOOD, BAD)
        for kill in client.kills
    }
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(page.values("id"))
    assert page.text["p: at google: It came again."] == 1
    assert all(th["scope"] in {"col", "row"} for th in page.all("th"))


def test_no_text_of_a_matrix_becomes_markup(matrix_of: Callable[..., KillMatrix]) -> None:
    plain = matrix_of(GOOD, BAD)
    hostile = matrix_of(*(replace(one, flaw=one.flaw + ATTACK) for one in plain.clients))
    tags = [[tag for tag, _ in Page(render_kill_page(matrix)).elements] for matrix in (plain, hostile)]
    assert tags[0] == tags[1]


def test_every_kind_is_explained_by_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(KillKind)
    assert len({sign.grade for sign in SIGNS.values()}) == len(KillKind)


def test_a_report_beside_a_matrix_tells_what_it_has_shown(
    matrix_of: Callable[..., KillMatrix], sample_report: Report
) -> None:
    proof = proof_of(matrix_of(GOOD), "kill-matrix.html")
    assert proof == Proof(clients=1, caught=1, unrelated=0, version="0.1.0", page="kill-matrix.html", untried=29)
    assert f"Proof of the checks: {proof_in_words(proof)}." in render_summary(replace(sample_report, proof=proof))
    assert "Proof" not in render_summary(sample_report)
