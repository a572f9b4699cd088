"""How findings stand to a baseline, and that every format tells it apart."""

import json
from collections.abc import Mapping
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest

from kit.terminal import printed
from refreshproof.reports import (
    Baseline,
    Entry,
    Report,
    Standing,
    from_dict,
    headline,
    schema,
    stale,
    standing,
    to_dict,
)
from refreshproof.reports.formats.junit import render_junit
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.formats.summary import render_summary

LOST, PERSIST = "rotation-lost-response", "rotation-persist-before-use"
ENTRIES = (
    Entry(requirement=LOST, provider="strict-single-use", anomaly="A1", reason="ours", link="https://issues.example/1"),
    Entry(requirement=LOST, provider="reuse-kills-family", anomaly="A0"),
    Entry(requirement=PERSIST, provider="atlassian", anomaly="A0", expires="2026-01-31", expired=True),
    Entry(requirement="secrets-not-in-url", provider="google", anomaly="A7", reason="in a log"),
    Entry(requirement="secrets-not-in-url", provider="not-played", anomaly="A7"),
    Entry(requirement="not-selected", provider="google", anomaly="A7"),
)
TOLD: Mapping[str, str] = {
    "known": "known (ours, https://issues.example/1)",
    "other anomaly": "another anomaly than is known: A0: a rotated token is lost",
    "expired": "known until 2026-01-31, which is over",
    "fixed": "secrets-not-in-url at google (A7: a secret is exposed) is fixed, and stands in the baseline yet",
}


@pytest.fixture
def compared(sample_report: Report) -> Report:
    return replace(sample_report, baseline=Baseline(file="known.toml", entries=ENTRIES))


def test_findings_are_new_known_others_or_past_their_date(compared: Report) -> None:
    found = {result.identity[:2]: standing(compared, result) for result in compared.results}
    assert found[LOST, "strict-single-use"] is Standing.KNOWN
    assert found[LOST, "reuse-kills-family"] is Standing.OTHER
    assert found[PERSIST, "atlassian"] is Standing.EXPIRED
    assert found[PERSIST, "strict-single-use"] is Standing.NEW
    assert found["secrets-not-in-url", "google"] is None


def test_only_what_was_seen_fixed_is_stale(compared: Report) -> None:
    assert [one.identity for one in stale(compared)] == [("secrets-not-in-url", "google", "A7")]


def test_without_a_baseline_nothing_is_said_of_one(sample_report: Report) -> None:
    assert {standing(sample_report, result) for result in sample_report.results} == {None}
    assert "aseline" not in printed(sample_report) + render_summary(sample_report)
    assert ">Baseline" not in render_page(sample_report)


def test_every_format_tells_them_apart(compared: Report) -> None:
    texts = {
        "console": printed(compared),
        "summary": render_summary(compared).replace("&#47;", "/").replace("\\", ""),
        "page": render_page(compared),
    }
    for name, text in texts.items():
        assert {word for word, told in TOLD.items() if told not in text} == set(), name
        assert "new at" in text, name


def test_junit_skips_what_is_known_and_fails_for_what_is_fixed(compared: Report) -> None:
    root = ElementTree.fromstring(render_junit(compared))  # noqa: S314 - our own text
    cases = {(case.get("classname", "").partition(".")[0], case.get("name")): case for case in root.iter("testcase")}
    known = cases["strict-single-use", LOST].find("skipped")
    assert known is not None
    assert "known (ours, https://issues.example/1)" in known.get("message", "")
    assert cases["reuse-kills-family", LOST].find("failure") is not None
    assert cases["atlassian", PERSIST].find("failure") is not None
    [suite] = [suite for suite in root if suite.get("name") == "baseline"]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    failures = sum(int(suite.get("failures", 0)) for suite in root)
    assert int(root.get("failures", 0)) == failures == len(list(root.iter("failure")))


def test_the_document_tells_them_apart_and_is_read_back(compared: Report) -> None:
    document = json.loads(json.dumps(to_dict(compared)))
    jsonschema.validate(document, schema())
    told = {one["standing"] for one in document["results"]}
    assert told == {None, *Standing}
    assert [one["requirement"] for one in document["fixed"]] == ["secrets-not-in-url"]
    assert from_dict(document) == compared


def test_the_verdict_counts_them(compared: Report) -> None:
    assert headline(compared).sentence.endswith(
        "against the baseline 6 new and 1 with another anomaly than is known and 1 known until a date that is over and "
        "1 known and 1 fixed and in the baseline yet"
    )
