"""Clients whose flaw in an ending, a login, a crowd or their words was once seen passing, and what each breaks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from kit.innocents import Minimal
from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.harness.subjects.miniatures.concurrency.processes import ShortLease
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.steps.subject import Outcome


class PrintsBodies(TinyClient):
    """Prints the body of a failed token request."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Print, then read."""
        if response.status >= 400:
            print("failed:", response.body.decode())
        return super().members(response)


class WritesBodiesToStderr(TinyClient):
    """Writes the body of a failed token request to stderr."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Write, then read."""
        if response.status >= 400:
            sys.stderr.write(f"failed: {response.body.decode()}\n")
        return super().members(response)


class WarnsOfBodies(TinyClient):
    """Warns of the body of a failed token request."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Warn, then read."""
        if response.status >= 400:
            warnings.warn(f"failed: {response.body.decode()}", stacklevel=2)
        return super().members(response)


class RaisesFromBodies(TinyClient):
    """Raises an exception whose cause holds the body of a failed token request."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Raise at once."""
        if response.status >= 400:
            raise RuntimeError("The token request failed.") from ValueError(response.body.decode())
        return super().members(response)


class PrintsDescriptions(TinyClient):
    """Prints error_description as it came."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Print, then read."""
        print("The provider said:", self.document(response).get("error_description"))
        return super().members(response)


class KeepsFirstConsent(TinyClient):
    """Keeps the grant that it has when a new login brings another set of scopes."""

    scope: object = None

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: int) -> Grant:
        """Remember what a login brought."""
        if old is None:
            self.brought = members.get("scope")
        return super().merged(old, members, sent_at)

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Compare."""
        if before is None or before.dead or self.brought == self.scope:
            self.scope = self.brought
            super().accept(grant, before)


class DropsGrantAtRefusedCode(TinyClient):
    """Takes the refusal of a code for the end of the grant that it has."""

    def exchange(self, code: str, flow: Flow) -> Outcome:
        """Forget everything at an invalid_grant."""
        try:
            return super().exchange(code, flow)
        except Failure as failure:
            if failure.outcome.error == "invalid_grant":
                self.disk.grant = None
            raise


class EachRefusedCallerRefreshes(TinyClient):
    """Lets every caller whose access token is refused refresh for itself, though those that meet at expiry share."""

    def call_with_newest(self) -> Outcome:
        """Refresh after a 401 without the lock."""
        grant = self.newest()
        response = self.get(grant)
        if self.is_refusal(response) and self.now() >= self.hopeless_until:
            lock, self.lock = self.lock, nullcontext()
            try:
                response = self.get(self.renew(grant))
            finally:
                self.lock = lock
            self.note_second_answer(response)
        return self.outcome_of(response)


class RefusedCallersRefreshInTurn(TinyClient):
    """Lets every caller whose access token is refused refresh in turn, whatever the one before has brought."""

    def call_with_newest(self) -> Outcome:
        """Refresh after a 401 without a look at the store."""
        grant = self.newest()
        response = self.get(grant)
        if self.is_refusal(response) and self.now() >= self.hopeless_until:
            with self.lock:
                newest = self.known_grant()
                grant = self.renewed(newest, newest.refresh_token or "")
            response = self.get(grant)
            self.note_second_answer(response)
        return self.outcome_of(response)


class LeaseShorterThanAnAnswer(TinyClient):
    """Takes the lock of another caller of its own process for abandoned after ten seconds."""

    def start(self) -> None:
        """Put a lease in the place of the lock."""
        super().start()
        self.lock = ShortLease(self.surroundings.clock)


FLAWED: Mapping[type[Minimal] | type[TinyClient], str] = {
    PrintsBodies: "security-no-secret-in-output",
    WritesBodiesToStderr: "security-no-secret-in-output",
    WarnsOfBodies: "security-no-secret-in-output",
    RaisesFromBodies: "security-no-secret-in-output",
    PrintsDescriptions: "security-text-sanitised",
    KeepsFirstConsent: "lifecycle-reconsent-replaces",
    DropsGrantAtRefusedCode: "lifecycle-failed-reconsent-keeps",
    EachRefusedCallerRefreshes: "concurrency-single-flight",
    RefusedCallersRefreshInTurn: "concurrency-callers-share-outcome",
    LeaseShorterThanAnAnswer: "concurrency-single-flight",
}
"""Every flawed client by what it breaks."""
