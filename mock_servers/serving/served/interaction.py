"""What a person is led through between an authorization request and its answer: which step comes next, and what the
form of each step adds.

Values and functions of values; pages, cookies and the provider are elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from refreshproof.mock_servers.provider.state.consent import Decision, Question
from refreshproof.mock_servers.wire import WireRequest

Step: TypeAlias = Literal["login", "account", "site", "consent"]
Fields: TypeAlias = tuple[tuple[str, str], ...]

LONGEST_NAME = 64
TIMES: Mapping[str, int | None] = {"": None, "7": 7 * 86_400, "90": 90 * 86_400}
"""For how many seconds access is given, by the value of the form's field, where the vendor lets a user choose."""


class Unacceptable(Exception):
    """A form that cannot be taken; the text is for the person who filled it in."""


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """One authorization request on its way through the pages; a field that is None is yet to be answered.

    `chosen` tells that the account was picked in this interaction. `offers_time` and `needs_site` are the vendor's;
    `needs_consent` tells for an account whether the consent screen is due.
    """

    request: WireRequest
    question: Question
    needs_site: bool
    offers_time: bool
    needs_consent: Callable[[str], bool]
    account: str | None = None
    chosen: bool = False
    site: str | None = None
    decision: Decision | None = None

    @property
    def step(self) -> Step | None:
        """The step that is due, or None when all has been answered."""
        return next((step for step, due in STEPS if due(self)), None)

    @property
    def sites(self) -> tuple[str, ...]:
        """The ids of the sites the account can pick from."""
        return self.question.sites.get(self.account or "", ())

    @property
    def settled(self) -> Decision:
        """The decision to act on: the one made, or consent where none has to be asked for."""
        return self.decision or Decision(account=self.account or "", site=self.site)


STEPS: tuple[tuple[Step, Callable[[Interaction], bool]], ...] = (
    ("login", lambda one: one.account is None or ("login" in one.question.prompt and not one.chosen)),
    ("account", lambda one: "select_account" in one.question.prompt and not one.chosen),
    ("site", lambda one: one.needs_site and one.site is None and bool(one.sites)),
    ("consent", lambda one: one.decision is None and one.needs_consent(one.account or "")),
)
"""The steps in their order, each with the rule that makes it due."""


def log_in(interaction: Interaction, fields: Fields) -> Interaction:
    """Take the login form: a name, and any password."""
    return replace(interaction, account=account_of(fields), chosen=True)


def account_of(fields: Fields) -> str:
    """Return the name that a login form gives; raises `Unacceptable` where it gives none, or no password."""
    values = dict(fields)
    name = values.get("account", "").strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Unacceptable(f"Enter an account name of 1 to {LONGEST_NAME} characters.")
    if not values.get("password"):
        raise Unacceptable("Enter a password; any will do.")
    return name


def choose_account(interaction: Interaction, fields: Fields) -> Interaction:
    """Take the account form: one of the accounts there are, or another, which has to log in."""
    name = dict(fields).get("account", "")
    if name == "":
        return replace(interaction, account=None)
    if name not in {account.name for account in interaction.question.accounts}:
        raise Unacceptable("Choose one of the accounts.")
    return replace(interaction, account=name, chosen=True)


def pick_site(interaction: Interaction, fields: Fields) -> Interaction:
    """Take the site form."""
    site = dict(fields).get("site", "")
    if site not in interaction.sites:
        raise Unacceptable("Choose one of the sites.")
    return replace(interaction, site=site)


def decide(interaction: Interaction, fields: Fields) -> Interaction:
    """Take the consent form: the answer, the scopes that stayed ticked, and for how long."""
    values = dict(fields)
    answer = values.get("answer")
    scopes = frozenset(value for name, value in fields if name == "scope")
    if answer not in ("consent", "deny") or not scopes <= set(interaction.question.scopes):
        raise Unacceptable("Allow or deny what is asked for.")
    duration = values.get("days", "") if interaction.offers_time else ""
    if duration not in TIMES:
        raise Unacceptable("Choose one of the times.")
    everything = scopes == frozenset(interaction.question.scopes)
    decision = Decision(
        account=interaction.account or "",
        answer="deny" if answer == "deny" else "consent",
        scopes=None if everything else scopes,
        site=interaction.site,
        seconds=TIMES[duration],
    )
    return replace(interaction, decision=decision)


FORMS: Mapping[Step, Callable[[Interaction, Fields], Interaction]] = {
    "login": log_in,
    "account": choose_account,
    "site": pick_site,
    "consent": decide,
}
"""What each step's form adds to the interaction."""
