"""The kill matrix and the matrix of clients in Chromium: axe has nothing to complain of, in light and in dark, and
nothing is wider than its window."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kit.browser import headless_chromium
from kit.sample_matrix import DAY, sample_matrix
from refreshproof.reports import FlawedClient, Kill, KillKind, KillMatrix, Report
from refreshproof.reports.formats.matrix.pages import pages
from refreshproof.reports.formats.page.kill_page import render_kill_page

axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser
KILLS = ("kill-matrix.html", "index.html", "sample.html", "absent.html")


@pytest.fixture(scope="module")
def addresses(sample_report: Report, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Where the pages lie: a kill matrix with a cell of every kind, and the matrix of two clients."""
    folder = tmp_path_factory.mktemp("pages")
    names = [one.id for one in sample_report.requirements]
    kills = tuple(Kill(requirement=name, kind=kind, why="It was.") for name, kind in zip(names, KillKind, strict=False))
    matrix = KillMatrix(
        run=sample_report.run,
        providers=("google", "generic"),
        requirements=sample_report.requirements,
        clients=(FlawedClient(name=names[0], flaw="Asks twice.", kills=kills),),
    )
    (folder / "kill-matrix.html").write_text(render_kill_page(matrix), encoding="utf-8")
    for file, text_of in pages(sample_matrix(), DAY, folder):
        file.write_text(text_of(), encoding="utf-8")
    return {name: (folder / name).as_uri() for name in KILLS}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser."""
    with headless_chromium() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KILLS)
def test_axe_finds_nothing_to_complain_of_and_nothing_is_too_wide(
    chromium: Any, addresses: Mapping[str, str], name: str, scheme: str
) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(addresses[name])
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    found = axe.Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
    context.close()
