"""Pages for a browser: what their templates show, as values, and the templates. No other format is known here."""

from refreshproof.reports.formats.page.page import render_page
from refreshproof.reports.formats.page.shell import render_template

__all__ = ["render_page", "render_template"]
