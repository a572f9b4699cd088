"""Authorization: the request that the user's browser is sent off with has what the vendor needs, and nothing else."""

from __future__ import annotations

from collections import Counter
from functools import partial
from urllib.parse import urlsplit

from refreshproof.mock_servers.provider.login.authorization_request import redirect_uris_match
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.challenges import challenged_scopes
from refreshproof.scenarios.evidence.evidence import Evidence, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import configuration, logins
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.sights import NotObservedError
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Until

NOBODY = "The client sent no user to the provider."
OFFLINE_ACCESS = "offline_access"
GOOGLE_PARAMETERS = ("access_type", "include_granted_scopes")


def request_is_right(evidence: Evidence) -> Verdict:
    """Every authorization request has each parameter once, the type code, and the registered redirect URI."""
    requests = logins(evidence)
    for fault_of in (_fault, partial(_misdirected, evidence)):
        for one in requests:
            fault = fault_of(one)
            if fault:
                return violated(fault, one.number, expected="A request as RFC 6749 section 4.1.1 describes it.")
    for one in requests:
        if "redirect_uri" not in one.values:
            return alternative("The request leaves redirect_uri to the server.", one.number)
        if urlsplit(one.values["redirect_uri"]).hostname == "localhost":
            return alternative("The redirect URI says localhost where an IP literal is safer.", one.number)
    return exercised(bool(requests), NOBODY)


def _fault(one: Exchange) -> str | None:
    if one.view != "authorization":
        return f"The browser was sent to {one.origin}, which has no authorization endpoint there."
    counts = Counter(name for name, _ in one.parameters)
    repeated = sorted(name for name, number in counts.items() if number > 1)
    missing = [name for name in ("response_type", "client_id", "scope") if not one.values.get(name)]
    if repeated or missing:
        return f"The request {'repeats' if repeated else 'lacks'} {', '.join(repeated or missing)}."
    if one.values["response_type"] != "code":
        return f"The request asks for response_type {one.values['response_type']}."
    return None


def _misdirected(evidence: Evidence, one: Exchange) -> str | None:
    registered = str(configuration(evidence).get("redirect_uri", ""))
    given = one.values.get("redirect_uri", registered)
    if not redirect_uris_match(registered, given, evidence.profile.authorization.loopback_port_free):
        return f"The request names the redirect URI {given}; {registered} is registered."
    if not urlsplit(given).scheme or "#" in given:
        return f"The redirect URI {given} is not absolute or has a fragment."
    return None


def asks_for_offline(vendor: Vendor) -> bool:
    """Apply where a parameter of the request opens the way to a refresh token."""
    return vendor.profile.issuance.parameter is not None


def offline_parameter_sent(evidence: Evidence) -> Verdict:
    """Every request carries the vendor's offline parameter, and a prompt that brings up the consent screen."""
    name, value = evidence.profile.issuance.parameter or ("", "")
    for one in logins(evidence):
        prompt = one.values.get("prompt", "").split()
        if one.values.get(name) != value:
            return violated(f"The request has {name}={one.values.get(name)}.", one.number, expected=f"{name}={value}")
        if evidence.profile.issuance.consent_shown and ("consent" not in prompt or "none" in prompt):
            return violated(
                f"The request has prompt={' '.join(prompt) or 'nothing'}: a user who has consented before brings no"
                " refresh token.",
                one.number,
                expected="A prompt that holds consent.",
            )
    return _each_brings_refresh_token(evidence)


def _each_brings_refresh_token(evidence: Evidence) -> Verdict:
    answers = [one for one in evidence.token_answers if one.grant_type == "authorization_code"]
    for one in answers:
        if refresh_token_of(one) is None and not evidence.shows("setting"):
            raise NotObservedError("server")  # the request was right: why the vendor gave none it does not say
        if refresh_token_of(one) is None:
            return violated("The login brought no refresh token.", one.number, expected="A refresh token.")
    return exercised(bool(answers), "No login was completed.")


def has_offline_scope(vendor: Vendor) -> bool:
    """Apply where the provider type itself knows the scope that brings a refresh token."""
    return vendor.profile.issuance.scope == OFFLINE_ACCESS and vendor.profile.provider_type != "GENERIC"


