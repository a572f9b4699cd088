"""index.html and kill-matrix.html: what their templates show, as values, and the templates. Only pages are known here."""

from refreshproof.reports.formats.page.page import render_page
from refreshproof.reports.formats.page.shell import render_template

__all__ = ["render_page", "render_template"]
