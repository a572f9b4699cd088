"""The authorization endpoint: reading a request, deciding whether consent is shown, and answering with a code.

`read` is a pure function of the request and what is registered; `AuthorizationEndpoint` changes state.
Sources: RFC 6749 s3.1, s4.1.1, s4.1.2; RFC 7636 s4.3; RFC 9207 s2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from refreshproof.mock_servers.callback import call_back
from refreshproof.mock_servers.consent import Decision, Question
from refreshproof.mock_servers.profile import Cause, IssuanceRules, Profile
from refreshproof.mock_servers.records import Application, Code, Grant
from refreshproof.mock_servers.replies import Refused, describe, error_page
from refreshproof.mock_servers.scopes import read_scopes
from refreshproof.mock_servers.state import State
from refreshproof.mock_servers.wire import Instant, WireResponse, redirect

_VERIFIER_LENGTH = re.compile(r"^[A-Za-z0-9\-._~]{43,128}$")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LOOPBACK_URI = re.compile(r"https?://(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(/[!$-;=?-\[\]_a-z~]*)?")


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """A request that may be put to the user."""

    application: Application
    redirect_uri: str
    redirect_uri_given: bool
    scopes: tuple[str, ...]
    prompt: tuple[str, ...]
    state: str | None
    response_mode: str
    parameters: Mapping[str, str]
    challenge: str | None
    challenge_method: str


def read(
    profile: Profile, applications: Mapping[str, Application], pairs: tuple[tuple[str, str], ...]
) -> AuthorizationRequest:
    """Check the parameters of an authorization request; raises `Refused`."""
    values = {name: value for name, value in pairs if value != ""}
    application = _application(applications, values)
    _check_kind(profile, application)
    redirect_uri = _redirect_uri(profile, application, values)
    repeated = repeated_parameters(pairs)
    if repeated:
        raise _invalid("Parameter sent more than once", expected="each parameter once", found=repeated)
    _check_required(profile, values)
    challenge, method = _challenge(profile, application, values)
    return AuthorizationRequest(
        application=application,
        redirect_uri=redirect_uri,
        redirect_uri_given="redirect_uri" in values,
        scopes=_scopes(profile, application, values),
        prompt=_prompt(profile, values),
        state=values.get("state"),
        response_mode=_response_mode(profile, values),
        parameters=values,
        challenge=challenge,
        challenge_method=method,
    )


def repeated_parameters(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return the names that are there more than once, as a list in words; RFC 6749 s3.1 and s3.2 forbid them."""
    return ", ".join(sorted(name for name, number in Counter(name for name, _ in pairs).items() if number > 1))


def _application(applications: Mapping[str, Application], values: Mapping[str, str]) -> Application:
    client_id = values.get("client_id")
    if client_id is None:
        raise _missing("client_id")
    if client_id not in applications:
        raise Refused(Cause.UNKNOWN_CLIENT, client_id=client_id, expected=" or ".join(applications), found=client_id)
    return applications[client_id]


def _check_kind(profile: Profile, application: Application) -> None:
    kinds = profile.authorization.application_kinds
    if kinds and application.kind not in kinds:
        raise Refused(Cause.APPLICATION_KIND, expected=" or ".join(kinds), found=application.kind)


def _redirect_uri(profile: Profile, application: Application, values: Mapping[str, str]) -> str:
    given = values.get("redirect_uri")
    if given is None:
        if len(application.redirect_uris) == 1 and "redirect_uri" not in profile.authorization.required:
            return application.redirect_uris[0]
        raise _mismatch(application, "none")
    free_port = profile.authorization.loopback_port_free
    if not _registered(application, given, free_port):
        raise _mismatch(application, given)
    if profile.authorization.https_redirect_uri and urlsplit(given).scheme != "https":
        raise Refused(Cause.REDIRECT_URI_MISMATCH, expected="an https address", found=given)
    return given


def _mismatch(application: Application, found: str) -> Refused:
    expected = " or ".join(application.redirect_uris)
    return Refused(Cause.REDIRECT_URI_MISMATCH, client_id=application.client_id, expected=expected, found=found)


