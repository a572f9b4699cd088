"""Journals written by hand: records with everything but what a test is about filled in."""

from typing import Any

from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange, Journal, OutcomeRecord, Record, UserAction
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import OutcomeKind

AUTHORIZE = "https://auth.example.com/authorize"
TOKEN = "https://auth.example.com/token"
RESOURCE = "https://api.example.com/resource"
REDIRECT = "https://app.example.com/callback"
CHALLENGE = "a-challenge-of-43-characters-0123456789-012"
CONFIGURED = {
    "provider_type": "GENERIC", "scopes": ("read",), "redirect_uri": REDIRECT, "authorization_parameters": {},
    "pkce": True, "secret": True,
}  # fmt: skip


def exchange(number: int, view: str | None, url: str, *, at: float = 0, step: int = 1, **changes: Any) -> Exchange:
    """Write down a request that was answered at once with 200."""
    moment = START + seconds(at)
    plain: dict[str, Any] = {
        "number": number, "step": step, "actor": "main", "sent_at": moment, "sent_order": 2 * number,
        "settled_order": 2 * number + 1, "client_sent_at": moment, "arrived_at": moment, "finished_at": moment,
        "method": "POST" if view == "token" else "GET", "url": url, "origin": url.rpartition("/")[0], "view": view,
        "grant_type": None, "client_authentication": (), "parameters": (), "request_headers": (), "presented": None,
        "committed": True, "cause": None, "event": None, "issued": (), "status": 200, "response_headers": (),
        "response_body": "", "members": {}, "delivered": True, "trouble": None,
    }  # fmt: skip
    return Exchange(**(plain | changes))


def login(number: int = 1, *, step: int = 1, at: float = 0, **parameters: str | None) -> list[Record]:
    """Write down that the client sent a user off; a parameter that is None is left out."""
    plain: dict[str, str | None] = {
        "response_type": "code", "client_id": "refreshproof-client", "redirect_uri": REDIRECT, "scope": "read",
        "state": f"{number}{'Zx9-' * 10}{number}", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    pairs = tuple((name, value) for name, value in (plain | parameters).items() if value is not None)
    return [
        UserAction(step=step, at=START + seconds(at), what="authorize", about={"account": "alice"}),
        exchange(
            number, "authorization", AUTHORIZE, at=at, step=step, actor="browser", parameters=pairs, status=302,
            issued=(f"CODE{number}",),
        ),
    ]  # fmt: skip


def callback(*, step: int = 1, at: float = 0, **about: Any) -> UserAction:
    """Write down that a callback reached the client."""
    plain = {"tamper": "none", "changed": False, "code": "CODE1", "error": None}
    return UserAction(step=step, at=START + seconds(at), what="callback", about=plain | about)


def redemption(number: int = 2, **changes: Any) -> Exchange:
    """Write down that a code was exchanged for tokens."""
    plain: dict[str, Any] = {
        "grant_type": "authorization_code", "presented": "CODE1", "challenge": CHALLENGE,
        "parameters": (("grant_type", "authorization_code"), ("code", "CODE1"), ("redirect_uri", REDIRECT)),
        "request_headers": (("Content-Type", "application/x-www-form-urlencoded"),),
        "client_authentication": ("client_secret_post",),
        "members": {"access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600},
    }  # fmt: skip
    return exchange(number, "token", TOKEN, **(plain | changes))


def renewal(number: int = 3, **changes: Any) -> Exchange:
    """Write down a refresh."""
    plain: dict[str, Any] = {
        "grant_type": "refresh_token", "presented": "RT1", "parameters": (("refresh_token", "RT1"),),
        "client_authentication": ("client_secret_post",), "members": {"access_token": "AT2"},
    }  # fmt: skip
    return exchange(number, "token", TOKEN, **(plain | changes))


def use(number: int = 4, **changes: Any) -> Exchange:
    """Write down a request to the resource."""
    headers = (("Authorization", "Bearer AT1"),)
    return exchange(number, "resource", RESOURCE, **({"presented": "AT1", "request_headers": headers} | changes))


def outcome(operation: str, kind: OutcomeKind = "ok", *, step: int = 1, at: float = 0, **changes: Any) -> OutcomeRecord:
    """Write down how an operation ended."""
    moment = START + seconds(at)
    return OutcomeRecord(
        step=step, actor="main", operation=operation, began_at=moment, at=moment, kind=kind, **changes
    )  # fmt: skip


def journal(*records: Record | list[Record], **configured: Any) -> Journal:
    """Put records in order, after what was configured."""
    first = UserAction(step=0, at=START, what="configure", about=CONFIGURED | configured)
    flat = [one for record in records for one in (record if isinstance(record, list) else [record])]
    return Journal(records=[first, *flat])


def verdict_on(requirement: str, written: Journal, vendor: str = "generic") -> Verdict:
    """Judge a journal by a requirement, as that of a client of a vendor."""
    return CATALOGUE[requirement].check(Evidence(journal=written, profile=VENDORS[vendor].profile))
