"""Clients that break one requirement of the callback family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.harness.subjects.miniatures.able.flows import FlowLimits
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature


class TrustsAnyState(TinyClient):
    """Checks that a state exists, not whose it is."""

    def flow_of(self, values: Mapping[str, str]) -> Flow | None:
        """Take the last login that is under way."""
        found = super().flow_of(values)
        return found or (self.flows.popitem()[1] if self.flows and "state" in values else None)


class RedeemsOnReload(TinyClient):
    """Handles a callback that is loaded again like the first."""

    def flow_of(self, values: Mapping[str, str]) -> Flow | None:
        """Leave the login open."""
        return self.flows.get(values.get("state", ""))


class PrefersTheCode(TinyClient):
    """Redeems the code of a callback although it brings an error."""

    def error_of(self, values: Mapping[str, str]) -> str | None:
        """Look at the error only where there is no code."""
        return None if "code" in values else super().error_of(values)


class ComparesIssuerHosts(TinyClient):
    """Compares only the host name of iss."""

    def issuer_is_right(self, values: Mapping[str, str]) -> bool:
        """Ignore case, path and scheme."""
        host = urlsplit(values["iss"]).hostname if "iss" in values else None
        return super().issuer_is_right(values) or host == urlsplit(self.registration.issuer).hostname


class TellsErrorsBeforeIssuer(TinyClient):
    """Tells of an error before it looks where the callback comes from."""

    def issuer_is_right(self, values: Mapping[str, str]) -> bool:
        """Look only where there is no error."""
        return "error" in values or super().issuer_is_right(values)


class ForgetsLoginsEarly(FlowLimits):
    """Forgets a login after thirty seconds."""

    server_delay = 30


class KeepsLoginsForEver(FlowLimits):
    """Never forgets a login that is under way."""

    server_delay = 1_000_000


MINIATURES: Mapping[str, Miniature] = {
    "callback-state-checked": Miniature(client=TrustsAnyState, also=("callback-error-ends-flow",)),
    "callback-single-use": Miniature(client=RedeemsOnReload),
    "callback-error-ends-flow": Miniature(client=PrefersTheCode),
    "callback-iss-checked": Miniature(client=ComparesIssuerHosts),
    "callback-foreign-error-untold": Miniature(client=TellsErrorsBeforeIssuer),
    "callback-on-time-accepted": Miniature(client=ForgetsLoginsEarly),
    "callback-late-refused": Miniature(client=KeepsLoginsForEver),
}
"""Every miniature by the requirement it breaks."""