def _missing(parameter: str) -> Refused:
    return Refused(Cause.MISSING_PARAMETER, parameter=parameter, expected=parameter, found="none")


def _invalid(what: str, *, expected: str, found: str) -> Refused:
    detail = f"{what}: expected {expected}, found {found}"
    return Refused(Cause.INVALID_REQUEST, detail=detail, expected=expected, found=found)


def _registered(application: Application, given: str, free_port: bool) -> bool:
    if application.any_loopback and _on_loopback(given):
        return True
    return any(redirect_uris_match(registered, given, free_port) for registered in application.redirect_uris)


def _on_loopback(uri: str) -> bool:
    """Tell whether an address is a plain one on loopback, that no parser could read as another host's."""
    return _LOOPBACK_URI.fullmatch(uri) is not None


def redirect_uris_match(registered: str, given: str, free_port: bool) -> bool:
    """Compare byte for byte; on loopback the port may differ (RFC 8252 s7.3, RFC 9700 s2.1)."""
    if registered == given:
        return True
    one, other = urlsplit(registered), urlsplit(given)
    return (
        free_port
        and one.hostname in _LOOPBACK
        and one._replace(netloc="") == other._replace(netloc="")
        and (one.hostname == other.hostname)
    )


def _check_required(profile: Profile, values: Mapping[str, str]) -> None:
    for name, wanted in profile.authorization.required.items():
        if name not in values:
            raise _missing(name)
        if name == "response_type" and values[name] != wanted:
            raise Refused(Cause.UNSUPPORTED_RESPONSE_TYPE, expected=wanted, found=values[name])
        if wanted and wanted not in values[name].split():
            raise _invalid(name, expected=wanted, found=values[name])


def _scopes(profile: Profile, application: Application, values: Mapping[str, str]) -> tuple[str, ...]:
    resource = profile.authorization.resource_parameter
    asked = profile.scopes if resource in values else read_scopes(profile, values.get("scope", ""))
    allowed = application.scopes
    for scope in asked:
        # The scope that brings a refresh token is the authorization server's own, not one of an API.
        if allowed is not None and scope not in allowed and scope != profile.issuance.scope:
            raise Refused(Cause.INVALID_SCOPE, scope=scope, expected=" ".join(sorted(allowed)), found=scope)
    return asked


def _response_mode(profile: Profile, values: Mapping[str, str]) -> str:
    allowed, mode = profile.authorization.response_modes, values.get("response_mode", "query")
    if mode not in allowed:
        raise _invalid("response_mode", expected=" or ".join(allowed), found=mode)
    return mode


def _prompt(profile: Profile, values: Mapping[str, str]) -> tuple[str, ...]:
    prompt = tuple(values.get("prompt", profile.authorization.default_prompt).split())
    for value in prompt:
        if value not in profile.authorization.prompt_values:
            allowed = " or ".join(profile.authorization.prompt_values)
            raise _invalid("Invalid parameter value for prompt", expected=allowed, found=value)
    legacy = profile.authorization.consent_parameter
    if legacy is not None and values.get(legacy[0]) == legacy[1]:
        prompt = (*prompt, "consent")
    if "none" in prompt and len(prompt) > 1:
        raise _invalid("prompt", expected="none alone", found=" ".join(prompt))
    return prompt


def _challenge(profile: Profile, application: Application, values: Mapping[str, str]) -> tuple[str | None, str]:
    challenge, method = values.get("code_challenge"), values.get("code_challenge_method", "plain")
    rule = profile.authorization.pkce
    if challenge is None:
        if rule == "required" or application.kind in profile.authorization.pkce_kinds:
            raise _missing("code_challenge")
        return None, method
    if rule == "refused":
        raise _invalid("code_challenge is not supported", expected="none", found=f"{method} code_challenge")
    if method not in ("plain", "S256"):
        raise _invalid("code_challenge_method", expected="plain or S256", found=method)
    if not _VERIFIER_LENGTH.match(challenge):
        raise _invalid(
            "code_challenge", expected="43 to 128 unreserved characters", found=f"{len(challenge)} characters"
        )
    return (None if rule == "ignored" else challenge), method


