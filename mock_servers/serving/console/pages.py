"""The console's pages: what the control API answered, put into templates that run one script of their own."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from refreshproof.mock_servers.serving.control.values import as_date
from refreshproof.mock_servers.serving.served.pages import POLICY, render
from refreshproof.mock_servers.wire import Instant, WireResponse


def provider_page(status: int, **values: Any) -> WireResponse:
    """Return the page of one provider."""
    return _page(status, "provider.html", moment=moment, **values)


def login_page(trouble: str = "") -> WireResponse:
    """Return the page that asks for the control token; `trouble` is what was wrong with the last one."""
    return _page(403 if trouble else 200, "login.html", trouble=trouble)


def go_to(address: str, *headers: tuple[str, str]) -> WireResponse:
    """Send a browser to another page, also after a form."""
    return WireResponse(status=303, headers=(("Location", address), ("Cache-Control", "no-store"), *headers))


def moment(instant: Instant) -> str:
    """Return an instant as a person reads it: UTC, to the second."""
    return as_date(instant)[:19].replace("T", " ")


def _page(status: int, template: str, **values: Any) -> WireResponse:
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"{POLICY}; script-src 'sha256-{digest}'; connect-src 'self'; form-action 'self'"
    page = render(status, template, room=__package__, title="Refreshproof console", script=script, **values)
    # With no-referrer a form would not say which page it comes from (Fetch, "append a request Origin header").
    return page.with_headers(("Content-Security-Policy", policy), ("Referrer-Policy", "same-origin"))


@lru_cache(maxsize=1)
def _script() -> str:
    return files(__package__).joinpath("templates", "console.js").read_text()
