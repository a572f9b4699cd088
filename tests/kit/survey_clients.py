"""The small client with one habit changed each, so that one value of the survey has to move."""

from collections.abc import Callable, Mapping
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.mock_servers.wire import SECOND, WireRequest, WireResponse, seconds
from refreshproof.scenarios.steps.subject import Capability, Outcome


class ShortLead(TinyClient):
    def lead(self, grant: Grant) -> float:
        return 45


class LateByAMinute(TinyClient):
    def lead(self, grant: Grant) -> float:
        return -60


class Whimsical(TinyClient):
    """Refreshes with 200 to 400 s left, and again with 100; not in between."""

    def due(self, grant: Grant) -> bool:
        left = (grant.obtained_at + seconds(grant.lifetime or 0) - self.now()) / SECOND
        return left <= 100 or 200 <= left <= 400


class NeverUnasked(TinyClient):
    def due(self, grant: Grant) -> bool:
        return False


class Always(TinyClient):
    def due(self, grant: Grant) -> bool:
        return True


class JustAfterTheLead(TinyClient):
    def due(self, grant: Grant) -> bool:
        return super().due(grant) and self.now() + seconds(120) != grant.obtained_at + seconds(grant.lifetime or 0)


class NotAtExpiry(TinyClient):
    """Compares strictly on both sides of the end, and so does nothing exactly at it."""

    def due(self, grant: Grant) -> bool:
        return super().due(grant) and self.now() != grant.obtained_at + seconds(grant.lifetime or 0)


class AssumesAnHour(TinyClient):
    def lifetime(self, members: Mapping[str, Any]) -> int | None:
        return super().lifetime(members) or 3600


class NeedsARefreshToken(TinyClient):
    def accept(self, grant: Grant, before: Grant | None) -> None:
        if grant.refresh_token is not None:
            super().accept(grant, before)


class FollowsTheDate(TinyClient):
    """Takes the provider's Date for the time at which the token was obtained."""

    def document(self, response: WireResponse) -> dict[str, Any]:
        self.ahead = 3600 if "18:46:40" in (response.header("date") or "") else 0
        return super().document(response)

    def lifetime(self, members: Mapping[str, Any]) -> int | None:
        told = super().lifetime(members)
        return None if told is None else told + self.ahead


class NoSecondTry(TinyClient):
    def call_with_newest(self) -> Outcome:
        return self.outcome_of(self.get(self.newest()))


class Eager(TinyClient):
    def note_second_answer(self, response: WireResponse) -> None:
        pass


class Refreshes403(TinyClient):
    def call_with_newest(self) -> Outcome:
        grant = self.newest()
        response = self.get(grant)
        return self.outcome_of(self.get(self.renew(grant)) if response.status in (401, 403) else response)


class WaitsForReplicas(TinyClient):
    def call_with_newest(self) -> Outcome:
        grant = self.newest()
        for _ in range(4):
            response = self.get(grant)
            if response.status != 401:
                break
            self.surroundings.clock.sleep(2)
        return self.outcome_of(response)


class TenSeconds(TinyClient):
    def backoff(self, grant: Grant) -> int:
        return 10


class PatientForAnHour(TinyClient):
    def pause(self, response: WireResponse) -> int:
        return min(super().pause(response), 3600 * SECOND)


class OnceOnly(TinyClient):
    def attempts(self, grant: Grant) -> int:
        return 1


class NeverDead(TinyClient):
    def is_dead(self, status: int, error: str) -> bool:
        return False


class Stampede(TinyClient):
    def renew(self, seen: Grant) -> Grant:
        return self.renewed(seen, seen.refresh_token or "")


class StoresAtTheEnd(TinyClient):
    """Keeps a refreshed pair in memory until the call is over."""

    memory: Grant | None = None

    def start(self) -> None:
        self.memory = None
        super().start()

    def load(self) -> Grant | None:
        return self.memory or super().load()

    def save(self, grant: Grant) -> None:
        self.memory = grant

    def attempt(self, work: Any) -> Outcome:
        outcome = super().attempt(work)
        if self.memory is not None:
            super().save(self.memory)
        return outcome


class NeverStores(StoresAtTheEnd):
    def attempt(self, work: Any) -> Outcome:
        outcome = TinyClient.attempt(self, work)
        if self.disk.grant is None and self.memory is not None:
            TinyClient.save(self, self.memory)
        return outcome


class TenMinutes(TinyClient):
    """A login that takes longer than ten minutes is not accepted."""

    def authorize(self) -> str:
        self.left = self.now()
        return super().authorize()

    def flow_of(self, values: Mapping[str, str]) -> Flow | None:
        return super().flow_of(values) if self.now() - self.left <= 600 * SECOND else None


class ThinksFirst(TinyClient):
    def exchange(self, code: str, flow: Flow) -> Outcome:
        self.surroundings.clock.sleep(3)
        return super().exchange(code, flow)


class Wordy(TinyClient):
    def authorization_parameters(self, flow: Flow) -> dict[str, str]:
        return super().authorization_parameters(flow) | {"nonce": "n-0S6"}


class RepeatsTheScope(TinyClient):
    def refresh_extras(self) -> Mapping[str, str]:
        return {"scope": " ".join(self.scopes())}


class SmallBuffer(TinyClient):
    def document(self, response: WireResponse) -> dict[str, Any]:
        return super().document(response) if len(response.body) <= 200 * 1024 else {}


class OwnClock(TinyClient):
    """A client whose time stands still, whatever the clock does."""

    def now(self) -> int:
        return 0


class AsksTheUser(TinyClient):
    def call_with_newest(self) -> Outcome:
        response = self.get(self.newest())
        if response.status == 401 and "insufficient_claims" in (response.header("www-authenticate") or ""):
            return Outcome(kind="reauthorization_required")
        return self.outcome_of(response)


class Alone(TinyClient):
    extra_capabilities = frozenset[Capability]()


class Patient(TinyClient):
    def __init__(self, surroundings: Any) -> None:
        super().__init__(surroundings)
        carry: Callable[..., WireResponse] = surroundings.carrier

        def forever(request: WireRequest, timeout: float | None) -> WireResponse:
            return carry(request, None)

        object.__setattr__(surroundings, "carrier", forever)
