"""How long a browser needs until the page of the largest report answers.

Run with `pytest tests/benchmarks/bench_page.py --benchmark-only`; it needs Chromium. The time is that of the whole
navigation, up to the first frame after which the page could answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

sys.path.insert(0, str(Path(__file__).parent.parent))
from kit.browser import headless_chromium
from kit.large_report import large_report
from refreshproof.reports.formats.page import render_page

ANSWERS = "new Promise((answered) => requestAnimationFrame(() => setTimeout(answered, 0)))"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with headless_chromium() as browser:
        yield browser


@pytest.mark.browser
def test_page_answers(benchmark: BenchmarkFixture, chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_text(render_page(large_report()), encoding="utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 900})

    def read() -> None:
        page.goto(file.as_uri())
        page.evaluate(ANSWERS)

    pedantic: Any = benchmark.pedantic  # its signature has no types
    pedantic(read, rounds=5, warmup_rounds=1)
