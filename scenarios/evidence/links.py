"""Where the sources of a requirement can be read: https addresses for the specifications and pages that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from refreshproof.mock_servers.misbehaviours.catalogue import misbehaviours

_ENTRA = "https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/identity-platform"

PAGES: Mapping[str, str] = {
    "A-ERR": "https://github.com/raycast/extensions/issues/11836",
    "A-FMT": "https://community.developer.atlassian.com/t/about-the-format-of-atlassian-security-tokens/62553",
    "A-GRACE": (
        "https://community.developer.atlassian.com/t/"
        "the-old-access-token-will-be-revoked-during-the-refresh-token-exchange/83103"
    ),
    "A-SCOPE": "https://github.com/atlassian-api/atlassian-python-api/issues/1618",
    "A-SECRET": "https://github.com/Meridiona/meridian/pull/218",
    "G-DEVICE": "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
    "G-OAUTH2": "https://developers.google.com/identity/protocols/oauth2",
    "G-WEB": "https://developers.google.com/identity/protocols/oauth2/web-server",
    "M-DEV": f"{_ENTRA}/v2-oauth2-device-code.md",
    "M-ERR": f"{_ENTRA}/reference-error-codes.md",
    "M-RT": f"{_ENTRA}/refresh-tokens.md",
}
"""The pages of vendors by the keys that sources have for them (catalogue of November 2026, section 2)."""

_GUIDE = "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/"
_TROUBLE = "https://confluence.atlassian.com/jirakb/i-fail-to-get-an-oauth-2-0-refresh-token-1014676944.html"

SEEDS: Mapping[str, str] = {
    "000": _TROUBLE,
    "001": _TROUBLE,
    "002": _GUIDE,  # the guide itself is nowhere to be read; this page is what it refers to
    "003": "https://confluence.atlassian.com/doc/oauth-2-0-integration-for-developers-1004954360.html",
    "004": _GUIDE,
}
"""Where the texts that the project began with can be read (seen 2026-11-30)."""

SPECIFICATIONS: Mapping[str, str] = {
    "OAuth 2.1": "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1",
    "OpenID Connect Core": "https://openid.net/specs/openid-connect-core-1_0.html",
}
"""Specifications that are no RFC. OpenID's has names for its sections, so only the whole is linked."""

_PART = re.compile(
    r"RFC (?P<rfc>\d+)"
    r"|(?P<named>OAuth 2\.1|OpenID Connect Core)"
    r"|\bs(?P<section>\d+(?:\.\d+)*)"
    r"|\bApp\. (?P<appendix>[A-Z](?:\.\d+)*)"
    r"|(?P<page>\b[AGM]-[A-Z0-9]+\b)"
    r"|entra-docs (?P<entra>[\w-]+\.md)"
    r"|(?P<address>https://[^\s;,)]+)"
    r"|\b(?P<seed>00[0-4])\b"
    r"|(?P<end>;)"
)


_NAME = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_REPORT = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)#(?P<number>\d+)")


def links_of(source: str) -> tuple[str, ...]:
    """Return the addresses of what a source names, in its order, each once.

    A section belongs to the specification before it: "RFC 6749 s3.2, s4.1.3" names two sections of one. Where nothing
    that is named has an address, the reports of the misbehaviours do.
    """
    return tuple(dict.fromkeys(_links(source))) or tuple(dict.fromkeys(_reports(source)))


def _reports(source: str) -> Iterator[str]:
    """Yield the first report of each misbehaviour that a source names."""
    known = misbehaviours()
    for name in _NAME.findall(source):
        report = _REPORT.search(known[name].evidence) if name in known else None
        if report is not None:
            yield f"https://github.com/{report['repository']}/issues/{report['number']}"


def _links(source: str) -> Iterator[str]:
    under = waiting = ""
    for part in _PART.finditer(source):
        found = {name: text for name, text in part.groupdict().items() if text is not None}
        anchor = _anchor(found)
        if anchor and under:
            yield under if under == SPECIFICATIONS["OpenID Connect Core"] else f"{under}#{anchor}"
            waiting = ""
        elif not anchor:
            # A specification without a section is linked as a whole.
            yield from [waiting] * bool(waiting)
            under = waiting = _specification(found)
            yield from _page(found)
    yield from [waiting] * bool(waiting)


def _anchor(found: Mapping[str, str]) -> str:
    if "section" in found:
        return f"section-{found['section']}"
    return f"appendix-{found['appendix']}" if "appendix" in found else ""


def _specification(found: Mapping[str, str]) -> str:
    if "rfc" in found:
        return f"https://www.rfc-editor.org/rfc/rfc{found['rfc']}"
    return SPECIFICATIONS.get(found.get("named", ""), "")


def _page(found: Mapping[str, str]) -> Iterator[str]:
    if found.get("page") in PAGES:
        yield PAGES[found["page"]]
    if "entra" in found:
        yield f"{_ENTRA}/{found['entra']}"
    if "address" in found:
        yield found["address"]
    if "seed" in found:
        yield SEEDS[found["seed"]]