def offline_scope_once(evidence: Evidence) -> Verdict:
    """The scope holds offline_access exactly once, whether the configuration names it or not."""
    for one in logins(evidence):
        count = one.values.get("scope", "").split().count(OFFLINE_ACCESS)
        if count != 1:
            return violated(
                f"The scope of the request holds {OFFLINE_ACCESS} {count} times.",
                one.number,
                expected=f"{OFFLINE_ACCESS} exactly once.",
            )
    return _each_brings_refresh_token(evidence)


def wants_audience(vendor: Vendor) -> bool:
    """Apply where the authorization endpoint requires an audience."""
    return "audience" in vendor.profile.authorization.required


def audience_and_prompt_sent(evidence: Evidence) -> Verdict:
    """Every request carries the vendor's audience and prompt, and a grant without a refresh token is called so."""
    required = evidence.profile.authorization.required
    requests = logins(evidence)
    for one in requests:
        for name in ("audience", "prompt"):
            if required.get(name, "") not in one.values.get(name, "").split():
                return violated(
                    f"The request has {name}={one.values.get(name)}.", one.number, expected=f"{name}={required[name]}"
                )
    wanted = OFFLINE_ACCESS in configuration(evidence).get("scopes", ())
    for one in requests:
        if wanted and OFFLINE_ACCESS not in one.values.get("scope", "").split():
            return violated(
                f"The request leaves out the configured {OFFLINE_ACCESS}.", one.number, expected=OFFLINE_ACCESS
            )
    return _believes_in_refreshing(evidence) or exercised(bool(requests), NOBODY)


def _believes_in_refreshing(evidence: Evidence) -> Verdict | None:
    """Find a first login that brought no refresh token and is called refreshable all the same."""
    answers = [one for one in evidence.token_answers if one.grant_type == "authorization_code"]
    outcomes = evidence.outcomes("callback")
    if answers and outcomes and refresh_token_of(answers[0]) is None and outcomes[0].refreshable:
        return violated(
            "The client calls the grant refreshable; the answer brought no refresh token.",
            answers[0].number,
            expected="A grant without a refresh token is not refreshable.",
        )
    return None


def generic_defaults(evidence: Evidence) -> Verdict:
    """The custom type asks for an account by default and sends none of another vendor's parameters."""
    set_by_hand = configuration(evidence).get("authorization_parameters", {})
    requests = [one for one in logins(evidence) if configuration(evidence).get("provider_type") == "GENERIC"]
    for one in requests:
        prompt = one.values.get("prompt")
        if "prompt" not in set_by_hand and prompt != "select_account":
            return violated(f"The request has prompt={prompt}.", one.number, expected="prompt=select_account")
        for name in GOOGLE_PARAMETERS:
            if name in one.values and name not in set_by_hand:
                return violated(
                    f"The request carries {name}, which no setting asked for.", one.number, expected=f"No {name}."
                )
    return exercised(bool(requests), "No login by the custom type.")


def scopes_as_configured(evidence: Evidence) -> Verdict:
    """The scopes asked for are those configured, besides the one that brings a refresh token."""
    wanted = set(configuration(evidence).get("scopes", ()))
    offline = {evidence.profile.issuance.scope, OFFLINE_ACCESS} - {None}
    requests = logins(evidence)
    for one in requests:
        asked = {
            word for word in one.values.get("scope", "").split(evidence.profile.authorization.scope_separator) if word
        }
        told = challenged_scopes(evidence, one)
        # What a resource asks for counts before what was configured (RFC 6750 s3, RFC 9728 s5.1).
        odd = sorted((asked - wanted - told if told else asked ^ wanted) - (offline - wanted))
        if odd:
            verb = "asks for" if odd[0] in asked else "leaves out"
            return violated(
                f"The request {verb} the scope {odd[0]!r}.", one.number, expected=f"Exactly {' '.join(sorted(wanted))}."
            )
    return exercised(bool(requests), NOBODY)


