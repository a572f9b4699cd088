"""A plain flow before a run: login, call, expiry, call. What a client cannot do on the best of days is told at once.

It judges no requirement and counts for nothing; it says what can stand in the way of judging.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from refreshproof.harness.run.troubles import played, trouble_of
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.findings import crashes_told
from refreshproof.scenarios.evidence.journal import Journal, OutcomeRecord
from refreshproof.scenarios.evidence.requirement import serves_well
from refreshproof.scenarios.play.play import ProviderBrokenError, play
from refreshproof.scenarios.steps.fitting import fitted
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Until
from refreshproof.scenarios.steps.subject import SubjectFactory
from refreshproof.scenarios.world.standstill import StandstillError

SMOKE = flow(Call(), Until(limit="access_token_expiry", offset=1), Call(), name="smoke")
LOGIN, FIRST_CALL, AFTER_EXPIRY = 1, 2, 4
"""Numbers of its steps."""
UNPLAYABLE = "The client does not come through a plain flow here; the troubles say why."


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How a client came through the plain flow at a vendor: `trouble` says why it did not.

    `hopeless` tells that it raised an exception before it ever used a token, so that there is no client to judge.
    """

    vendor: str
    trouble: Trouble | None = None
    hopeless: bool = False

    @property
    def reason(self) -> str:
        """Why nothing can be said of what depends on it; empty where the client came through."""
        return "" if self.trouble is None else UNPLAYABLE


def tried(vendor: Vendor, factory: SubjectFactory) -> Tried:
    """Play the plain flow at a vendor."""
    smoke = fitted(SMOKE, vendor.profile)
    try:
        journal = play(vendor, factory, smoke)
    except StandstillError as error:
        what = f"the client came to no end in {error}"
        hung = Trouble(where="client", what=what, provider=vendor.name)
        return Tried(vendor=vendor.name, trouble=played(hung, smoke))
    except ProviderBrokenError:
        return Tried(vendor=vendor.name)  # no trouble of the client's; each cell tells it as the harness's own fault
    trouble = next(troubles(journal, vendor), None)
    if trouble is None:
        return Tried(vendor=vendor.name)
    crashed = any(one.step <= FIRST_CALL for one in journal.crashes)
    return Tried(vendor=vendor.name, trouble=played(trouble, smoke), hopeless=crashed)


def troubles(journal: Journal, vendor: Vendor) -> Iterator[Trouble]:
    """Yield what kept the client from coming through the plain flow, the first first."""
    well = serves_well(vendor)
    for crash, step in crashes_told(journal):
        if crash.step < AFTER_EXPIRY or well:
            told = trouble_of(crash, step, vendor.name, stops=True)
            yield _at_login(vendor, told.exception or told.what, told) if crash.step == LOGIN else told
    if not well:
        return  # what such a vendor answers may end a login or a call without any fault of the client's
    page = _last_page(journal)
    if page is not None:
        yield _at_login(vendor, page)
    for outcome in journal.outcomes():
        if outcome.kind in ("ok", "crash"):
            continue
        if outcome.step == LOGIN and not _declines(journal, vendor):
            yield _at_login(vendor, _ending(outcome))
        elif outcome.step == FIRST_CALL and not _declines(journal, vendor):
            yield _ended(vendor, "the first call after the login", outcome)
        elif outcome.step == AFTER_EXPIRY and vendor.profile.renews and _renewable(journal):
            yield _ended(vendor, "the first call after the access token's expiry", outcome)
    if not any(one.issued and one.delivered for one in journal.exchanges("token")) and not _declines(journal, vendor):
        yield _at_login(vendor, "no token ever reached the client")


def _last_page(journal: Journal) -> str | None:
    """Return what the user saw in the end of a login who was not sent back to the client, None for one who was."""
    if not any(one.step == LOGIN for one in journal.actions("ended_on_page")):
        return None
    shown = [one for one in journal.exchanges() if one.step == LOGIN and one.actor == "browser"]
    values = dict(shown[-1].parameters) if shown else {}
    said = ", ".join(filter(None, (values.get("error"), values.get("error_description"))))
    status = f"status {shown[-1].status}" if shown else "no answer"
    return f"the vendor did not send the user back to the client; its last page said: {said or status}"


def _at_login(vendor: Vendor, why: str, told: Trouble | None = None) -> Trouble:
    known = told or Trouble(where="", what="", provider=vendor.name)
    return replace(known, where="the login never succeeded", what=why)


def _ended(vendor: Vendor, which: str, outcome: OutcomeRecord) -> Trouble:
    return Trouble(where="client", what=f"{which} ended in {_ending(outcome)}", provider=vendor.name)


def _ending(outcome: OutcomeRecord) -> str:
    return f"{outcome.kind.replace('_', ' ')}{f' ({outcome.said})' if outcome.said else ''}"


def _renewable(journal: Journal) -> bool:
    """Tell whether the client got a refresh token, without which it can do no more than ask the user again."""
    return any(
        one.delivered and any(alias.startswith("RT") for alias in one.issued) for one in journal.exchanges("token")
    )


def _declines(journal: Journal, vendor: Vendor) -> bool:
    """Tell whether a client may refuse to be connected: it takes no token that ends soon, and gets no other."""
    return "minimum_lifetime" in journal.claims and not vendor.profile.issuance.ever
