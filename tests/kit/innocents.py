"""Good clients that were written apart from the engine and the small client: no check may accuse one of them.

Each differs from the minimal one in a habit that is allowed; what a habit costs is told in the table of just warnings.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import DAY, SECOND, Instant, WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import (
    OK,
    Capability,
    Description,
    Outcome,
    OutcomeKind,
    Subject,
    SubjectFactory,
    Surroundings,
)

LEAD = 120
"""Seconds before its end at which an access token is renewed."""
TIMEOUT = 30.0
FAILING_PERIOD = 7 * DAY
FATAL = frozenset(
    {"invalid_grant", "unauthorized_client", "interaction_required", "consent_required", "login_required"}
)
"""Errors that only the user can mend (RFC 6749 s5.2, OpenID Connect Core s3.1.2.6; Atlassian's for a dead grant)."""
PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
CONFIGURED = frozenset({"invalid_client", "access_denied"})


@dataclass(kw_only=True)
class Store:
    """What outlives the process."""

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    ends_at: Instant | None = None
    lifetime: Instant | None = None
    lost: bool = True
    failing_since: Instant | None = None
    unknown: int = 0
    doubts: int = 0


class Failed(Exception):
    """What the caller is told instead of an answer."""

    def __init__(self, kind: OutcomeKind, status: int | None = None, error: str | None = None) -> None:
        super().__init__(kind)
        self.outcome = Outcome(kind=kind, status=status, error=error)


class Minimal:
    """Refreshes two minutes before the end and after a 401, one caller at a time; repeats a call once."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {"refresh", "restart", "parallel", "clock", "repeats_login"}
    )

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.registration = surroundings.registration
        self.random = random.Random(surroundings.seed)  # noqa: S311 - reproducible on purpose
        self.store = Store()
        self.lock = surroundings.make_lock()
        self.start()

    def start(self) -> None:
        """Begin a process."""
        self.logins: dict[str, str] = {}
        self.rest_until: Instant = 0
        self.failures = 0
        self.useless_until: Instant = 0

    def now(self) -> Instant:
        """Look at the clock."""
        return self.surroundings.clock.now()

    # -- what the harness asks

    def describe(self) -> Description:
        """Name the client."""
        return Description(name=type(self).__name__, version="1", capabilities=self.capabilities)

    def authorize(self) -> str:
        """Begin a login."""
        chosen, state, verifier = self.registration, self.text(), self.text()
        self.logins[state] = verifier
        parameters = {
            "response_type": "code", "client_id": chosen.client_id, "redirect_uri": chosen.redirect_uri,
            "scope": chosen.scope_separator.join(self.scopes()), "state": state, **self.offline(),
            **chosen.authorization_parameters,
        }  # fmt: skip
        if chosen.pkce:
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            parameters |= {"code_challenge": digest, "code_challenge_method": "S256"}
        return f"{chosen.authorization_endpoint}?{urlencode(parameters)}"

    def offline(self) -> Mapping[str, str]:
        """Say what brings a refresh token at a provider of this type."""
        return {"access_type": "offline", "prompt": "consent"} if self.registration.provider_type == "GOOGLE" else {}

    def scopes(self) -> tuple[str, ...]:
        """Say what is asked for."""
        more = ("offline_access",) if self.registration.provider_type == "MICROSOFT" else ()
        return tuple(dict.fromkeys((*self.registration.scopes, *more)))

    def text(self) -> str:
        """Draw 43 characters."""
        return base64.urlsafe_b64encode(self.random.randbytes(32)).rstrip(b"=").decode()

    def callback(self, url: str) -> Outcome:
        """Take the redirect of a login that is under way, once."""
        values = parse_qs(urlsplit(url).query)
        verifier = self.logins.pop(values.get("state", [""])[0], None)
        issuers = values.get("iss", [self.registration.issuer] * (not self.registration.iss_expected))
        if verifier is None or max(map(len, values.values())) > 1 or issuers != [self.registration.issuer]:
            return Outcome(kind="permanent_error", detail="No login of ours.")
        if "error" in values or "code" not in values:
            return Outcome(kind="permanent_error", error=values.get("error", ["no_code"])[0])
        form = {"grant_type": "authorization_code", "code": values["code"][0]}
        form |= {"redirect_uri": self.registration.redirect_uri}
        form |= {"code_verifier": verifier} if self.registration.pkce else {}
        return self.told(lambda: self.redeem(form))

    def redeem(self, form: dict[str, str]) -> Outcome:
        """Exchange a code."""
        sent_at = self.sent_at()
        members = self.tokens(form)
        with self.lock:
            self.start_over()
            self.keep(members, sent_at)
        return OK

    def start_over(self) -> None:
        """Forget what a login before this one had come to; its refresh token is kept until another comes."""
        self.store.lost, self.store.failing_since, self.store.unknown, self.store.doubts = False, None, 0, 0
        self.rest_until, self.failures, self.useless_until = 0, 0, 0

    def call(self) -> Outcome:
        """Use the resource."""
        return self.told(self.use)

    def refresh(self) -> Outcome:
        """Refresh now."""

        def forced() -> Outcome:
            self.renew(self.store.access_token)
            return OK

        return self.told(forced)

    def restart(self) -> None:
        """Forget all but the store."""
        self.start()

    def twin(self, surroundings: Surroundings) -> Subject:
        """Be one process only."""
        raise NotImplementedError

    def disconnect(self) -> Outcome:
        """Know no logout."""
        return Outcome(kind="unsupported")

    def close(self) -> None:
        """Have nothing to release."""

    def told(self, work: Any) -> Outcome:
        """Say how a piece of work ended."""
        try:
            return work()  # type: ignore[no-any-return]
        except Failed as failed:
            return failed.outcome
        except Trouble as trouble:
            return Outcome(kind="transient_error", detail=trouble.kind)

    # -- the access token

    def sent_at(self) -> Instant:
        """Look at the clock before a token request."""
        return self.now()

    def is_due(self) -> bool:
        """Tell whether the access token ends within the lead, which is half its life at most."""
        store = self.store
        if store.ends_at is None or store.lifetime is None:
            return False
        return self.now() + min(LEAD * SECOND, store.lifetime // 2) >= store.ends_at

    def is_over(self) -> bool:
        """Tell whether the access token has ended."""
        return self.store.ends_at is not None and self.now() >= self.store.ends_at

    def use(self) -> Outcome:
        """Call once, and once more after a refresh if the access token is refused."""
        if self.store.lost:
            raise Failed("reauthorization_required")
        used = self.fresh()
        response = self.get(used)
        if self.is_refusal(response) and self.is_worth_a_refresh():
            self.renew(used)
            response = self.get(self.store.access_token)
            if self.is_refusal(response):
                self.note_refresh_in_vain()
        if self.is_refusal(response) or response.status // 100 != 2:
            passing = response.status in (429, 500, 502, 503, 504)
            raise Failed("transient_error" if passing else "permanent_error", response.status)
        return Outcome(kind="ok", status=response.status)

    def is_refusal(self, response: WireResponse) -> bool:
        """Tell whether the access token was refused: by 401, or in the words of an API that answers 200 to all."""
        return response.status == 401 or document(response).get("error") in self.registration.refusals

    def is_worth_a_refresh(self) -> bool:
        """Tell whether no refresh has been in vain just now."""
        return self.now() >= self.useless_until

    def note_refresh_in_vain(self) -> None:
        """Rest for five minutes."""
        self.useless_until = self.now() + 300 * SECOND

    def fresh(self) -> str:
        """Return an access token that is good, or that still lives where it cannot be renewed."""
        if self.is_due():
            try:
                self.renew(self.store.access_token)
            except (Failed, Trouble):
                if self.store.lost or self.is_over():
                    raise
        return self.store.access_token

    def get(self, access_token: str) -> WireResponse:
        """Send one request."""
        headers = (("Authorization", f"Bearer {access_token}"), ("Accept", "application/json"))
        return self.send(WireRequest(method="GET", url=self.surroundings.resource, headers=headers), TIMEOUT)

    def send(self, request: WireRequest, timeout: float) -> WireResponse:
        """Give a request to the network."""
        return self.surroundings.carrier(request, timeout)

    # -- the refresh

    def renew(self, seen: str) -> None:
        """Refresh, unless another caller has since."""
        with self.lock:
            if self.store.lost or not self.store.refresh_token:
                raise Failed("reauthorization_required")
            if self.store.access_token == seen:
                self.ask()

    def ask(self) -> None:
        """Send one refresh, and once more at once if its answer is lost."""
        if self.is_resting():
            raise Failed("transient_error")
        sent_at = self.sent_at()
        form = {"grant_type": "refresh_token", "refresh_token": self.store.refresh_token, **self.extras()}
        try:
            members = self.twice_if_lost(form)
        except Failed as failed:
            self.note_failure(failed.outcome)
            if self.store.lost:
                raise Failed("reauthorization_required", failed.outcome.status, failed.outcome.error) from None
            raise
        except Trouble as trouble:
            self.note_failure(Outcome(kind="transient_error", detail=trouble.kind))
            raise
        self.store.failing_since, self.failures, self.store.unknown, self.store.doubts = None, 0, 0, 0
        self.keep(members, sent_at)

    def twice_if_lost(self, form: dict[str, str]) -> Mapping[str, Any]:
        """Send a refresh, and once more where nobody knows what became of the first that was sent."""
        first = self.store.unknown == 0
        try:
            return self.counted(form)
        except (Trouble, Failed):
            if not (first and self.store.unknown):
                raise
            return self.counted(form)

    def counted(self, form: dict[str, str]) -> Mapping[str, Any]:
        """Count the answers that did not come, and those of gateways that do not know."""
        try:
            return self.tokens(form)
        except Trouble as trouble:
            self.store.unknown += trouble.sent
            raise
        except Failed as failed:
            gateway = failed.outcome.status in (502, 504)
            self.store.unknown = self.store.unknown + 1 if gateway else 0
            raise

    def extras(self) -> Mapping[str, str]:
        """Return what a vendor wants besides."""
        chosen = self.registration
        login = {"resource": chosen.authorization_parameters.get("resource", ""), "scope": " ".join(chosen.scopes)}
        extras = {name: login[name] for name in chosen.repeated_on_refresh}
        return extras | ({"redirect_uri": chosen.redirect_uri} if chosen.redirect_uri_on_refresh else {})

    def is_resting(self) -> bool:
        """Tell whether it is too soon after a failure."""
        return self.now() < self.rest_until

    def note_failure(self, told: Outcome) -> None:
        """Rest for longer each time; the end is a refusal, five that nobody explains, or a week of failing."""
        now, store = self.now(), self.store
        self.failures += 1
        pause = 3600 if store.unknown > 2 else min(30 * 2 ** min(self.failures - 1, 6), 300)
        self.rest_until = max(self.rest_until, now + pause * SECOND)
        if told.kind == "transient_error":
            store.failing_since = now if store.failing_since is None else store.failing_since
        store.doubts += told.error not in (None, *PASSING, *CONFIGURED) and (told.status or 500) < 500
        outlasted = store.failing_since is not None and now - store.failing_since >= FAILING_PERIOD
        store.lost = store.lost or told.kind == "reauthorization_required" or outlasted or store.doubts >= 5

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Store what came; what did not come stays."""
        store, told = self.store, lifetime(members.get("expires_in"))
        new = members.get("refresh_token")
        store.access_token = members["access_token"]
        store.refresh_token = new if isinstance(new, str) and new.strip() else store.refresh_token
        store.lifetime = told if told is not None else store.lifetime
        store.ends_at = None if store.lifetime is None else sent_at + store.lifetime

    def tokens(self, form: dict[str, str]) -> Mapping[str, Any]:
        """Ask the token endpoint and return the members of a success."""
        chosen = self.registration
        fields, headers = {**chosen.token_parameters, **form}, [("Accept", "application/json")]
        if chosen.client_authentication == "client_secret_basic":
            pair = f"{quote_plus(chosen.client_id)}:{quote_plus(chosen.client_secret or '')}".encode()
            headers.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))
        else:
            fields |= {"client_id": chosen.client_id, "client_secret": chosen.client_secret or ""}
        as_json = chosen.body_format == "json"
        headers.append(("Content-Type", f"application/{'json' if as_json else 'x-www-form-urlencoded'}"))
        body = (json.dumps(fields) if as_json else urlencode(fields)).encode()
        request = WireRequest(method="POST", url=chosen.token_endpoint, headers=tuple(headers), body=body)
        return self.read(self.send(request, TIMEOUT))

    def read(self, response: WireResponse) -> Mapping[str, Any]:
        """Return the members of a success; say what anything else means."""
        members = document(response)
        token, error = members.get("access_token"), members.get("error")
        kind = str(members.get("token_type") or "bearer").lower()
        if response.status // 100 == 2 and error is None and isinstance(token, str) and token:
            if kind not in ("bearer", *map(str.lower, self.registration.bearer_token_types)):
                new = members.get("refresh_token")
                self.store.refresh_token = new if isinstance(new, str) and new.strip() else self.store.refresh_token
                raise Failed("permanent_error")
            return members
        self.heed(response.header("retry-after") or "")
        error = error if isinstance(error, str) else "in other words" if members and response.status < 429 else None
        if error in FATAL and 400 <= response.status < 500:
            raise Failed("reauthorization_required", response.status, error)
        ours = error in CONFIGURED and 400 <= response.status < 500
        raise Failed("permanent_error" if ours else "transient_error", response.status, error)

    def heed(self, retry_after: str) -> None:
        """Wait as long as the server asks, a day at most."""
        try:
            dated = parsedate_to_datetime(retry_after) if retry_after and not retry_after.isdigit() else None
        except ValueError:
            return
        if dated is not None:
            self.rest_until = min(round(dated.timestamp()) * SECOND, self.now() + DAY)
        elif retry_after:
            self.rest_until = self.now() + min(int(retry_after) * SECOND, DAY)