def brings_refresh_token(rules: IssuanceRules, request: AuthorizationRequest, consent_shown: bool) -> bool:
    """Tell whether the code of this flow will bring a refresh token: every gate that the vendor has must be open."""
    gates = (
        rules.ever,
        rules.parameter is None or request.parameters.get(rules.parameter[0]) == rules.parameter[1],
        rules.scope is None or rules.scope in request.scopes,
        not rules.consent_shown or consent_shown,
        not rules.application_switch or request.application.refresh_tokens,
    )
    return all(gates) or request.application.kind in rules.ungated_kinds


def shows_consent(profile: Profile, prompt: tuple[str, ...], grant: Grant | None, scopes: frozenset[str]) -> bool:
    """Tell whether the user sees the consent screen."""
    rule = profile.authorization.consent
    if rule == "always" or "consent" in prompt:
        return True
    covered = grant is not None and not grant.revoked and not grant.stale and scopes <= grant.scopes
    return rule == "uncovered_or_prompted" and not covered


class AuthorizationEndpoint:
    """Answers authorization requests out of one provider's state."""

    def __init__(self, profile: Profile, state: State) -> None:
        self._profile = profile
        self._state = state

    def __call__(
        self, pairs: tuple[tuple[str, str], ...], now: Instant
    ) -> tuple[WireResponse, str | None, Refused | None]:
        """Answer; returns the response, the alias of a code that was issued, and the refusal."""
        try:
            request = read(self._profile, self._state.applications, pairs)
        except Refused as refused:
            return self._refusal(refused, dict(pairs)), None, refused
        try:
            answer = self._state.ask(self._question(request))
        except Refused as refused:
            return self._redirected_error(refused, request.redirect_uri, request.parameters), None, refused
        if isinstance(answer, WireResponse):
            return answer, None, None
        if answer.answer == "deny":
            denied = Refused(Cause.ACCESS_DENIED, expected="consent", found="deny")
            return self._redirected_error(denied, request.redirect_uri, request.parameters), None, denied
        try:
            return self._consented(request, answer, now)
        except Refused as refused:
            return self._refusal(refused, request.parameters), None, refused

    def _question(self, request: AuthorizationRequest) -> Question:
        return Question(
            application=request.application,
            scopes=request.scopes,
            prompt=request.prompt,
            login_hint=request.parameters.get("login_hint"),
            accounts=tuple(self._state.accounts.values()),
            sites={name: self._state.sites_of(self._profile, name) for name in self._state.accounts},
        )

    def _consented(
        self, request: AuthorizationRequest, decision: Decision, now: Instant
    ) -> tuple[WireResponse, str | None, Refused | None]:
        asked = frozenset(request.scopes)
        sites = self._sites(request.application, decision)
        holder = self._state.holder(self._profile, request.application)
        earlier = self._state.grants.get((decision.account, holder))
        shown = shows_consent(self._profile, request.prompt, earlier, asked)
        if shown and "none" in request.prompt:
            refused = Refused(
                Cause.INTERACTION_REQUIRED, expected="a grant that covers the scopes", found="none, and prompt none"
            )
            return self._redirected_error(refused, request.redirect_uri, request.parameters), None, refused
        scopes = asked if decision.scopes is None else asked & decision.scopes
        scopes |= self._incremented(request, earlier)
        # Only a consent that was given changes what the grant holds at its sites.
        grant = self._state.record_grant(decision, holder, scopes, now, sites if shown else ())
        code = self._code(request, decision, grant, scopes, shown, now)
        return self._success(request, scopes, code[0]), code[1], None

    def _incremented(self, request: AuthorizationRequest, earlier: Grant | None) -> frozenset[str]:
        """Return what include_granted_scopes adds; not for installed applications (Google, native-app)."""
        wanted = request.parameters.get("include_granted_scopes") == "true" and request.application.kind != "native"
        if not (self._profile.authorization.incremental and wanted) or earlier is None or earlier.revoked:
            return frozenset()
        return earlier.scopes

    def _sites(self, application: Application, decision: Decision) -> tuple[str, ...]:
        """Return the sites that a consent is for; raises `Refused` for a user who may not give it."""
        if not application.shared and decision.account != application.owner:
            raise Refused(Cause.APPLICATION_NOT_SHARED, expected=application.owner, found=decision.account)
        if not self._profile.authorization.site_selection:
            return ()
        sites = self._state.sites_of(self._profile, decision.account)
        if not sites:
            raise Refused(Cause.ACCESS_DENIED, expected="a user with a site", found=decision.account)
        if decision.site is not None and decision.site not in sites:
            raise ValueError(f"site {decision.site!r} is none of {decision.account}'s: {', '.join(sites)}")
        return sites if application.spans_sites else (decision.site or sites[0],)

    def _code(
        self,
        request: AuthorizationRequest,
        decision: Decision,
        grant: Grant,
        scopes: frozenset[str],
        shown: bool,
        now: Instant,
    ) -> tuple[str, str]:
        value, alias = self._state.vault.mint("CODE", self._profile.code)
        self._state.codes[value] = Code(
            alias=alias,
            client_id=request.application.client_id,
            account=decision.account,
            redirect_uri=request.redirect_uri,
            redirect_uri_given=request.redirect_uri_given,
            requested=request.scopes,
            scopes=scopes,
            grant=grant,
            issued_at=now,
            offline=brings_refresh_token(self._profile.issuance, request, shown),
            challenge=request.challenge,
            challenge_method=request.challenge_method,
            nonce=request.parameters.get("nonce"),
            seconds=decision.seconds if self._profile.authorization.timed_access else None,
        )
        return value, alias

    def _success(self, request: AuthorizationRequest, scopes: frozenset[str], code: str) -> WireResponse:
        rules = self._profile.authorization
        aliases = rules.scope_aliases
        extras = {
            "scope": " ".join(aliases.get(scope, scope) for scope in request.scopes if scope in scopes),
            "authuser": "0",
            "prompt": " ".join(request.prompt) or "none",
            "session_state": self._state.vault.identifier(32),
        }
        pairs = [("code", code)]
        pairs += [("state", request.state)] if request.state is not None else []
        pairs += [("iss", self._profile.issuer)] if rules.sends_iss else []
        pairs += [(name, extras[name]) for name in rules.extra_callback_parameters]
        return call_back(request.redirect_uri, pairs, request.response_mode)

    def _refusal(self, refused: Refused, values: Mapping[str, str]) -> WireResponse:
        """Redirect an error to the client only where client and redirect URI are beyond doubt (RFC 6749 s4.1.2.1)."""
        rules = self._profile.authorization
        application = self._state.applications.get(values.get("client_id", ""))
        uri = values.get("redirect_uri") or next(iter(application.redirect_uris if application else ()), "")
        trusted = application is not None and _registered(application, uri, rules.loopback_port_free)
        if trusted and refused.cause not in rules.errors_as_page:
            return self._redirected_error(refused, uri, values)
        if rules.error_page:
            reply = self._profile.reply(refused.cause)
            query = urlencode({"error": reply.error or "", "error_description": describe(reply, refused.details) or ""})
            return redirect(f"{rules.error_page}?{query}")
        return error_page(self._profile, refused)

    def _redirected_error(self, refused: Refused, redirect_uri: str, values: Mapping[str, str]) -> WireResponse:
        reply, state = self._profile.reply(refused.cause), values.get("state")
        text = describe(reply, refused.details) or refused.detail
        pairs = [("error", reply.error or "server_error"), ("error_description", text)]
        pairs += [("state", state)] if state is not None else []
        pairs += [("iss", self._profile.issuer)] if self._profile.authorization.sends_iss else []
        mode = values.get("response_mode", "query")
        return call_back(redirect_uri, pairs, mode if mode in self._profile.authorization.response_modes else "query")
