"""A small and correct client: the ground on which every miniature differs in exactly one habit.

Each habit is one method, so that a flaw is one short override. It keeps its grant on a `disk` that survives a restart.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from refreshproof.harness.adapters.paged import page_by_page
from refreshproof.harness.adapters.tiny.answers import NO_ANSWER, Answers, Disk, Failure, Grant
from refreshproof.harness.adapters.tiny.requests import Requests
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import DAY, SECOND, Instant, WireRequest, WireResponse, seconds
from refreshproof.scenarios.steps.subject import OK, Capability, Description, Outcome, Surroundings

LEAD = 120
DOUBTS = 5
FAILING_PERIOD = 7 * DAY
PATIENCE = 120.0
"""Seconds to wait for the resource: longer than any delay inside the bounds."""
HOPELESS = 300
"""Seconds after a refused retry in which a further refusal leads to no refresh."""
ABILITIES: frozenset[Capability] = frozenset(
    {"refresh", "restart", "parallel", "disconnect", "clock", "visible_output"}
)
# What each provider type needs for a refresh token: seed 001 (Google), seed 000 (Microsoft).
OFFLINE: Mapping[str, Mapping[str, str]] = {
    "GOOGLE": {"access_type": "offline", "prompt": "consent"},
    "MICROSOFT": {"prompt": "select_account"},
    "GENERIC": {"prompt": "select_account"},
}
OFFLINE_SCOPE: Mapping[str, tuple[str, ...]] = {"MICROSOFT": ("offline_access",)}


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A login under way."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)


class TinyClient(Answers, Requests):
    """A client with good habits; `extra_capabilities` are what a subclass can do besides."""

    extra_capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            "tolerates_a_minute",
            "margin",
            "pages",
            "provider_types",
            "gives_up_after_a_week",
            "shared_store",
            "repeats_login",
        }
    )

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.registration = surroundings.registration
        self.random = random.Random(surroundings.seed)  # noqa: S311 - reproducible on purpose
        self.disk = Disk(lock=surroundings.make_lock())
        self.start()

    def start(self) -> None:
        """Begin a process: only the disk is left of the one before."""
        self.lock = self.disk.lock
        self.flows: dict[str, Flow] = {}
        self.failures = 0
        self.hopeless_until: Instant = 0
        self.margin = 0.0

    # -- what the harness asks

    def describe(self) -> Description:
        """Name the client."""
        return Description(name="tiny client", version="1", capabilities=ABILITIES | self.extra_capabilities)

    def authorize(self) -> str:
        """Begin a flow."""
        flow = Flow(state=self.new_state(), verifier=self.new_verifier())
        self.flows[flow.state] = flow
        return f"{self.registration.authorization_endpoint}?{urlencode(self.authorization_parameters(flow))}"

    def callback(self, url: str) -> Outcome:
        """Take a redirect; only one that belongs to a flow of ours leads to a token request."""
        found = parse_qs(urlsplit(url).query)
        values = {name: texts[0] for name, texts in found.items()}
        flow = self.flow_of(values)
        if any(len(texts) > 1 for texts in found.values()) or flow is None or not self.issuer_is_right(values):
            return Outcome(kind="permanent_error", detail="The callback belongs to no login of ours.")
        error = self.error_of(values)
        if error is not None:
            return Outcome(kind="permanent_error", error=error, detail="The provider refused.")
        if "code" not in values:
            return Outcome(kind="permanent_error", detail="The callback brings no code.")
        return self.attempt(lambda: self.exchange(values["code"], flow))

    def call(self) -> Outcome:
        """Use the resource: refresh first if due, and once more if the token is refused."""
        return self.attempt(self.call_with_newest)

    def call_with_margin(self, margin: float) -> Outcome:
        """Use the resource with a token that is good for so many seconds more."""
        self.margin = margin
        try:
            return self.call()
        finally:
            self.margin = 0.0

    def call_pages(self, pages: int, pause: Callable[[], None]) -> Outcome:
        """Read page by page, each with the newest token."""
        return page_by_page(self.call, pages, pause)

    def refresh(self) -> Outcome:
        """Refresh now."""
        return self.attempt(lambda: self.renew(self.known_grant()) and OK)

    def restart(self) -> None:
        """Lose everything but the disk."""
        self.start()

    def twin(self, surroundings: Surroundings) -> Self:
        """Begin another process on the same disk."""
        other = type(self)(surroundings)
        other.disk = self.disk
        other.start()
        return other

    def disconnect(self) -> Outcome:
        """Forget the grant, after revoking its newest token where the provider can; a refresh under way ends first."""
        with self.lock:
            self.surroundings.touch_store()
            grant, self.disk.grant = self.disk.grant, None
        endpoint = self.registration.revocation_endpoint
        if grant is not None and endpoint is not None:
            token = grant.refresh_token or grant.access_token
            try:
                self.post(endpoint, {"token": token})
            except Trouble:
                return Outcome(kind="transient_error")
        return OK

    def close(self) -> None:
        """Nothing to release."""

    # -- habits: the flow

    def new_state(self) -> str:
        """Return an unguessable value, new for every flow."""
        return self.random_text()

    def new_verifier(self) -> str:
        """Return a PKCE verifier, new for every flow."""
        return self.random_text()

    def random_text(self) -> str:
        """Return 43 characters of base64url."""
        return base64.urlsafe_b64encode(self.random.randbytes(32)).rstrip(b"=").decode()

    def authorization_parameters(self, flow: Flow) -> dict[str, str]:
        """Return the parameters of an authorization request."""
        chosen = self.registration
        parameters = {
            "response_type": "code",
            "client_id": chosen.client_id,
            "redirect_uri": self.redirect_uri(),
            "scope": chosen.scope_separator.join(self.scopes()),
            "state": flow.state,
            **self.offline_parameters(),
            **chosen.authorization_parameters,
        }
        if chosen.pkce:
            digest = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode()
            parameters |= {"code_challenge": digest, "code_challenge_method": "S256"}
        return parameters

    def offline_parameters(self) -> Mapping[str, str]:
        """Return what makes the provider issue a refresh token."""
        return OFFLINE[self.registration.provider_type]

    def scopes(self) -> tuple[str, ...]:
        """Return the configured scopes and the vendor's offline scope, each once."""
        extra = OFFLINE_SCOPE.get(self.registration.provider_type, ())
        return tuple(dict.fromkeys((*self.registration.scopes, *extra)))

    def redirect_uri(self) -> str:
        """Return the registered redirect URI."""
        return self.registration.redirect_uri

    def flow_of(self, values: Mapping[str, str]) -> Flow | None:
        """Return the flow a callback belongs to and end it, None if there is none."""
        return self.flows.pop(values.get("state", ""), None)

    def error_of(self, values: Mapping[str, str]) -> str | None:
        """Return the error that a callback brings, whatever else it brings."""
        return values.get("error")

    def issuer_is_right(self, values: Mapping[str, str]) -> bool:
        """Compare iss byte for byte; it may be missing only where the server does not send it (RFC 9207 s2.4)."""
        missing_is_fine = not self.registration.iss_expected
        return values["iss"] == self.registration.issuer if "iss" in values else missing_is_fine

    def exchange(self, code: str, flow: Flow) -> Outcome:
        """Redeem a code, once."""
        sent_at = self.now()
        try:
            response = self.post(self.registration.token_endpoint, self.exchange_form(code, flow))
        except Trouble as trouble:
            raise Failure(Outcome(kind="transient_error", detail=trouble.kind)) from None
        members = self.members(response)
        with self.lock:
            before, self.not_before, self.failures = self.disk.grant, 0, 0
            self.accept(self.merged(None, members, sent_at), before)
        return replace(OK, refreshable=self.known_grant().refresh_token is not None)

    def exchange_form(self, code: str, flow: Flow) -> dict[str, str]:
        """Return the parameters of a code exchange."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri()}
        return form | ({"code_verifier": flow.verifier} if self.registration.pkce else {})

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Store a new grant; one that cannot be refreshed does not replace one that can."""
        if grant.refresh_token is None and before is not None and before.refresh_token and not before.dead:
            grant = replace(grant, refresh_token=before.refresh_token)
        self.save(grant)

    # -- habits: tokens

    def now(self) -> Instant:
        """Return the client's time."""
        return self.surroundings.clock.now()

    def save(self, grant: Grant) -> None:
        """Write the grant to disk."""
        self.surroundings.touch_store()
        self.disk.grant = grant

    def load(self) -> Grant | None:
        """Read the grant from disk."""
        self.surroundings.touch_store()
        return self.disk.grant

    def known_grant(self) -> Grant:
        """Return the grant; raises `Failure` that asks for the user where there is none."""
        grant = self.load()
        if grant is None or grant.dead:
            raise Failure(Outcome(kind="reauthorization_required", error="invalid_grant"))
        return grant

    def lead(self, grant: Grant) -> float:
        """Return the seconds before expiry at which a refresh is due: at most half the lifetime."""
        return min(LEAD + self.margin, (grant.lifetime or 0) / 2)

    def due(self, grant: Grant) -> bool:
        """Tell whether a refresh is due; an unknown lifetime waits for the resource to refuse."""
        if grant.lifetime is None:
            return False
        return self.now() + seconds(self.lead(grant)) >= grant.obtained_at + seconds(grant.lifetime)

    def expired(self, grant: Grant) -> bool:
        """Tell whether the access token is over by our clock."""
        return grant.lifetime is not None and self.now() >= grant.obtained_at + seconds(grant.lifetime)

    def newest(self) -> Grant:
        """Return a grant that is good to use: refreshed if due, as it is if refreshing fails while it still lives."""
        grant = self.known_grant()
        if not self.due(grant):
            return grant
        try:
            return self.renew(grant)
        except Failure as failure:
            if self.expired(grant) or failure.outcome.kind == "reauthorization_required":
                raise
            return grant

    def renew(self, seen: Grant) -> Grant:
        """Refresh under the lock, unless another caller has since."""
        with self.lock:
            grant = self.known_grant()
            if grant.access_token != seen.access_token:
                return grant
            if grant.refresh_token is None:
                raise Failure(Outcome(kind="reauthorization_required", detail="There is no refresh token."))
            if self.now() < self.not_before:
                raise Failure(Outcome(kind="transient_error", detail="Waiting after a failure."))
            return self.renewed(grant, grant.refresh_token)

    def renewed(self, grant: Grant, refresh_token: str) -> Grant:
        """Ask for new tokens and store them."""
        sent_at = self.now()
        if grant.in_flight:  # an earlier life asked, and nobody saw the answer
            grant = replace(grant, unknown=grant.unknown + 1)
        self.save(replace(grant, in_flight=True))
        try:
            members = self.members(self.present(refresh_token, self.attempts(grant)))
        except Failure as failure:
            raise self.note_failure(grant, failure) from None
        new = self.merged(grant, members, sent_at)
        self.save(new)
        self.failures, self.not_before = 0, 0
        return new

    def present(self, refresh_token: str, attempts: int) -> WireResponse:
        """Send the refresh; one whose answer is unknown is repeated promptly, one never sent is tried again."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.refresh_extras()}
        url = self.registration.refresh_endpoint or self.registration.token_endpoint
        unknown, trouble = 0, ""
        for attempt in range(1, attempts + 1):
            try:
                response = self.post(url, form)
            except Trouble as met:
                unknown += met.sent
                trouble = met.kind
            else:
                if attempt == attempts or response.status not in NO_ANSWER:
                    return response
                unknown += 1
                trouble = f"status {response.status}"
        raise Failure(Outcome(kind="transient_error", detail=trouble), unknown=unknown)

    def attempts(self, grant: Grant) -> int:
        """Return how often a refresh is sent when no answer comes: once more, unless that has been done before."""
        return 1 if grant.unknown else 2

    def refresh_extras(self) -> Mapping[str, str]:
        """Return further parameters of a refresh: what the vendor wants repeated of the login."""
        chosen, grant = self.registration, self.disk.grant
        granted = (None if grant is None else grant.scope) or chosen.scope_separator.join(self.scopes())
        login = {"resource": chosen.authorization_parameters.get("resource", ""), "scope": granted}
        extras = {name: login[name] for name in chosen.repeated_on_refresh}
        return extras | ({"redirect_uri": self.redirect_uri()} if chosen.redirect_uri_on_refresh else {})

    def note_failure(self, grant: Grant, failure: Failure) -> Failure:
        """Remember a failed refresh and return what the caller is told: a dead grant stays on disk as dead."""
        self.failures += 1
        ours = failure.outcome.kind == "permanent_error"
        grant = replace(
            grant,
            in_flight=False,
            failing_since=grant.failing_since if ours or grant.failing_since else self.now(),
            doubts=grant.doubts + failure.doubtful,
            unknown=grant.unknown + failure.unknown,
        )
        dead = failure.outcome.kind == "reauthorization_required" or self.is_lost(grant)
        self.save(replace(grant, dead=dead))
        self.not_before = max(self.not_before, self.now() + self.backoff(grant) * SECOND)
        return Failure(replace(failure.outcome, kind="reauthorization_required")) if self.is_lost(grant) else failure

    def is_lost(self, grant: Grant) -> bool:
        """Tell whether a grant has failed for too long, or was refused too often, to be hoped for."""
        since = grant.failing_since
        return grant.doubts >= DOUBTS or (since is not None and self.now() - since >= FAILING_PERIOD)

    def backoff(self, grant: Grant) -> int:
        """Return the seconds to wait after a failure; long ones once too many answers are unknown."""
        return 3600 if grant.unknown > 2 else min(30 * 2 ** (self.failures - 1), 300)

    # -- habits: requests

    def call_with_newest(self) -> Outcome:
        """Call the resource; a refused token is refreshed and tried again once."""
        grant = self.newest()
        response = self.get(grant)
        if self.is_refusal(response) and self.now() >= self.hopeless_until:
            response = self.get(self.renew(grant))
            self.note_second_answer(response)
        return self.outcome_of(response)

    def note_second_answer(self, response: WireResponse) -> None:
        """After a refresh in vain wait before the next one for the same reason."""
        if self.is_refusal(response):
            self.hopeless_until = self.now() + HOPELESS * SECOND

    def get(self, grant: Grant) -> WireResponse:
        """Send one request to the resource; a token of a type we do not know is kept and not sent."""
        if not self.is_bearer(grant.token_type):
            raise Failure(Outcome(kind="permanent_error", detail="The access token is of an unknown type."))
        headers = (("Authorization", f"{self.scheme(grant)} {grant.access_token}"), ("Accept", "application/json"))
        try:
            return self.surroundings.carrier(
                WireRequest(method="GET", url=self.surroundings.resource, headers=headers), PATIENCE
            )
        except Trouble as trouble:
            raise Failure(Outcome(kind="transient_error", detail=trouble.kind)) from None

    def attempt(self, work: Any) -> Outcome:
        """Run an operation and return how it ended."""
        try:
            outcome: Outcome = work()
        except Failure as failure:
            return failure.outcome
        return outcome