def document(response: WireResponse) -> dict[str, Any]:
    """Read a JSON object; anything else is empty."""
    try:
        found = json.loads(response.body.decode("utf-8-sig").strip())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def lifetime(value: Any) -> Instant | None:
    """Read a positive number of seconds; anything else is unknown."""
    try:
        told = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return told * SECOND if 0 < told < 10 * 366 * 86_400 else None


class Reactive(Minimal):
    """Reads no clock and remembers no failure: refreshes after a 401 only, once, and repeats the call once."""

    def now(self) -> Instant:
        """Know no time."""
        return 0

    def is_due(self) -> bool:
        """Wait to be refused."""
        return False

    def is_resting(self) -> bool:
        """Never rest."""
        return False

    def is_worth_a_refresh(self) -> bool:
        """Try each time."""
        return True


class RepeatsConsentedScope(Minimal):
    """Names in every refresh what the user consented to, whatever later answers say (RFC 6749 s6)."""

    consented = ""

    def redeem(self, form: dict[str, str]) -> Outcome:
        """Remember what was granted, which is what was asked for where the answer does not say (s5.1)."""
        outcome = super().redeem(form)
        self.consented = self.consented or " ".join(self.scopes())
        return outcome

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Read the scope of the first answer."""
        told = members.get("scope")
        if not self.consented and isinstance(told, str):
            self.consented = told.replace(",", " ")
        super().keep(members, sent_at)

    def start_over(self) -> None:
        """A new login is a new consent."""
        self.consented = ""
        super().start_over()

    def extras(self) -> Mapping[str, str]:
        """Name the scope."""
        return {**super().extras(), "scope": self.consented}


class ProbesFirst(Minimal):
    """Asks the resource without a token before each call, to be told where its authorization server is (RFC 9728)."""

    def use(self) -> Outcome:
        """Look first."""
        self.send(WireRequest(method="GET", url=self.surroundings.resource), TIMEOUT)
        return super().use()


class ReadsMetadataFirst(Minimal):
    """Reads the server's metadata before each refresh (RFC 8414)."""

    def ask(self) -> None:
        """Look where the token endpoint is; a server without metadata has the one that was configured."""
        address = urlsplit(self.registration.issuer)
        path = f"/.well-known/oauth-authorization-server{address.path.rstrip('/')}"
        self.send(WireRequest(method="GET", url=address._replace(path=path, query="").geturl()), TIMEOUT)
        super().ask()


class WaitsBeforeRepeating(Minimal):
    """Waits for two seconds before it repeats a call with a new access token, which replicas may not know yet."""

    def renew(self, seen: str) -> None:
        """Wait after the refresh."""
        super().renew(seen)
        self.surroundings.clock.sleep(2)


class FiveMinutesAhead(Minimal):
    """Refreshes five minutes before the end, as several vendors' own libraries do."""

    def is_due(self) -> bool:
        """Take a longer lead, half the life at most."""
        store = self.store
        if store.ends_at is None or store.lifetime is None:
            return False
        return self.now() + min(300 * SECOND, store.lifetime // 2) >= store.ends_at


INNOCENTS: Mapping[str, SubjectFactory] = {
    one.__name__: one
    for one in (
        Minimal, Reactive, RepeatsConsentedScope, ProbesFirst, ReadsMetadataFirst, WaitsBeforeRepeating,
        FiveMinutesAhead,
    )
}  # fmt: skip
"""Clients that no check may accuse, by name."""
