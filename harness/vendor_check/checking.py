"""A whole check: the probes that are allowed, stage by stage, and what they found as one value."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from refreshproof.harness.vendor_check.asking.carrier import Carrier, Login
from refreshproof.harness.vendor_check.asking.limits import Limits, Meter
from refreshproof.harness.vendor_check.asking.runner import Runner, Task
from refreshproof.harness.vendor_check.asking.target import Target
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, StopError, TroubleError
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe
from refreshproof.harness.vendor_check.probes.registry import PROBES, STAGES
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.wire import SECOND

WAITS = (0.0, 1.0, 10.0, 61.0)
"""Seconds after which a superseded refresh token is presented again."""


ROOT = Path(__file__).parent
"""Where the prober's own code stands."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a check goes about it.

    `waits` and `lives` are seconds; `at_once` refreshes are sent together in each of `rounds`; `probes` are the ids of
    those wanted, all if empty.
    """

    name: str
    title: str
    waits: tuple[float, ...] = WAITS
    lives: float = 0.0
    rounds: int = 3
    at_once: int = 8
    limits: Limits = field(default_factory=Limits)
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A probe is over; `why` tells why it found nothing, or is empty."""

    probe: Probe
    why: str = ""


class Checking:
    """One check under way. `tell` is called when a probe is over; `meter` has counted what was sent before."""

    def __init__(
        self,
        target: Target,
        settings: Settings,
        carrier: Carrier,
        login: Login | None,
        start: str | None = None,
        tell: Callable[[Ended], None] = lambda ended: None,
        meter: Meter | None = None,
    ) -> None:
        self._target, self._settings, self._carrier, self._tell = target, settings, carrier, tell
        self._meter = meter or Meter(settings.limits)
        self._meter.origins = target.origins
        self._runner = Runner(carrier, login, self._meter, self._take)
        for client in (target.client, target.second, target.special):
            if client is not None and client.client_secret:
                self._runner.aliases.of("SECRET", client.client_secret)
        self._bench = Bench(
            target=target, now=carrier.now, waits=settings.waits, lives=settings.lives, rounds=settings.rounds,
            at_once=settings.at_once, scopes=target.scopes, parameters=target.parameters, start=start,
            fresh_users=self._runner.beside,
        )  # fmt: skip
        self._settled_by: dict[str, str] = {}
        self._skipped: dict[str, str] = {}
        self._troubles: dict[str, str] = {}
        self._met: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._stopped = ""

    def run(self) -> Recorded:
        """Play the probes; whatever goes wrong, what was measured until then is returned."""
        began = self._carrier.now()
        wanted = dict(self._wanted())
        for stage in STAGES:
            probes = [wanted[name] for name in stage if name in wanted]
            if self._stopped:
                self._skipped |= {one.id: self._stopped for one in probes}
                continue
            self._stage(probes)
        return self._recorded(datetime.fromtimestamp(began // SECOND, tz=UTC).date().isoformat())

    def _wanted(self) -> Iterator[tuple[str, Probe]]:
        for name, probe in PROBES.items():
            why = self._excluded(probe)
            if why:
                self._skipped[name] = why
            else:
                yield name, probe

    def _excluded(self, probe: Probe) -> str:
        settings = self._settings
        if settings.probes and probe.id not in settings.probes:
            return "not asked for (--probe)"
        if self._bench.start is not None and not probe.for_start_token:
            return "needs logins, and a start token was given"
        return "ends grants (--burn-grants)" if probe.destructive and not settings.limits.burn_grants else ""

    def _stage(self, probes: Sequence[Probe]) -> None:
        """Play probes, and what met trouble once more: a server's mishap does not come twice, its way does."""
        self._play(probes)
        met = [one for one in probes if one.id in self._met]
        if self._stopped:
            self._troubles |= {one.id: self._met[one.id] for one in met}
        elif met:
            self._play(met)

    def _play(self, probes: Sequence[Probe]) -> None:
        for task in self._runner.play([(one.id, one.play(self._bench)) for one in probes]):
            if isinstance(task.failure, StopError):
                self._stopped = f"the check stopped: {task.failure}"
                self._troubles.setdefault(task.name, str(task.failure))

    def _again(self, name: str, failure: Exception | None) -> bool:
        """Tell whether a probe is to be played once more; not where a person logs in for it."""
        mishap = isinstance(failure, TroubleError) and not isinstance(failure, StopError)
        return mishap and self._runner.beside and name not in self._met

    def _take(self, task: Task) -> None:
        """Keep what a probe found, or why it found nothing."""
        name, failure = task.name, task.failure
        if self._again(name, failure):
            self._met[name] = str(failure)
            return
        if failure is None:
            self._bench.found |= task.result
            self._settled_by |= dict.fromkeys(task.result, name)
            self._tell(Ended(probe=PROBES[name]))
            return
        if isinstance(failure, NeedlessError):
            self._skipped[name] = str(failure)
        elif isinstance(failure, TroubleError):
            self._troubles[name] = str(failure)
        else:
            self._faults[name] = f"a fault of Refreshproof: {_place(failure)}"
        why = self._faults.get(name) or self._runner.aliases.cleaned(str(failure))
        self._tell(Ended(probe=PROBES[name], why=why))
        if name == "issuance" and isinstance(failure, TroubleError):
            self._stopped = f"no login came through: {failure}"

    def _recorded(self, seen: str) -> Recorded:
        target, found, cleaned = self._target, self._bench.found, self._runner.aliases.cleaned
        why = self._skipped | self._troubles | self._faults
        once = {name: trouble for name, trouble in self._met.items() if name not in why}
        endpoints = {
            "authorization": target.authorization_endpoint, "token": target.token_endpoint,
            "revocation": target.revocation_endpoint, "introspection": target.introspection_endpoint,
            "resource": target.resource, "issuer": target.issuer,
        }  # fmt: skip
        return Recorded(
            name=self._settings.name,
            title=self._settings.title,
            seen=seen,
            endpoints={name: url for name, url in endpoints.items() if url},
            scopes=self._bench.scopes,
            parameters=dict(self._bench.parameters),
            values=cleaned(found | ({"fact.met_once": once} if once else {})),
            settled_by=self._settled_by,
            missing=cleaned(dict(self._missing())),
            skipped=cleaned(self._skipped),
            troubles=cleaned(self._troubles),
            faults=self._faults,
            requests=self._meter.sent,
            logins=self._meter.logins,
            journal=tuple(self._runner.journal),
        )

    def _beyond(self, name: str) -> bool:
        """Tell whether a field is about an endpoint that the server says it has not."""
        target = self._target
        return name in OF_REVOCATION and target.metadata is not None and target.revocation_endpoint is None

    def _missing(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that nothing was found for, and why; what another value makes meaningless is not missing."""
        found = self._bench.found
        for name, probe in PROBES.items():
            why: Mapping[str, str] = self._skipped | self._troubles | self._faults
            for one in probe.settles:
                if one not in found and not _meaningless(one, found) and not self._beyond(one):
                    yield one, f"{name}: {why.get(name) or found.get(_SAYS.get(one, ''), 'not seen')}"


def _place(failure: Exception) -> str:
    """Return type and place of an exception; its text could hold a secret."""
    frames = traceback.extract_tb(failure.__traceback__)
    ours = [frame for frame in frames if ROOT in Path(frame.filename).parents]
    last = (ours or frames)[-1]
    return f"{type(failure).__name__} at {Path(last.filename).name}:{last.lineno}, in {last.name}"


_SAYS: Mapping[str, str] = {
    "refresh.window": "fact.window",
    "revocation.other_clients_tokens": "fact.revocation_by_another_client",
    "refresh.inactivity_ttl": "fact.refresh_token_life",
    "refresh.absolute_ttl": "fact.refresh_token_life",
}
"""Facts that tell how far a field is known."""
OF_REVOCATION = (
    "revocation.refresh_token_ends", "revocation.hint", "revocation.other_clients_tokens",
    "accounts.revoking_access_token_revokes_grant", "errors.unknown_token",
)  # fmt: skip
_KEEPS = ("never", "once_per_login")
_STEADY = ("always", *_KEEPS)
_ROTATES = ("refresh.on_replay", "refresh.on_breach")
_ANSWERS = ("refresh.window", "refresh.generations", "refresh.max_reuses")


def _meaningless(name: str, found: Mapping[str, object]) -> bool:
    """Tell whether a field says nothing where the others are as they are."""
    rotation = found.get("refresh.rotation")
    if name == "refresh.rotate_every":
        return rotation in _STEADY
    if name == "refresh.refresh_token_on_refresh":
        return rotation in ("always", "once_per_login")
    if name in _ROTATES:
        return rotation in _KEEPS
    if name in _ANSWERS:
        return rotation in _KEEPS or found.get("refresh.on_replay") == "reject"
    if name == "refresh.breach_ends_access_tokens":
        return rotation in _KEEPS or found.get("refresh.on_breach") == "nothing"
    if name == "refresh.previous_access_token":
        return found.get("refresh.access_token_on_refresh") in ("same", "extended")
    if name == "token_request.wider_scope":
        return found.get("token_request.scope_on_refresh") == "ignored"
    if name == "response.scope":
        return "scope" not in cast("list[str]", found.get("response.members", ["scope"]))
    if name == "revocation.refresh_token_ends":
        return found.get("refresh.previous_access_token") in ("dies_at_once", "dies_at_first_use")
    if name == "issuance.consent_shown":
        return found.get("issuance.parameter") == ["prompt", "consent"] or found.get("issuance.ever") is False
    return name in ("issuance.scope", "issuance.parameter") and found.get("issuance.ever") is False
