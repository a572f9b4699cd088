"""A provider put back to a snapshot answers as it did from there on; what was minted since is void, and stays
secret."""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from kit.dumb_client import Play, play
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.provider.snapshot import _RECORDS
from refreshproof.mock_servers.provider.state import records
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.vault import UNDONE
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.wire import WireResponse

Act: TypeAlias = tuple[str, int]
"""What is done, and a number: to which token, or for how many seconds."""
PROFILES = ["google", "microsoft", "atlassian", "generic", "strava", "supabase", "wso2", "keycloak", "gitlab"]


@dataclass
class Client:
    """What somebody does to a provider, and the tokens they hold; every answer is told without its secrets."""

    game: Play
    after: float = 0
    codes: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    refreshable: tuple[str, ...] = ()

    def copy(self) -> "Client":
        return replace(self)

    def told(self, response: WireResponse) -> Any:
        """Keep the tokens of an answer; return the answer with aliases in their places."""
        vault, document = self.game.provider.vault, response.document
        found = document if isinstance(document, dict) else {}
        self.access += (found["access_token"],) if found.get("access_token") else ()
        self.refreshable += (found["refresh_token"],) if found.get("refresh_token") else ()
        headers = [(name, vault.redact(value)) for name, value in response.headers]
        return response.status, headers, vault.redact(response.body.decode())

    def do(self, act: Act) -> Any:
        kind, number = act
        return ACTS[kind](self, number)


def _authorize(client: Client, number: int) -> Any:
    response = client.game.authorize(after=client.after, prompt=("consent", "none")[number % 2])
    location = response.header("location") or ""
    if "code=" in location:
        client.codes += (client.game.callback(response)["code"],)
    return client.told(response)


def _one(of: tuple[str, ...], number: int) -> str:
    return of[number % len(of)] if of else "a-token-of-nobody-0123456789"


def _decide(client: Client, number: int) -> None:
    client.game.provider.user.will(Decision(answer=("deny", "consent")[number % 2]))


def _wait(client: Client, number: int) -> None:
    client.after += number


def _restore_password(client: Client, number: int) -> None:
    if client.game.provider.state.accounts["alice"].earlier_passwords:
        client.game.provider.restore_password("alice")


ACTS: dict[str, Callable[[Client, int], Any]] = {
    "authorize": _authorize,
    "exchange": lambda c, n: c.told(c.game.exchange(_one(c.codes, n), after=c.after)),
    "refresh": lambda c, n: c.told(c.game.refresh(_one(c.refreshable, n), after=c.after)),
    "call": lambda c, n: c.told(c.game.call(_one(c.access, n), after=c.after)),
    "wait": _wait,
    "decide": _decide,
    "withdraw": lambda c, n: c.game.provider.revoke_user("alice"),
    "change password": lambda c, n: c.game.provider.change_password("alice"),
    "restore password": _restore_password,
    "sign out": lambda c, n: c.game.provider.sign_out(),
}
NUMBERS = st.integers(0, 5) | st.sampled_from([60, 601, 3600, 86_400, 91 * 86_400])
STORIES = st.lists(
    st.tuples(st.sampled_from([*ACTS, *["authorize", "exchange", "refresh", "call"] * 3]), NUMBERS), max_size=12
)


def _story(client: Client, acts: list[Act]) -> tuple[list[Any], list[Any]]:
    """Do everything; return what was answered, and the ledger as it then stands."""
    return [client.do(act) for act in acts], list(client.game.provider.ledger.copied())


@given(name=st.sampled_from(PROFILES), before=STORIES, then=STORIES, aside=STORIES)
def test_whatever_is_done_after_a_return_is_answered_as_it_was_the_first_time(
    name: str, before: list[Act], then: list[Act], aside: list[Act]
) -> None:
    client = Client(play(VENDORS[name].profile, seed=3))
    for act in [("authorize", 0), ("exchange", 0), *before]:
        client.do(act)
    snapshot = client.game.provider.snapshot()
    first, again, third = client.copy(), client.copy(), client.copy()
    told = _story(first, then)
    client.game.provider.restore(snapshot)
    _story(client.copy(), aside)
    client.game.provider.restore(snapshot)
    assert _story(again, then) == told
    minted = set(first.access + first.refreshable) - set(client.access + client.refreshable)
    assert not minted & set(again.access + again.refreshable)
    client.game.provider.restore(snapshot)
    assert _story(third, then) == told


def test_what_was_minted_since_opens_nothing_and_stays_out_of_every_text() -> None:
    game = play(GENERIC)
    held = game.login()
    snapshot = game.provider.snapshot()
    undone = game.refresh(held["refresh_token"]).document
    assert game.provider.vault.leaks(undone["refresh_token"]) == ["RT2"]
    game.provider.restore(snapshot)
    assert game.provider.vault.redact(f"refresh_token={undone['access_token']}") == f"refresh_token={UNDONE}"
    assert game.provider.vault.leaks(undone["refresh_token"]) == [UNDONE]
    assert game.call(undone["access_token"]).status == 401
    assert game.refresh(undone["refresh_token"]).status == 400
    assert game.call(held["access_token"]).status == 200
    assert game.refresh(held["refresh_token"]).document["access_token"] != undone["access_token"]


def test_a_life_of_three_thousand_refreshes_is_kept_and_put_back() -> None:
    """Each token knows its successor: a copy that followed them one into the other would go too deep."""
    game = play(GENERIC)
    token = game.login()["refresh_token"]
    for _ in range(3000):
        token = game.refresh(token).document["refresh_token"]
    snapshot = game.provider.snapshot()
    later = game.refresh(token).document["refresh_token"]
    game.provider.restore(snapshot)
    assert game.refresh(later).status == 400
    assert len(game.provider.state.refresh_tokens) == 3001


def test_lifetimes_that_are_drawn_are_drawn_again() -> None:
    game = play(VENDORS["microsoft"].profile)
    snapshot = game.provider.snapshot()
    drawn = []
    for _ in range(3):
        drawn.append([game.login()["expires_in"] for _ in range(3)])
        game.provider.restore(snapshot)
    assert drawn[0] == drawn[1] == drawn[2]
    assert len(set(drawn[0])) > 1


def test_a_snapshot_is_not_changed_by_what_follows_and_belongs_to_the_profile_of_its_time() -> None:
    game = play(GENERIC)
    token = game.login()["refresh_token"]
    snapshot = game.provider.snapshot()
    game.provider.profile = replace(GENERIC, refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="same"))
    assert game.refresh(token).document["refresh_token"] == token
    game.provider.revoke_user("alice")
    for _ in range(2):
        game.provider.restore(snapshot)
        assert game.refresh(token).document["refresh_token"] != token
        game.provider.revoke_user("alice")


def test_a_snapshot_shows_no_secret() -> None:
    game = play(GENERIC)
    held = game.login()
    shown = repr(game.provider.snapshot())
    assert not any(value in shown for value in (held["access_token"], held["refresh_token"], "s3cret"))


def test_every_record_that_changes_is_copied() -> None:
    kinds = [kind for kind in vars(records).values() if isinstance(kind, type) and is_dataclass(kind)]
    changing = {kind for kind in kinds if not kind.__dataclass_params__.frozen}  # type: ignore[attr-defined]
    assert changing == set(_RECORDS)
