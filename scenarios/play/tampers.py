"""How a callback is changed on its way back from the provider: the URLs that reach the client instead of it.

Forged callbacks come before or in the place of the genuine one; a world is asked for a foreign code where one is
needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qs, urlsplit

from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.scenarios.steps.logins import FOREIGN_ERROR, FOREIGN_TEXT
from refreshproof.scenarios.steps.steps import Tamper
from refreshproof.scenarios.world.world import OTHER_REDIRECT_STATE, World, tampered

Tampering = Callable[[World, str], list[str]]

ATTACKER = "https://attacker.example.net"
FORGED_TEXT = "denied\r\n2030-01-01 INFO forged line \x1b[2J<script>alert(1)</script>"
"""An error_description that forges a log line, clears a terminal and carries markup."""


def of_other_user(world: World, url: str) -> list[str]:
    """Return Mallory's callback for another browser: a code of another account under a state of no flow of this
    user."""
    world.provider.user.will(Decision(account="mallory"))
    foreign = world.visit(tampered(authorization_url(world), state=OTHER_REDIRECT_STATE))
    return [] if foreign is None else [foreign]


def forged_first(world: World, url: str) -> list[str]:
    """Return three forged callbacks, then the genuine one."""
    return [tampered(url, state=None), tampered(url, state=OTHER_REDIRECT_STATE), *of_other_user(world, url), url]


def failed(world: World, url: str, error: str, **more: str) -> list[str]:
    """Return the callback of a flow that the provider ended with an error."""
    return [tampered(url, code=None, error=error, **more)]


def iss_changed(world: World, url: str, change: Callable[[str], str]) -> list[str]:
    """Return the callback with another iss than the server's."""
    return [tampered(url, iss=change(world.profile.issuer))]


def upper_case_host(issuer: str) -> str:
    """Return an issuer that differs in the case of its host only."""
    split = urlsplit(issuer)
    return split._replace(netloc=split.netloc.upper()).geturl()


def parameter(url: str, name: str) -> str:
    """Return the first value of a query parameter, empty if there is none."""
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def authorization_url(world: World) -> str:
    """Return a request to the provider in the client's name that the client never made."""
    registration = world.surroundings.registration
    return tampered(
        registration.authorization_endpoint,
        response_type="code",
        client_id=registration.client_id,
        redirect_uri=world.redirect_uri,
        scope=" ".join(registration.scopes),
        **dict(registration.authorization_parameters),
    )


TAMPERS: Mapping[Tamper, Tampering] = {
    "none": lambda world, url: [url],
    "twice": lambda world, url: [url, url],
    "twice_at_once": lambda world, url: [url, url],
    "state_missing": lambda world, url: [tampered(url, state=None)],
    "state_unknown": lambda world, url: [tampered(url, state=OTHER_REDIRECT_STATE)],
    "state_of_other_user": of_other_user,
    "forged_first": forged_first,
    "iss_wrong": partial(iss_changed, change=lambda issuer: ATTACKER),
    "iss_missing": lambda world, url: [tampered(url, iss=None)],
    "iss_with_slash": partial(iss_changed, change=lambda issuer: f"{issuer}/"),
    "iss_in_upper_case": partial(iss_changed, change=upper_case_host),
    "iss_twice": lambda world, url: [f"{url}&iss={ATTACKER}"],
    "code_unknown": lambda world, url: [tampered(url, code="a-code-the-provider-never-issued-000000")],
    "error_server_error": partial(failed, error="server_error"),
    "error_temporarily_unavailable": partial(failed, error="temporarily_unavailable"),
    "error_invalid_request": partial(failed, error="invalid_request"),
    "error_unheard_of": partial(failed, error="some_error_of_tomorrow"),
    "error_with_forged_text": partial(failed, error="access_denied", error_description=FORGED_TEXT),
    "error_of_other_server": partial(failed, error=FOREIGN_ERROR, error_description=FOREIGN_TEXT, iss=ATTACKER),
    "error_and_code": lambda world, url: [tampered(url, error="server_error")],
    "error_of_other_flow_first": lambda world, url: [
        *failed(world, tampered(url, state=OTHER_REDIRECT_STATE), error="access_denied"),
        url,
    ],
}
"""Every way to change a callback by its name in a scenario."""
