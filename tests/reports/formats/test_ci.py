"""The formats of CI systems: every grade as each shows it, what is known and what is fixed, and where it points."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from kit.ci_readers import READERS, commands
from refreshproof.reports import FORMATS, Baseline, Entry, Grade, Outcome, Report, causes, findings, grade
from refreshproof.reports.formats.problems import TROUBLE, problems
from refreshproof.reports.formats.summary import LARGEST, render_summary


def document(name: str, report: Report) -> Any:
    return json.loads(FORMATS[name].render(report))


@pytest.fixture(scope="module")
def against_baseline(sample_report: Report) -> Report:
    """The sample report where one finding is known, one entry is fixed and one is past its day."""
    first, second, *_ = [one for one in findings(sample_report) if one.outcome is Outcome.VIOLATED]
    entries = (
        Entry(requirement=first.requirement, provider=first.provider, anomaly=first.anomaly, reason="later"),
        Entry(requirement=second.requirement, provider=second.provider, anomaly=second.anomaly, expired=True),
        Entry(requirement="accept-token-type", provider="google", anomaly="A16"),
    )
    return replace(sample_report, baseline=Baseline(file="known.toml", entries=entries))


@pytest.mark.parametrize("name", FORMATS)
def test_its_consumer_reads_every_format_with_every_grade_in_it(
    name: str, sample_report: Report, against_baseline: Report
) -> None:
    assert {grade(result) for result in sample_report.results} == set(Grade)
    empty = replace(sample_report, results=(), run=replace(sample_report.run, troubles=()))
    for report in (sample_report, against_baseline, empty, replace(sample_report, complete=False)):
        READERS[name](FORMATS[name].render(report))


def test_a_test_of_ctrf_has_the_status_of_its_grade(sample_report: Report) -> None:
    tests = [one for one in document("ctrf", sample_report)["results"]["tests"] if "extra" in one]
    assert {(one["extra"]["grade"], one["status"]) for one in tests} == {
        ("FAIL", "failed"), ("BROKEN", "failed"), ("WARN", "passed"), ("UNTESTED", "skipped"), ("UNTESTED", "failed"),
        ("BLOCKED", "pending"), ("INFO", "passed"), ("PASS", "passed"), ("NA", "skipped"),
    }  # fmt: skip


def test_sarif_and_gitlab_and_github_list_what_is_to_be_looked_at(sample_report: Report) -> None:
    listed = Counter(one.grade for one in problems(sample_report))
    # one that is untested is owed, the other is not; one that is blocked is owed; the trouble stops the run
    assert listed == {
        Grade.FAIL: 6, Grade.BROKEN: 2, Grade.WARN: 3, Grade.UNTESTED: 1, Grade.BLOCKED: 2, Grade.INFO: 1
    }  # fmt: skip
    results = document("sarif", sample_report)["runs"][0]["results"]
    assert Counter(one["level"] for one in results) == {"error": 11, "warning": 3, "note": 1}
    issues = document("gitlab", sample_report)
    assert Counter(one["severity"] for one in issues) == {
        "critical": 6, "blocker": 2, "minor": 3, "major": 3, "info": 1
    }  # fmt: skip
    told = commands(FORMATS["github"].render(sample_report))
    assert [kind for kind, _, _ in told] == ["error"] * 8 + ["warning", "notice"]


def test_ten_annotations_are_of_ten_causes_and_each_says_what_more_comes_from_it(sample_report: Report) -> None:
    told = commands(FORMATS["github"].render(sample_report))
    assert told[2][1]["title"] == "FAIL rotation-persist-before-use at atlassian"
    assert told[2][2].endswith(
        " 4 more findings of the same cause: rotation-persist-before-use, rotation-lost-response."
    )
    finding = causes(sample_report)[0].head[0]
    requirement = next(one for one in sample_report.requirements if one.id == finding.requirement)
    numbers = range(12)
    report = replace(
        sample_report,
        requirements=tuple(replace(requirement, id=f"r{number}") for number in numbers),
        results=tuple(
            replace(finding, requirement=f"r{number}", provider=provider.name, cause=f"c{number}")
            for number in numbers
            for provider in sample_report.providers
        ),
    )
    told = commands(FORMATS["github"].render(report))
    assert len(told) == 10
    assert [properties["title"].split()[1] for _, properties, _ in told[1:-1]] == [f"r{number}" for number in range(8)]
    findings = 4 * len(sample_report.providers)
    assert told[-1][2] == f"In the report besides: 4 causes with {findings} findings, 1 more."


def test_a_rule_of_sarif_links_to_its_source(sample_report: Report) -> None:
    rules = document("sarif", sample_report)["runs"][0]["tool"]["driver"]["rules"]
    assert {rule.get("helpUri") for rule in rules if rule["id"] != TROUBLE} == {
        "https://www.rfc-editor.org/rfc/rfc6749#section-6"
    }


def test_a_trouble_points_to_its_line_and_a_finding_to_the_client_s_file(sample_report: Report) -> None:
    first = causes(sample_report)[0].head[0]
    assert first.story is not None
    story = replace(first.story, scenario={"subject": "/home/alice/the project/src/my client.py:Mine"})
    report = replace(sample_report, results=(replace(first, story=story),))
    issues = {one["check_name"]: one["location"] for one in document("gitlab", report)}
    assert issues[TROUBLE] == {"path": "clients/session.py", "lines": {"begin": 88}}
    assert issues[first.requirement] == {"path": "src/my client.py", "lines": {"begin": 1}}
    places = {
        one["ruleId"]: one["locations"][0]["physicalLocation"]["artifactLocation"]
        for one in document("sarif", report)["runs"][0]["results"]
    }
    assert places[first.requirement] == {"uri": "src/my%20client.py", "uriBaseId": "SOURCE"}
    properties = [properties for _, properties, _ in commands(FORMATS["github"].render(report))]
    assert ("clients/session.py", "88") in [(one.get("file"), one.get("line")) for one in properties]


def test_what_is_known_expired_and_fixed_is_told_apart(against_baseline: Report) -> None:
    tests = document("ctrf", against_baseline)["results"]["tests"]
    assert [one["extra"]["baseline"] for one in tests if one["status"] == "other"] == [
        "known (later) at error-with-200"
    ]
    assert [one["name"] for one in tests if one["suite"] == ["baseline"]] == ["accept-token-type at google"]
    results = document("sarif", against_baseline)["runs"][0]["results"]
    assert [one["level"] for one in results if "suppressions" in one] == ["warning"]
    assert "is fixed, and stands in the baseline yet" in FORMATS["gitlab"].render(against_baseline)


def test_the_same_finding_has_the_same_fingerprint_in_another_run(sample_report: Report) -> None:
    later = replace(sample_report, run=replace(sample_report.run, started=1, seed=1, folder="/elsewhere"))
    results = tuple(replace(one, why=f"{one.why} Again.") for one in later.results)
    before, after = problems(sample_report), problems(replace(later, results=results))
    assert {one.fingerprint for one in before} == {one.fingerprint for one in after}


def test_a_badge_says_how_many_causes_there_are(sample_report: Report) -> None:
    assert document("shields", sample_report)["message"] == "not conformant, 5 causes"
    sound = replace(
        sample_report,
        results=tuple(one for one in sample_report.results if one.outcome is Outcome.SATISFIED),
        run=replace(sample_report.run, troubles=()),
    )
    assert document("shields", sound) | {"label": ""} == {
        "schemaVersion": 1, "label": "", "message": "nothing broke", "color": "#1a7f37", "isError": False
    }  # fmt: skip
    assert "OAuth refresh: nothing broke (example-client 2.4.1)" in FORMATS["badge"].render(sound)


@pytest.mark.parametrize("room", [LARGEST, 40_000, 8_000, 200, 10])
def test_a_summary_is_as_short_as_it_has_to_be_and_says_what_is_left_out(sample_report: Report, room: int) -> None:
    first = replace(causes(sample_report)[0].head[0], cause=None)
    requirement = next(one for one in sample_report.requirements if one.id == first.requirement)
    many = replace(
        sample_report,
        requirements=tuple(replace(requirement, id=f"r{number}") for number in range(60)),
        results=tuple(replace(first, requirement=f"r{number}") for number in range(60)),
    )
    text = render_summary(many, room)
    assert len(text.encode()) <= room
    told = text.count("\n### ")
    assert told == 60 or f"In index.html besides: {60 - told} causes." in text or len(text) < 200
