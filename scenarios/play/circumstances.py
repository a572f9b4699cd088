"""Playing what happens around the client: time, clocks, weather, faults, and what people do at the provider."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import LONGEST_WAIT
from refreshproof.scenarios.clocks.zone_clock import LocalTime
from refreshproof.scenarios.evidence.journal import ClockMove
from refreshproof.scenarios.steps.conditions import Condition
from refreshproof.scenarios.steps.limits import limit_of
from refreshproof.scenarios.steps.processes import Zone
from refreshproof.scenarios.steps.provider import (
    ChangePassword,
    ChangeSecret,
    EndAccessTokens,
    MoveAuthorization,
    OtherLogins,
    ProviderChanges,
    Revoke,
)
from refreshproof.scenarios.steps.times import Advance, ClockStep, Drift, Skew, Until
from refreshproof.scenarios.steps.troubles import Delay, Fault, Lose, Mend
from refreshproof.scenarios.world.elsewhere import log_in_elsewhere
from refreshproof.scenarios.world.world import World

OTHER_SECRET = "another~secret+of/the=client"


def advance(world: World, step: Advance) -> None:
    """Let time pass."""
    world.clock.advance(step.seconds)


def advance_until(world: World, step: Until) -> None:
    """Let time pass until a limit, if the vendor has it."""
    limit, now = limit_of(world.provider, step.limit), world.clock.now()
    if limit is None or limit + seconds(step.offset) - now > LONGEST_WAIT:  # nobody lives to see such a limit
        world.note("no_such_limit", limit=step.limit)
    else:
        world.clock.advance_to(max(limit + seconds(step.offset), now))


def skew(world: World, step: Skew) -> None:
    """Set the client's clock."""
    world.client_clock.set_offset(step.seconds)
    _note_clock(world, "skew", step.seconds)


def drift(world: World, step: Drift) -> None:
    """Let the client's clock run fast or slow."""
    world.client_clock.set_drift(step.parts_per_million)
    _note_clock(world, "drift", step.parts_per_million)


def step_clock(world: World, step: ClockStep) -> None:
    """Move the client's clock, now or later."""
    clock = world.client_clock

    def move() -> None:
        clock.step(step.seconds)
        _note_clock(world, "step", step.seconds)

    world.clock.at(world.clock.now() + seconds(step.after), move)


def _note_clock(world: World, what: str, value: float) -> None:
    world.journal.add(ClockMove(step=world.step, at=world.clock.now(), what=what, value=value))


def delay(world: World, step: Delay) -> None:
    """Slow down requests to come."""
    world.network.weather.add(
        Condition(leg=step.leg, seconds=step.seconds, view=step.view, grant_type=step.grant_type, times=step.times)
    )


def lose(world: World, step: Lose) -> None:
    """Lose requests to come, or their answers."""
    world.network.weather.add(
        Condition(
            leg=step.leg, lost=True, silent=step.silent, view=step.view, grant_type=step.grant_type, times=step.times
        )
    )


def misbehave(world: World, step: Fault) -> None:
    """Let the provider misbehave towards requests to come."""
    world.faults.add(step.spec)


def mend(world: World, step: Mend) -> None:
    """End all trouble."""
    world.faults.clear()
    world.network.weather.clear()


def revoke(world: World, step: Revoke) -> None:
    """Let the user withdraw the grant."""
    world.provider.revoke_user(step.account)
    world.note("revoke", account=step.account)


def change_password(world: World, step: ChangePassword) -> None:
    """Let the user change the password, or change it back if it was changed."""
    if step.back and not world.provider.state.accounts[step.account].earlier_passwords:
        world.note("password_unchanged", account=step.account)
        return
    change = world.provider.restore_password if step.back else world.provider.change_password
    change(step.account)
    world.note("restore_password" if step.back else "change_password", account=step.account)


def end_access_tokens(world: World, step: EndAccessTokens) -> None:
    """End every access token, whatever its lifetime."""
    for token in world.provider.state.access_tokens.values():
        token.revoked = True
    world.note("end_access_tokens")


def move_authorization(world: World, step: MoveAuthorization) -> None:
    """Let the resource name another authorization server from now on."""
    world.note("move_authorization", issuer=world.move_authorization().profile.issuer)
    for account in world.provider.state.accounts:
        revoke(world, Revoke(account=account))


def log_in_with_others(world: World, step: OtherLogins) -> None:
    """Let the user log in with other installations of the client."""
    now, chosen = world.clock.now(), world.surroundings.registration
    for _ in range(step.times):
        log_in_elsewhere(world.provider, chosen, world.redirect_uri, step.account, now)
    world.note("other_logins", account=step.account, times=step.times)


def change_secret(world: World, step: ChangeSecret) -> None:
    """Change the client's secret at the provider, if it has one."""
    application = world.provider.state.applications[CLIENT_ID]
    if application.client_secret is None:
        return
    secret = CLIENT_SECRET if step.back else OTHER_SECRET
    world.provider.register(replace(application, client_secret=secret))
    world.note("restore_secret" if step.back else "change_secret")


def change_provider(world: World, step: ProviderChanges) -> None:
    """Let the provider behave in another way from now on."""
    world.provider.profile = changed(world.provider.profile, step.changes)
    world.note("provider_changes", changes=dict(step.changes))


def keep_local_time(world: World, step: Zone) -> None:
    """Let the client's computers keep the local time of a zone."""
    world.local_time = LocalTime(step.rules)