_TWICE = (Authorize(), Advance(seconds=3600), Authorize())
_GENERIC_TYPE = {"provider_type": "GENERIC", "client_parameters": {}}
_TWELVE = tuple(f"area{number}.read" for number in range(12))

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="authz-code-request",
        keyword="MUST",
        statement=(
            "The authorization request has response_type=code, client_id, scope and the registered redirect URI, "
            "each parameter once."
        ),
        source="RFC 6749 s3.1, s3.1.2, s4.1.1; RFC 9700 s2.1; RFC 8252 s7.3, s8.3; seed 002, 004",
        effect="The vendor shows an error page instead of the login: nobody can connect, and the client never hears.",
        fix="Send the redirect URI byte for byte as it is registered, and every parameter exactly once.",
        anomaly="A15",
        check=request_is_right,
        scenarios=(
            Scenario(
                steps=(Authorize(), Advance(seconds=10), Authorize(), Advance(seconds=3590), Authorize()),
                name="three logins",
            ),
        ),
        invariant=True,
    ),
    Requirement(
        id="authz-google-offline",
        keyword="VENDOR",
        statement="At Google the request carries access_type=offline and a prompt that holds consent.",
        source="seed 000, 001; https://developers.google.com/identity/protocols/oauth2/web-server",
        effect="The second login of the same user brings no refresh token, and the integration ends after an hour.",
        fix="Send access_type=offline and prompt=consent in every authorization request.",
        anomaly="A15",
        check=offline_parameter_sent,
        recorded="grant",
        scenarios=(Scenario(steps=_TWICE, name="the same user logs in twice"),),
        applies=asks_for_offline,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="authz-generic-defaults",
        keyword="VENDOR",
        statement="The custom provider type sends prompt=select_account by default and none of Google's parameters.",
        source="seed 000, 001",
        effect="Vendors refuse parameters that they do not know, or users are logged in with the wrong account.",
        fix="Tie access_type and prompt=consent to the Google type; let the custom type send prompt=select_account.",
        anomaly="A15",
        check=generic_defaults,
        scenarios=(Scenario(steps=_TWICE, name="the custom type, twice", profile=_GENERIC_TYPE),),
        needs=frozenset({"provider_types"}),
    ),
    Requirement(
        id="authz-microsoft-offline",
        keyword="VENDOR",
        statement="At Microsoft the scope holds offline_access exactly once, added where the configuration lacks it.",
        source="seed 000; entra-docs v2-oauth2-auth-code-flow.md",
        effect="No refresh token is issued: the integration ends after about an hour.",
        fix="Add offline_access to the scope of the authorization request unless it is there.",
        anomaly="A15",
        check=offline_scope_once,
        recorded="grant",
        scenarios=(
            Scenario(steps=(Authorize(),), name="configured without it"),
            Scenario(
                steps=(Authorize(),), name="configured with it", profile={"scopes": (OFFLINE_ACCESS, "User.Read")}
            ),
        ),
        applies=has_offline_scope,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="authz-atlassian-params",
        keyword="VENDOR",
        statement=(
            "At Atlassian the request carries audience=api.atlassian.com and prompt=consent, and offline_access when "
            "a refresh token is wanted."
        ),
        source="seed 002, 004",
        effect="The login ends on an error page, or the connection silently ends after an hour.",
        fix="Send audience and prompt with every request, and configure offline_access; without it promise no refresh.",
        anomaly="A15",
        check=audience_and_prompt_sent,
        scenarios=(
            Scenario(steps=(Authorize(),), name="with offline_access"),
            flow(
                Until(limit="access_token_expiry", offset=1),
                Call(),
                name="without offline_access",
                profile={"scopes": ("read:me", "read:jira-work")},
            ),
        ),
        applies=wants_audience,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="authz-scope-as-configured",
        keyword="SHOULD",
        statement="Exactly the configured scopes are requested, and the vendor's offline scope.",
        source="RFC 6749 s3.3, s10.3; seed 000, 002, 003, 004; misb iss-scope-separator",
        effect="Users are asked for more than the integration needs, or it lacks a permission that was configured.",
        fix="Send the configured scopes as they are, joined by a space.",
        anomaly="A9",
        check=scopes_as_configured,
        scenarios=(
            Scenario(steps=(Authorize(),), name="the vendor's usual scopes"),
            Scenario(steps=(Authorize(),), name="one scope", profile={"scopes": ("read",)}),
            Scenario(steps=(Authorize(),), name="a scope twice", profile={"scopes": ("read", "write", "read")}),
            Scenario(steps=(Authorize(),), name="twelve scopes", profile={"scopes": _TWELVE}),
        ),
    ),
)
"""The family's requirements but those on what must be new and secret, which `authz_secrets` holds."""
