"""What all pages have: one style sheet, one script, a policy that allows nothing else, names for what is linked to."""

import shlex
from urllib.parse import quote

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.formats.page import timeline
from refreshproof.reports.formats.words.clock_text import elapsed
from refreshproof.reports.formats.words.templating import html_environment, policy, resource
from refreshproof.reports.results import Grading

PACKAGE = "refreshproof.reports.formats.page"
"""Where the templates are."""


def render_template(name: str, grading: Grading, **content: object) -> str:
    """Return a page with the style, the script and the policy that all pages have."""
    style, script = resource(PACKAGE, "page.css"), resource(PACKAGE, "page.js")
    environment = html_environment(PACKAGE, grading)
    environment.globals |= {
        "anchor": anchor,
        "timeline": timeline,
        "elapsed": elapsed,
        "shell": shlex.join,
        "anomaly_in_words": anomaly_in_words,
    }
    return environment.get_template(name).render(style=style, script=script, policy=policy(style, script), **content)


def anchor(requirement: str, provider: str = "") -> str:
    """Name a cell, or with no provider a requirement, the same way in every report, so that links keep."""
    return ".".join(quote(name.encode(errors="backslashreplace"), safe="") for name in (requirement, provider) if name)
