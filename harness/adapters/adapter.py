"""The base for testing a client of one's own: three methods to write, everything else says that it is not supported."""

from __future__ import annotations

from abc import ABC, abstractmethod

import httpx

from refreshproof.harness.adapters.contract import capabilities
from refreshproof.mock_servers.stacks.httpx_transport import CarrierTransport
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.steps.subject import (
    UNSUPPORTED,
    Capability,
    Description,
    Outcome,
    Subject,
    Surroundings,
)


class Adapter(ABC):
    """A subject made of a client of yours. Write `authorize`, `callback` and `call`; claim in `capabilities` what
    more it can, by the words of `refreshproof.scenarios.steps.subject.CAPABILITIES`.

    `self.registration` holds what to configure the client with, `self.surroundings.resource` the address to call. Give
    an httpx client `transport=self.transport`; any other HTTP stack reaches the vendor as it is, and nothing leaves the
    machine. `self.time()` is the time that the client must believe, in seconds, and `self.clock.sleep(seconds)` lets it
    pass; for a client that reads `time.time()` itself derive from `LibraryAdapter`.

    A method that does something returns an `Outcome`, of one of these kinds:

    | kind | when | example |
    | --- | --- | --- |
    | ok | it did what was asked | `Outcome(kind="ok", status=200)` |
    | reauthorization_required | only a new login helps | `Outcome(kind=..., status=400, error="invalid_grant")` |
    | transient_error | to try again later may help | `Outcome(kind="transient_error", status=503)` |
    | permanent_error | to try again does not help | `Outcome(kind="permanent_error", error="access_denied")` |
    | unsupported | the client has no such operation | `Outcome(kind="unsupported")` |
    | crash | a program ended; an exception is one by itself | `Outcome(kind="crash", detail="exit status 1")` |

    After a login `refreshable` says whether the client believes that it can refresh.
    """

    name = "my client"
    version = "0"
    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.registration = surroundings.registration
        self.clock = surroundings.clock
        self.transport: httpx.BaseTransport = CarrierTransport(surroundings.carrier)

    def time(self) -> float:
        """Return the client's time in seconds since the epoch."""
        return self.clock.now() / SECOND

    def describe(self) -> Description:
        """Return name, version and capabilities; raises CapabilityError for one that there is not."""
        claimed = capabilities(self, self.capabilities)
        return Description(name=self.name, version=self.version, capabilities=claimed)

    @abstractmethod
    def authorize(self) -> str:
        """Begin a flow; returns the URL the user's browser is sent to."""

    @abstractmethod
    def callback(self, url: str) -> Outcome:
        """Take the redirect that came back to the client."""

    @abstractmethod
    def call(self) -> Outcome:
        """Use the protected resource once, refreshing as the client would."""

    def refresh(self) -> Outcome:
        """Force a refresh, if the client claims `refresh`."""
        return UNSUPPORTED

    def restart(self) -> None:
        """End the process and begin a new one on the same store, if the client claims `restart`."""
        raise NotImplementedError("this client does not claim the capability restart")

    def twin(self, surroundings: Surroundings) -> Subject:
        """Begin another process on the same store, if the client claims `shared_store`."""
        raise NotImplementedError("this client does not claim the capability shared_store")

    def disconnect(self) -> Outcome:
        """Log out, if the client claims `disconnect`."""
        return UNSUPPORTED

    def close(self) -> None:
        """Release everything."""
        self.transport.close()
