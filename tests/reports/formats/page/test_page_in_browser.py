"""index.html in Chromium: commands are copied, links unfold what they lead to, nothing is wider than its window, and
who reads it with a screen reader, in the dark, without scripts or on paper misses nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from kit.browser import headless_chromium
from kit.large_report import large_report
from refreshproof.reports import Grade, Report, causes, grade
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.formats.page.page import MOST_STORIES

axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser
EVERY_GRADE = {
    "authz-google-offline", "rotation-lost-response", "expiry-constant-skew", "failure-retry-after",
    "refresh-omitted-keeps", "concurrency-processes", "accept-expires-odd",
}  # fmt: skip
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true })"


@pytest.fixture(scope="module")
def address(sample_report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the sample report's page lies."""
    return _written(sample_report, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def short(sample_report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a page of some of its requirements lies, in which there is everything that a page can hold."""
    some = tuple(one for one in sample_report.requirements if one.id in EVERY_GRADE)
    chosen = [one for one in sample_report.results if one.requirement in EVERY_GRADE]
    first = {grade(one): one.provider for one in reversed(chosen)}
    results = tuple(one for one in chosen if one.provider in first.values())
    providers = tuple(one for one in sample_report.providers if one.name in first.values())
    report = replace(sample_report, requirements=some, providers=providers, results=results)
    assert {grade(one) for one in results} == set(Grade)
    return _written(report, tmp_path_factory.mktemp("short"))


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page of a report lies that is just long enough for what is folded to wait."""
    report = large_report(vendors=4, rules=30, findings=60)
    assert sum(one.story is not None for one in report.results) == MOST_STORIES
    more = next(one for one in report.results if one.story is None)
    told = next(one.story for one in report.results if one.story)
    results = tuple(replace(one, story=told) if one is more else one for one in report.results)
    return _written(replace(report, results=results), tmp_path_factory.mktemp("long"))


def _written(report: Report, folder: Path) -> str:
    file = folder / "index.html"
    file.write_text(render_page(report), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser."""
    with headless_chromium() as browser:
        yield browser


@pytest.mark.parametrize("permissions", [["clipboard-read", "clipboard-write"], []])
def test_the_button_copies_the_command_and_nothing_else(
    chromium: Any, address: str, sample_report: Report, permissions: list[str]
) -> None:
    context = chromium.new_context(permissions=permissions)
    page = context.new_page()
    page.goto(address)
    command = causes(sample_report)[0].head[0].replay
    page.locator(".witness .command", has_text=command or "").first.locator("button").click()
    page.get_by_role("button", name="Copied").wait_for()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert page.evaluate("navigator.clipboard.readText()") == f"cd {quote(sample_report.run.folder)} && {command}"
    context.close()


def test_a_link_unfolds_the_story_that_it_leads_to(chromium: Any, address: str, sample_report: Report) -> None:
    folded = causes(sample_report)[0].also[0][0]
    page = chromium.new_page()
    page.goto(address)
    story = page.locator(f"[id='{folded.requirement}.{folded.provider}'] > details")
    assert story.get_attribute("open") is None
    page.goto(f"{address}#{folded.requirement}.{folded.provider}")
    assert story.get_attribute("open") is not None
    page.close()


@pytest.mark.parametrize("width", [320, 400, 768, 1280])
def test_no_part_of_the_page_is_wider_than_its_window(chromium: Any, address: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.close()


def test_a_command_is_one_line_however_narrow_the_window(chromium: Any, address: str) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 900})
    page.goto(address)
    page.evaluate(UNFOLD)
    lines = page.evaluate(
        "[...document.querySelectorAll('.command:not(.block) code')].map((one) => one.getClientRects().length)"
    )
    assert lines
    assert set(lines) == {1}
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_to_complain_of(chromium: Any, short: str, scheme: str, width: int) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(short)
    page.evaluate(UNFOLD)
    found = axe.Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
    context.close()


def test_without_a_script_all_of_a_story_can_be_read(chromium: Any, long: str) -> None:
    told = []
    for scripts in (True, False):
        context = chromium.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(long)
        folded = page.locator(".witness > details:has(> summary:text('Story and replay'))").first
        folded.locator("summary").first.click()
        folded.locator(".timeline").wait_for()
        told.append(folded.locator("pre").all_text_contents())
        context.close()
    assert told[0] == told[1]
    assert len(told[0]) > 5


def test_a_link_leads_to_a_result_that_waits_folded_in_its_rule(chromium: Any, long: str) -> None:
    page = chromium.new_page()
    page.goto(long)
    cell = page.locator(".matrix .cell.PASS").first
    name = (cell.get_attribute("href") or "").removeprefix("#")
    result = page.locator(f"[id='{name}']")
    assert result.count() == 0
    cell.click()
    result.wait_for(state="visible")
    page.close()


def test_the_filter_shows_what_rests_on_unverified_values(chromium: Any, address: str) -> None:
    page = chromium.new_page()
    page.goto(address)
    everything = page.locator(".matrix tbody tr[data-grades]:visible").count()
    page.get_by_role("button", name="rests on unverified values").click()
    rows = page.locator(".matrix tbody tr[data-grades]:visible")
    assert 0 < rows.count() < everything
    assert rows.locator(".unsure").count() >= rows.count()
    page.close()


def test_steps_are_copied_with_their_numbers(chromium: Any, address: str, sample_report: Report) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address)
    page.locator(".copyable:has(> ol)").first.get_by_role("button").click()
    page.get_by_role("button", name="Copied").wait_for()
    story = causes(sample_report)[0].head[0].story
    assert story is not None
    told = "\n".join(f"{number}. {line}" for number, line in enumerate(story.prose, 1))
    assert page.evaluate("navigator.clipboard.readText()") == told
    context.close()


def test_the_largest_report_answers_while_it_is_read(chromium: Any, tmp_path: Path) -> None:
    """A browser has little to lay out before it answers: what is folded in a long report is not even parsed."""
    file = tmp_path / "large.html"
    file.write_text(render_page(large_report()), encoding="utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    assert page.locator("noscript").count() > 250
    assert page.evaluate("document.querySelectorAll('*').length") < 100_000
    page.close()


def test_on_paper_everything_that_is_unfolded_is_there(chromium: Any, address: str) -> None:
    page = chromium.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    assert page.locator(".sections").is_hidden()
    assert page.locator(".timeline").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.pdf(format="A4")[:5] == b"%PDF-"
    page.close()
