"""The pages a person sees at a vendor's front desk: one template per step, all escaped, nothing from elsewhere.

jinja2 is imported with the first page, so that a server without people starts without it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.serving.served.interaction import Interaction, Step
from refreshproof.mock_servers.wire import HTML_TYPE, WireResponse

if TYPE_CHECKING:
    from jinja2 import Environment

# No form-action: browsers apply it to the redirect that follows a form, and that leads to the client.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""What a page may do (Content Security Policy)."""

_HEADERS = (
    ("Content-Type", HTML_TYPE),
    ("Content-Security-Policy", POLICY),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


def step_page(step: Step, interaction: Interaction, profile: Profile, *, action: str, trouble: str) -> WireResponse:
    """Return the page of a step; `action` is where its form goes, `trouble` what was wrong with the last one."""
    names = {site.id: f"{site.name} ({site.url})" for site in profile.sites}
    return render(
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
    return render(410, "gone.html", title="Refreshproof")


def render(status: int, template: str, *, room: str = __package__, **values: Any) -> WireResponse:
    """Return the page that a template makes of values; `room` is the package whose templates come before these."""
    text = _environment(room).get_template(template).render(values)
    # Half of a surrogate pair is no text, and whoever looks at a page has not written what stands on it.
    return WireResponse(status=status, headers=_HEADERS, body=text.encode(errors="replace"))


@lru_cache
def _environment(room: str) -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in dict.fromkeys((room, __package__))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
