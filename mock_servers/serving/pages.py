"""The pages a person sees at a vendor's front desk and at the console: templates, all escaped, nothing from elsewhere.

jinja2 is imported with the first page, so that a server without people starts without it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from refreshproof.mock_servers.profile import Profile
from refreshproof.mock_servers.serving.interaction import Interaction, Step
from refreshproof.mock_servers.wire import HTML_TYPE, Instant, WireResponse

if TYPE_CHECKING:
    from jinja2 import Environment

# No form-action: browsers apply it to the redirect that follows a form, and that leads to the client.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = (
    ("Content-Type", HTML_TYPE),
    ("Content-Security-Policy", _POLICY),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


def step_page(step: Step, interaction: Interaction, profile: Profile, *, action: str, trouble: str) -> WireResponse:
    """Return the page of a step; `action` is where its form goes, `trouble` what was wrong with the last one."""
    names = {site.id: f"{site.name} ({site.url})" for site in profile.sites}
    return _render(
        200 if not trouble else 422,
        f"{step}.html",
        title=profile.title,
        action=action,
        trouble=trouble,
        client=interaction.question.application.client_id,
        approved=interaction.question.application.approved,
        scopes=interaction.question.scopes,
        hint=interaction.question.login_hint or "",
        account=interaction.account,
        accounts=[account.name for account in interaction.question.accounts],
        site=names.get(interaction.site or "", interaction.site),
        sites=[(site, names.get(site, site)) for site in interaction.sites],
        offers_time=interaction.offers_time,
    )


def gone() -> WireResponse:
    """Return the page for an interaction that is over or never was."""
    return _render(410, "gone.html", title="Refreshproof")


def console(status: int, **values: Any) -> WireResponse:
    """Return the console's page of one provider; `values` are what the control API answered."""
    return _scripted(_render(status, "console.html", title="Refreshproof console", script=_script(), **values))


def console_login(trouble: str) -> WireResponse:
    """Return the page that asks for the control token; `trouble` is what was wrong with the last one."""
    status = 403 if trouble else 200
    title = "Refreshproof console"
    return _scripted(_render(status, "console_login.html", title=title, script=_script(), trouble=trouble))


def go_to(address: str, *headers: tuple[str, str]) -> WireResponse:
    """Send a browser to another page, also after a form."""
    return WireResponse(status=303, headers=(("Location", address), ("Cache-Control", "no-store"), *headers))


def _scripted(page: WireResponse) -> WireResponse:
    """Allow the console's own script, and let forms say which page they come from."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    policy = f"{_POLICY}; script-src 'sha256-{digest}'; connect-src 'self'; form-action 'self'"
    return page.with_headers(("Content-Security-Policy", policy), ("Referrer-Policy", "same-origin"))


@lru_cache(maxsize=1)
def _script() -> str:
    return files(__package__).joinpath("templates", "console.js").read_text()


def _render(status: int, template: str, **values: Any) -> WireResponse:
    text = _environment().get_template(template).render(values)
    return WireResponse(status=status, headers=_HEADERS, body=text.encode())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("refreshproof.mock_servers.serving"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    return environment


def _moment(instant: Instant) -> str:
    """Return an instant as a person reads it: UTC, to the second."""
    from refreshproof.mock_servers.serving.control_values import as_date  # here: it is about what serves these pages

    return as_date(instant)[:19].replace("T", " ")
