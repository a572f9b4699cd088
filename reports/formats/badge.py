"""A badge: badge.svg, to be shown as it is, and badge.json, from which shields.io draws one.

It tells how many causes there are, never a percentage. Shape of the JSON: https://shields.io/badges/endpoint-badge
(read 2026-11-30).
"""

import json
from collections.abc import Mapping
from html import escape

from refreshproof.reports.figures import figures, numbered
from refreshproof.reports.formats.words.text import one_line
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.verdict import ExitCode, exit_code
from refreshproof.reports.verdict_line import headline

LABEL = "OAuth refresh"
GREEN, RED, AMBER, GREY = "#1a7f37", "#cf222e", "#9a6700", "#59636e"
COLOURS: Mapping[Grade, str] = {
    Grade.FAIL: RED,
    Grade.BROKEN: GREY,
    Grade.WARN: AMBER,
    Grade.UNTESTED: GREY,
    Grade.BLOCKED: GREY,
    Grade.INFO: GREEN,
    Grade.PASS: GREEN,
    Grade.NA: GREY,
}
CHARACTER, PADDING, HEIGHT = 7, 10, 20
"""Widths and height in pixels; texts are stretched to their width, so that no font changes the badge."""


def render_shields(report: Report) -> str:
    """Return badge.json."""
    message, colour = _told(report)
    broken = exit_code(report) is not ExitCode.AS_EXPECTED
    document = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour, "isError": broken}
    return json.dumps(document, indent=1) + "\n"


def render_badge(report: Report) -> str:
    """Return badge.svg."""
    message, colour = _told(report)
    title = escape(one_line(f"{LABEL}: {message} ({report.subject.name} {report.subject.version})".replace("  ", " ")))
    left, right = (len(text) * CHARACTER + 2 * PADDING for text in (LABEL, message))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="{HEIGHT}" fill="#24292f"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{colour}"/>'
        '<g fill="#ffffff" font-family="Verdana,sans-serif" font-size="11">'
        f"{_text(0, LABEL)}{_text(left, message)}</g></svg>\n"
    )


def _text(left: int, text: str) -> str:
    return f'<text x="{left + PADDING}" y="14" textLength="{len(text) * CHARACTER}">{escape(text)}</text>'


def _told(report: Report) -> tuple[str, str]:
    """Return what a badge says, which is in our own words, and its colour."""
    verdict = headline(report)
    flaws = figures(report).causes
    number = f", {numbered(flaws, 'cause')}" if flaws else ""
    return f"{verdict.word.lower()}{number}", COLOURS[verdict.grade]
