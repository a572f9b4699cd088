"""The authorization endpoint: deciding whether consent is shown, and answering with a code, an error or a page.

`AuthorizationEndpoint` changes state; what a request says is read before. Sources: RFC 6749 s4.1.1, s4.1.2; RFC 9207
s2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import urlencode

from refreshproof.mock_servers.profile.identity import facts_of, requested_acr, requested_claims
from refreshproof.mock_servers.profile.profile import Cause, IssuanceRules, Profile
from refreshproof.mock_servers.provider.http.callback import call_back
from refreshproof.mock_servers.provider.http.replies import Refused, describe, error_page
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.id_tokens import id_token_by_browser
from refreshproof.mock_servers.provider.issuance.issuance import family_of, found_family, issue
from refreshproof.mock_servers.provider.login.authorization_request import (
    AuthorizationRequest,
    is_registered,
    modes_of,
    read,
    response_parts,
)
from refreshproof.mock_servers.provider.state.consent import Decision, Question
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.provider.state.records import Application, Code, Grant
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import Instant, WireResponse, redirect, seconds

Pairs: TypeAlias = list[tuple[str, str]]


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


def _classes(request: AuthorizationRequest) -> tuple[str, ...]:
    """Return the authentication context classes that a login asks for, the preferred one first."""
    asked = request.parameters
    return (*asked.get("acr_values", "").split(), *requested_acr(asked.get("claims")))


class AuthorizationEndpoint:
    """Answers authorization requests out of one provider's state."""

    def __init__(self, profile: Profile, state: State, entry: LedgerEntry, tenant: str | None = None) -> None:
        self._profile = profile
        self._state = state
        self._entry = entry
        self._tenant = tenant

    def __call__(self, pairs: tuple[tuple[str, str], ...], now: Instant) -> tuple[WireResponse, Refused | None]:
        """Answer; returns the response and the refusal, and notes in the ledger what was issued."""
        try:
            request = read(self._profile, self._state.applications, pairs)
        except Refused as refused:
            return self._refusal(refused, dict(pairs)), refused
        if "none" in request.prompt and not self._state.signed_in:
            absent = Refused(Cause.LOGIN_REQUIRED, expected="a user who is logged in", found="none, and prompt none")
            return self._redirected_error(absent, request.redirect_uri, request.parameters), absent
        try:
            answer = self._state.ask(self._question(request))
        except Refused as refused:
            return self._redirected_error(refused, request.redirect_uri, request.parameters), refused
        if isinstance(answer, WireResponse):
            return answer, None
        if answer.answer == "deny":
            denied = Refused(Cause.ACCESS_DENIED, expected="consent", found="deny")
            return self._redirected_error(denied, request.redirect_uri, request.parameters), denied
        try:
            return self._consented(request, answer, now)
        except Refused as refused:
            return self._refusal(refused, request.parameters), refused

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
    ) -> tuple[WireResponse, Refused | None]:
        authenticated_at = self._authenticated_at(request, now)
        self._check_policy(decision.account)
        asked = frozenset(request.scopes)
        sites = self._sites(request.application, decision)
        holder = self._state.holder(self._profile, request.application)
        earlier = self._state.grants.get((decision.account, holder))
        shown = shows_consent(self._profile, request.prompt, earlier, asked)
        if shown and "none" in request.prompt:
            refused = Refused(
                Cause.INTERACTION_REQUIRED, expected="a grant that covers the scopes", found="none, and prompt none"
            )
            return self._redirected_error(refused, request.redirect_uri, request.parameters), refused
        scopes = asked if decision.scopes is None else asked & decision.scopes
        scopes |= self._incremented(request, earlier)
        # Only a consent that was given changes what the grant holds at its sites.
        grant = self._state.record_grant(decision, holder, scopes, now, sites if shown else ())
        code = self._granted(request, decision, grant, scopes, shown, now)
        code.acr, code.authenticated_at = next(iter(_classes(request)), None), authenticated_at
        parts = response_parts(request.parameters)
        value = self._minted(code) if "code" in parts else None
        brought = [] if value is None else [("code", value)]
        brought += self._tokens(request, code, value, now) if parts & {"token", "id_token"} else []
        return self._success(request, decision, scopes, brought), None

    def _minted(self, code: Code) -> str:
        value, code.alias = self._state.vault.mint("CODE", self._profile.code)
        self._state.codes[value] = code
        self._entry.issued = (code.alias,)
        return value

    def _tokens(self, request: AuthorizationRequest, code: Code, value: str | None, now: Instant) -> Pairs:
        """Return what comes by the browser besides a code, and no refresh token (RFC 6749 s4.2.2)."""
        parts, issued = response_parts(request.parameters), self._entry.issued
        wanted = TokenRequest(
            profile=self._profile,
            state=self._state,
            application=request.application,
            values={},
            entry=self._entry,
            now=now,
        )
        members: dict[str, Any] = {}
        family = found_family(wanted, code) if "token" in parts else family_of(wanted, code)
        if "token" in parts:
            members = issue(wanted, family, None, requested=code.requested)
            members.pop("id_token", None)
            self._entry.issued = (*issued, *self._entry.issued)
        if "id_token" in parts:
            hashed = {"c_hash": value, "at_hash": members.get("access_token")}
            members["id_token"] = id_token_by_browser(self._profile, self._state, family, code.nonce, now, hashed)
        return [(name, str(one)) for name, one in members.items() if one is not None]

    def _authenticated_at(self, request: AuthorizationRequest, now: Instant) -> Instant:
        """Return when the user last proved who they are: now, where the session is not enough (OpenID Connect Core
        s3.1.2.1)."""
        last = self._state.authenticated_at if self._state.signed_in else None
        oldest = request.parameters.get("max_age", "")
        aged = last is not None and oldest.isdecimal() and now - last > seconds(int(oldest))
        if last is None or aged or "login" in request.prompt or _classes(request):
            last = now
        self._state.signed_in, self._state.authenticated_at = True, last
        return last

    def _check_policy(self, name: str) -> None:
        """Refuse a user whom a policy keeps from consenting at all, which the vendor then shows on a page."""
        account = self._state.accounts.get(name)
        if account is not None and account.refusal in self._profile.authorization.errors_as_page:
            raise Refused(account.refusal, expected="a user whom no policy refuses", found=name)

    def _incremented(self, request: AuthorizationRequest, earlier: Grant | None) -> frozenset[str]:
        """Return what earlier grants add; when only asked for, not for installed applications (Google, native-app)."""
        rules, asked = self._profile.authorization, request.parameters.get("include_granted_scopes") == "true"
        added = rules.accumulates or (rules.incremental and asked and request.application.kind != "native")
        return earlier.scopes if added and earlier is not None and not earlier.revoked else frozenset()

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

    def _granted(
        self,
        request: AuthorizationRequest,
        decision: Decision,
        grant: Grant,
        scopes: frozenset[str],
        shown: bool,
        now: Instant,
    ) -> Code:
        return Code(
            alias="",
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
            claims=requested_claims(request.parameters.get("claims")),
            tenant=self._tenant,
            resource=request.resource,
            seconds=decision.seconds if self._profile.authorization.timed_access else None,
        )

    def _success(
        self, request: AuthorizationRequest, decision: Decision, scopes: frozenset[str], brought: Pairs
    ) -> WireResponse:
        rules, account = self._profile.authorization, self._state.accounts[decision.account]
        aliases = rules.scope_aliases
        extras = {
            "scope": " ".join(aliases.get(scope, scope) for scope in request.scopes if scope in scopes),
            "authuser": "0",
            "prompt": " ".join(request.prompt) or "none",
            "session_state": self._state.vault.identifier(32),
            "hd": facts_of(account.name, account.kind, request.application.client_id)["domain"],
        }
        pairs = [*brought]
        pairs += [("state", request.state)] if request.state is not None else []
        pairs += [("iss", self._profile.issuer)] if rules.sends_iss else []
        pairs += [(name, extras[name]) for name in rules.extra_callback_parameters if extras[name] is not None]
        return call_back(request.redirect_uri, pairs, request.response_mode, bare_slash=rules.bare_callback_slash)

    def _refusal(self, refused: Refused, values: Mapping[str, str]) -> WireResponse:
        """Redirect an error to the client only where client and redirect URI are beyond doubt (RFC 6749 s4.1.2.1)."""
        rules = self._profile.authorization
        application = self._state.applications.get(values.get("client_id", ""))
        uri = values.get("redirect_uri") or next(iter(application.redirect_uris if application else ()), "")
        trusted = application is not None and not application.deleted and is_registered(self._profile, application, uri)
        if trusted and refused.cause not in rules.errors_as_page:
            return self._redirected_error(refused, uri, values)
        if rules.error_page:
            reply = self._profile.reply(refused.cause)
            query = urlencode({"error": reply.error or "", "error_description": describe(reply, refused.details) or ""})
            return redirect(f"{rules.error_page}?{query}")
        return error_page(self._profile, refused)

    def _redirected_error(self, refused: Refused, redirect_uri: str, values: Mapping[str, str]) -> WireResponse:
        reply, state, rules = self._profile.reply(refused.cause), values.get("state"), self._profile.authorization
        text = refused.detail if reply.description is None else describe(reply, refused.details)
        pairs = [("error", reply.error or "server_error")]
        pairs += [("error_description", text)] if text else []
        pairs += reply.callback.items()
        pairs += [("state", state)] if state is not None else []
        pairs += [("iss", self._profile.issuer)] if rules.sends_iss else []
        modes = modes_of(self._profile, values)
        mode = values.get("response_mode", modes[0])
        mode = mode if mode in modes else modes[0]
        return call_back(redirect_uri, pairs, mode, bare_slash=rules.bare_callback_slash)
