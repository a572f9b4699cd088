"""junit.xml as CI systems read it."""

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from refreshproof.reports import Grade, Report, causes, counts, findings
from refreshproof.reports.formats.junit import render_junit
from refreshproof.reports.verdict import unproven

KIND = {"failure": {Grade.FAIL}, "error": {Grade.BROKEN}, "skipped": {Grade.UNTESTED, Grade.BLOCKED, Grade.NA}}
"""The form of every grade; what is untested and binding fails the run, and so it is a failure too."""


@pytest.fixture(scope="module")
def root(sample_report: Report) -> ElementTree.Element:
    """The sample report's document."""
    return ElementTree.fromstring(render_junit(sample_report).encode())  # noqa: S314 - our own text


def test_there_is_one_suite_per_provider_and_one_case_per_cell(
    root: ElementTree.Element, sample_report: Report
) -> None:
    first, *suites = root
    assert first.get("name") == "troubles"
    assert [suite.get("name") for suite in suites] == [provider.name for provider in sample_report.providers]
    cases = [(case.get("name"), suite.get("name")) for suite in suites for case in suite.iter("testcase")]
    assert sorted(cases) == sorted((result.requirement, result.provider) for result in sample_report.results)


def test_a_case_is_named_uniquely(root: ElementTree.Element) -> None:
    names = Counter((case.get("classname"), case.get("name")) for case in root.iter("testcase"))
    assert set(names.values()) == {1}


@pytest.mark.parametrize("kind", KIND)
def test_each_grade_takes_the_form_ci_expects(root: ElementTree.Element, sample_report: Report, kind: str) -> None:
    number = counts([result for result in sample_report.results if result not in unproven(sample_report)])
    binding = len(unproven(sample_report)) if kind == "failure" else 0
    found = [case for case in root.iterfind("testsuite/testcase[properties]") if case.find(kind) is not None]
    assert {grade for case in found for grade in _property(case, "grade")} == KIND[kind] | (
        {Grade.UNTESTED} if binding else set()
    )
    assert len(found) == sum(number[grade] for grade in KIND[kind]) + binding


def test_totals_agree_with_the_cases(root: ElementTree.Element) -> None:
    for total in (root, *root.iter("testsuite")):
        assert int(total.get("tests", "")) == len(list(total.iter("testcase")))
        for attribute, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(total.get(attribute, "")) == len(list(total.iter(kind)))


def test_a_failure_tells_the_whole_story(root: ElementTree.Element, sample_report: Report) -> None:
    result = findings(sample_report)[0]
    assert result.story is not None
    [failure] = (
        case.find("failure")
        for suite in root
        if suite.get("name") == result.provider
        for case in suite.iter("testcase")
        if case.get("name") == result.requirement
    )
    assert failure is not None
    assert failure.get("type") == result.anomaly
    told = (result.story.expected, result.story.happened, result.story.prose[-1], result.story.pytest)
    assert all(part in (failure.text or "") for part in told)
    assert f"\n  {result.replay}\n" in (failure.text or "")
    assert "Harm: a call failed although vendor and network were well" in (failure.text or "")


def test_a_warning_passes_and_says_why(root: ElementTree.Element) -> None:
    warned = [case for case in root.iter("testcase") if _property(case, "grade") == [Grade.WARN]]
    assert warned
    assert all("SHOULD: " in (case.findtext("system-out") or "") for case in warned)


def test_a_skip_gives_its_reason(root: ElementTree.Element) -> None:
    assert {skip.get("message") for skip in root.iter("skipped")} == {
        "NA: The profile has no such rule.",
        "BLOCKED: Depends on accept-success-definition.",
        "UNTESTED: The client never came back after the 429.",
    }


def test_a_binding_requirement_that_was_never_exercised_fails_as_it_fails_the_run(root: ElementTree.Element) -> None:
    [failure] = [one for one in root.iter("failure") if one.get("type") == "not_exercised"]
    assert failure.get("message") == (
        "MUST NOT: required but never exercised: No exchange was answered before the code expired."
    )


def test_an_error_of_the_adapter_gives_no_advice_on_the_client(root: ElementTree.Element) -> None:
    [error] = root.iterfind("testsuite/testcase[properties]/error")
    assert error.get("message") == "The adapter raised KeyError('expires_at')."
    assert not {"Fix", "Effect"} & {line.split(":")[0] for line in (error.text or "").splitlines()}


def test_characters_xml_cannot_hold_are_replaced(sample_report: Report) -> None:
    first, *rest = findings(sample_report)
    broken = replace(first, why="\x00\x1b[31m\ufffe]]></failure> &", anomaly="<A1>\x07")
    text = render_junit(replace(sample_report, results=(broken, *rest)))
    failures = list(ElementTree.fromstring(text.encode()).iter("failure"))  # noqa: S314 - our own text
    [failure] = [failure for failure in failures if failure.get("type") == "<A1>\ufffd"]
    assert "]]></failure> &" in failure.get("message", "")


def test_each_trouble_is_an_error_before_everything_else(root: ElementTree.Element) -> None:
    [case] = root[0].iter("testcase")
    error = case.find("error")
    assert error is not None
    assert error.get("message") == "client at google: KeyError left the client in call"
    told = (
        "also at: atlassian, short-lived\nexception: KeyError: 'expires_at'\nplace: clients/session.py:88\n"
        "fault: Every refresh request meets the fault status (code 503).\nstep: The client calls the API.\n"
        "replay:\n  refreshproof replay 'my report/troubles/1--google.json'"
    )
    assert (error.text or "").endswith(told)


def test_without_troubles_there_is_no_suite_for_them(sample_report: Report) -> None:
    text = render_junit(replace(sample_report, run=replace(sample_report.run, troubles=())))
    assert 'name="troubles"' not in text


def test_the_properties_say_which_cause_a_finding_has(root: ElementTree.Element, sample_report: Report) -> None:
    number, cause = next((n, one) for n, one in enumerate(causes(sample_report), 1) if one.also)
    first = cause.head[0]
    told = {
        (case.get("name"), suite.get("name")): case
        for suite in root
        for case in suite.iter("testcase")
        if _property(case, "cause") == [str(number)]
    }
    assert set(told) == {(result.requirement, result.provider) for result in cause.results}
    assert _property(told[first.requirement, first.provider], "also_breaks") == ["rotation-lost-response"]
    for result in cause.also[0]:
        case = told[result.requirement, result.provider]
        assert _property(case, "told_with") == [f"{first.requirement} at {first.provider}"]
        assert _property(case, "harm") == ["the grant is lost, and only a new login brings it back"]


def test_every_suite_tells_the_verdict_and_what_was_explored(root: ElementTree.Element) -> None:
    for suite in root:
        told = {one.get("name"): one.get("value", "") for one in suite.iterfind("properties/property")}
        assert told["verdict"].startswith("Not conformant: 5 causes, 6 rules broken, ")
        assert told["explored"].startswith("Hypothesis generated 225 lives from seed 20261122")


def _property(case: ElementTree.Element, name: str) -> list[str | None]:
    return [entry.get("value") for entry in case.iter("property") if entry.get("name") == name]
