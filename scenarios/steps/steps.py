"""Every kind of step there is, as one table: to add one, write it in the module of its kind and add its row.

A step is a frozen value, reads as one sentence, and says nothing of how it is played.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from refreshproof.scenarios.steps.calls import Call, Disconnect, LogEverything, Pages, Parallel, Refresh
from refreshproof.scenarios.steps.logins import (
    Authorize,
    AuthorizeAtSecond,
    AuthorizeByDiscovery,
    DeviceLogin,
    Reload,
    Tamper,
)
from refreshproof.scenarios.steps.processes import Crash, During, Node, Restart, Zone
from refreshproof.scenarios.steps.provider import (
    ChangePassword,
    ChangeSecret,
    EndAccessTokens,
    MoveAuthorization,
    OtherLogins,
    ProviderChanges,
    Revoke,
)
from refreshproof.scenarios.steps.times import Advance, ClockStep, Drift, Limit, Skew, Until
from refreshproof.scenarios.steps.troubles import Delay, Fault, Lose, LostLeg, Mend

__all__ = [
    "STEPS",
    "Advance",
    "Authorize",
    "AuthorizeAtSecond",
    "AuthorizeByDiscovery",
    "Call",
    "ChangePassword",
    "ChangeSecret",
    "ClockStep",
    "Crash",
    "Delay",
    "DeviceLogin",
    "Disconnect",
    "Drift",
    "During",
    "EndAccessTokens",
    "Fault",
    "Limit",
    "LogEverything",
    "Lose",
    "LostLeg",
    "Mend",
    "MoveAuthorization",
    "Node",
    "OtherLogins",
    "Pages",
    "Parallel",
    "ProviderChanges",
    "Refresh",
    "Reload",
    "Restart",
    "Revoke",
    "Skew",
    "Step",
    "Tamper",
    "Until",
    "Zone",
]

Step: TypeAlias = (
    Authorize | AuthorizeAtSecond | AuthorizeByDiscovery | MoveAuthorization
    | Reload | Call | Pages | Parallel | Advance | Until | Skew | Drift | ClockStep
    | Delay | Lose | DeviceLogin | Fault | Mend | LogEverything | Refresh | Restart | Crash | Node | During | Revoke
    | ChangePassword | ChangeSecret | EndAccessTokens | OtherLogins | ProviderChanges | Disconnect | Zone
)  # fmt: skip

STEPS: Mapping[str, type[Step]] = {
    "advance": Advance,
    "authorize": Authorize,
    "authorize_at_second": AuthorizeAtSecond,
    "authorize_by_discovery": AuthorizeByDiscovery,
    "call": Call,
    "change_password": ChangePassword,
    "change_secret": ChangeSecret,
    "clock_step": ClockStep,
    "crash": Crash,
    "delay": Delay,
    "device_login": DeviceLogin,
    "disconnect": Disconnect,
    "drift": Drift,
    "during": During,
    "end_access_tokens": EndAccessTokens,
    "fault": Fault,
    "log_everything": LogEverything,
    "lose": Lose,
    "mend": Mend,
    "move_authorization": MoveAuthorization,
    "node": Node,
    "other_logins": OtherLogins,
    "pages": Pages,
    "parallel": Parallel,
    "provider_changes": ProviderChanges,
    "refresh": Refresh,
    "reload": Reload,
    "restart": Restart,
    "revoke": Revoke,
    "skew": Skew,
    "until": Until,
    "zone": Zone,
}
"""Every kind of step by its name in a scenario file."""
