"""Clients that break one requirement of the refresh family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.scenarios.steps.subject import Outcome


class RepeatsRequestedScope(TinyClient):
    """Repeats the requested scope in every refresh, wider than what was granted."""

    def refresh_extras(self) -> Mapping[str, str]:
        """Ask for everything again."""
        return {**super().refresh_extras(), "scope": " ".join(self.scopes())}


class NamesTheAddressItCalls(TinyClient):
    """Names the address that it calls as the resource of a refresh, whatever the login was for."""

    def refresh_extras(self) -> Mapping[str, str]:
        """Put the address in the resource's place, where one is wanted."""
        extras = super().refresh_extras()
        return {**extras, "resource": self.surroundings.resource} if "resource" in extras else extras


class AsksAtEveryExpiry(TinyClient):
    """Sends the user to consent at each expiry."""

    def newest(self) -> Grant:
        """Use the token while no refresh would be due, then give up."""
        grant = self.known_grant()
        if self.due(grant):
            raise Failure(Outcome(kind="reauthorization_required"))
        return grant


class RefreshesBeforeEachCall(TinyClient):
    """Refreshes before each call."""

    def due(self, grant: Grant) -> bool:
        """Always."""
        return True


class SendsEmptyRefreshToken(TinyClient):
    """Sends refresh_token= with no value when it has none."""

    def renew(self, seen: Grant) -> Grant:
        """Refresh with whatever there is."""
        if seen.refresh_token is None:
            return self.renewed(seen, "")
        return super().renew(seen)


class RaisesWhenRefreshFails(TinyClient):
    """Raises as soon as a refresh fails, although the access token is still valid."""

    def newest(self) -> Grant:
        """Refresh or fail."""
        grant = self.known_grant()
        return self.renew(grant) if self.due(grant) else grant


MINIATURES: Mapping[str, Miniature] = {
    "refresh-request-shape": Miniature(client=RepeatsRequestedScope),
    "refresh-without-user": Miniature(
        client=AsksAtEveryExpiry,
        also=(
            "accept-rt-lifetime-recorded",
            "accept-expires-odd",
            "lifecycle-absolute",
            "lifecycle-eviction",
            "lifecycle-failed-reconsent-keeps",
            "lifecycle-inactivity",
        ),
    ),
    "refresh-only-when-due": Miniature(
        client=RefreshesBeforeEachCall,
        also=(
            "concurrency-no-ping-pong",
            "concurrency-callers-share-outcome",
            "expiry-cluster-skew",
            "accept-expires-missing",
            "accept-expires-odd",
            "accept-expires-zero",
            "expiry-lead-boundary",
            "expiry-lead-capped",
            "expiry-recomputed",
            "failure-unrecoverable-after",
        ),
    ),
    "refresh-never-empty": Miniature(client=SendsEmptyRefreshToken),
    "refresh-valid-token-survives": Miniature(client=RaisesWhenRefreshFails),
    "refresh-repeats-login": Miniature(client=NamesTheAddressItCalls),
}
"""Every miniature by the requirement it breaks."""
