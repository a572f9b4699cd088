"""index.html in Chromium: commands are copied, links unfold what they lead to, and nothing is wider than its window."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from kit.browser import headless_chromium
from refreshproof.reports import Report, causes
from refreshproof.reports.formats.page import render_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(sample_report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the sample report's page lies."""
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(render_page(sample_report), encoding="utf-8")
    return Path(file).as_uri()


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
    page.locator(".command", has_text=command or "").locator("button").click()
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
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.close()


def test_a_command_is_one_line_however_narrow_the_window(chromium: Any, address: str) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 900})
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    lines = page.evaluate("[...document.querySelectorAll('.command code')].map((one) => one.getClientRects().length)")
    assert lines
    assert set(lines) == {1}
    page.close()
