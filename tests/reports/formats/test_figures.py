"""What was found is counted once: console, page, summary, JUnit, annotations and badge tell the same numbers."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from kit.ci_readers import commands
from kit.page import Page
from kit.terminal import printed
from refreshproof.reports import FORMATS, Grade, Harm, Outcome, Report, causes, findings, grade, headline
from refreshproof.reports.figures import Figures, figures, left_out


@pytest.fixture(scope="module")
def report(sample_report: Report) -> Report:
    """A report of nine vendors in which one rule fails at one vendor and is warned of at another, for one cause."""
    mild = ("rotation-lost-response", "strict-single-use")
    results = tuple(
        replace(one, harm=Harm.NONE_YET) if (one.requirement, one.provider) == mild else one
        for one in sample_report.results
    )
    changed = replace(sample_report, results=results)
    assert {grade(one) for one in causes(changed)[0].also[0]} == {Grade.FAIL, Grade.WARN}
    return changed


@pytest.fixture(scope="module")
def counted(report: Report) -> Figures:
    """What was found in it, counted."""
    return figures(report)


def test_the_figures_are_those_of_the_results(report: Report, counted: Figures) -> None:
    broken = [one for one in report.results if one.outcome is Outcome.VIOLATED]
    assert (counted.causes, counted.broken) == (5, len({one.requirement for one in broken})) == (5, 6)
    assert (counted.weaker, counted.unjudged, counted.warned) == (1, 1, 3)
    assert (counted.findings, counted.vendors) == (len(findings(report)), 8) == (11, 8)


def test_the_console_tells_them_and_names_a_rule_once_with_each_grade(report: Report, counted: Figures) -> None:
    lines = printed(report, 400).splitlines()
    table = next(line.replace("│", " ").split() for line in lines if line.replace("│", " ").split()[:1] == ["all"])
    assert sum(int(number) for number in (table[1], table[2], table[3], table[6])) == counted.findings
    assert f"Not conformant: {headline(report).sentence}" in lines
    named = [line.split()[3] for line in lines if line.startswith("  also breaks ")]
    assert named == [name for cause in causes(report) for name in cause.rules[1:]]
    [told] = [line for line in lines if line.startswith("  also breaks FAIL rotation-lost-response ")]
    assert told.startswith("  also breaks FAIL rotation-lost-response at reuse-kills-family (")
    assert "; WARN at strict-single-use (A1: a spent token or code is presented; none yet in this story)" in told


def test_the_page_tells_them(report: Report, counted: Figures) -> None:
    page = Page(FORMATS["html"].render(report))
    assert page.text[f"span: {headline(report).sentence}."] == 1
    assert page.text[f"span: {counted.findings}"] >= 1, "beside the link to the findings"
    assert sum(one.get("class", "").startswith("witness ") for one in page.all("article")) == counted.findings  # type: ignore[union-attr]
    strip = [text for text in page.text if text in ("b: 5", "span: causes", "b: 6", "span: rules broken")]
    assert len(strip) == 4
    titles = [text.partition(": ")[2] for text in page.text if text.startswith("p: Cause ")]
    assert [title.split(",")[0] for title in titles] == [f"Cause {number} of 5" for number in range(1, 6)]
    assert titles[0] == "Cause 1 of 5, 2 rules broken, 5 findings at 3 vendors"
    assert page.text["p: Not judged"] == page.text["p: Kept in a weaker way"] == 1
    shown = causes(report)[:3]
    assert page.text[f"p: besides: {left_out(causes(report)[3:])}."] == 1
    assert left_out(causes(report)[3:]) == "3 causes, 1 rule kept in a weaker way"
    assert sum(cause.is_violation for cause in shown) + 3 == counted.causes


def test_the_summary_tells_them(report: Report, counted: Figures) -> None:
    text = FORMATS["markdown"].render(report)
    assert f"\n\n{headline(report).sentence}. " in text
    numbers = [int(number) for number in re.findall(r"^Cause (\d+) of 5\b", text, re.MULTILINE)]
    assert numbers == list(range(1, counted.causes + 1))
    assert "**rotation-lost-response** at reuse-kills-family (SHOULD; the grant is lost" in text
    assert " ⚠️ at strict-single-use (SHOULD; none yet in this story)" in text


def test_junit_tells_them(report: Report, counted: Figures) -> None:
    root = ElementTree.fromstring(FORMATS["junit"].render(report).encode())  # noqa: S314 - our own text
    verdict = f"{headline(report).word}: {headline(report).sentence}"
    for suite in root:
        assert {one.get("value") for one in suite.iterfind("properties/property[@name='verdict']")} == {verdict}
    cases = [_properties(case) for case in root.iter("testcase")]
    numbers = Counter(int(case["cause"]) for case in cases if "cause" in case)
    assert sorted(numbers) == list(range(1, counted.causes + 1))
    assert {cause.number: len(cause.results) for cause in causes(report) if cause.is_violation} == numbers
    assert numbers.total() == counted.findings - counted.weaker - counted.unjudged


def _properties(case: ElementTree.Element) -> Mapping[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in case.iter("property")}


def test_annotations_and_badge_tell_them(report: Report, counted: Figures) -> None:
    first, *told, last = commands(FORMATS["github"].render(report))
    assert first[2] == headline(report).sentence
    of_findings = [text for _, about, text in told if about["title"].split()[0] in ("FAIL", "BROKEN", "WARN", "INFO")]
    more = [
        int(number) for text in of_findings for number in re.findall(r"(\d+) more findings? of the same cause", text)
    ]
    left = re.fullmatch(r"In the report besides: (\d+) causes with (\d+) findings, (\d+) more\.", last[2])
    assert left is not None
    assert len(of_findings) + sum(more) + int(left[2]) + int(left[3]) == counted.findings
    assert len(of_findings) - counted.unjudged + int(left[1]) == counted.causes
    assert json.loads(FORMATS["shields"].render(report))["message"] == f"not conformant, {counted.causes} causes"
