"""The refresh policy: what a replay gets under every mode of the taxonomy, at each age and generation, and
afterwards."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from kit.dumb_client import Play, at, generic, play, steps
from refreshproof.mock_servers.profile.profile import Cause, LifetimeRule, SecondPair
from refreshproof.mock_servers.profile.refresh_policy import TRANSITIONS, TokenEvent, TokenState, after
from refreshproof.mock_servers.provider.state.records import RefreshToken

DAY = 86_400
GRACE: dict[str, Any] = {"rotation": "always", "window": 10, "on_breach": "revoke_family"}

# The words of a story are those of `Play.take`.
MODES: dict[str, tuple[dict[str, Any], str]] = {
    "no rotation, member omitted": (
        {"rotation": "never", "refresh_token_on_refresh": "omitted"},
        "0 RT1 -> - = AT2; 9999 RT1 -> - = AT3; 9999 AT3 -> open",
    ),
    "no rotation, same value echoed": (
        {"rotation": "never", "refresh_token_on_refresh": "same"},
        "0 RT1 -> RT1; 9999 RT1 -> RT1",
    ),
    "no rotation, null": ({"rotation": "never", "refresh_token_on_refresh": "null"}, "0 RT1 -> null; 1 RT1 -> null"),
    "no rotation, empty": ({"rotation": "never", "refresh_token_on_refresh": "empty"}, '0 RT1 -> ""; 1 RT1 -> ""'),
    "sometimes new": (
        {"rotation": "sometimes", "refresh_token_on_refresh": "same", "rotate_every": DAY},
        "1 RT1 -> RT1; 86399.999999 RT1 -> RT1; 86400 RT1 -> RT2; 86400 RT1 -> refresh_token_reused;"
        "172799 RT2 -> RT2; 172800 RT2 -> RT3; 172801 RT2 -> refresh_token_reused; 172801 RT3 -> RT3",
    ),
    "new when its end is near": (
        {"rotation": "near_expiry", "refresh_token_on_refresh": "omitted", "rotate_every": 100, "inactivity_ttl": 1000},
        "899 RT1 -> -; 900 RT1 -> RT2; 901 RT1 -> refresh_token_reused; 1000 RT2 -> -",
    ),
    "rotate, old never revoked": (
        {"rotation": "always", "on_replay": "accept_until_expiry", "window": None, "generations": None},
        "0 RT1 -> RT2; 1 RT2 -> RT3; 2 RT3 -> RT4; 9999 RT1 -> RT5; 9999 RT2 -> RT6; 9999 RT4 -> RT7",
    ),
    "rotate, old lives to its own expiry": (
        {
            "rotation": "always",
            "on_replay": "accept_until_expiry",
            "window": None,
            "generations": None,
            "inactivity_ttl": 100,
        },
        "50 RT1 -> RT2; 99.999999 RT1 -> RT3; 100 RT1 -> refresh_token_idle; 101 RT2 -> RT4",
    ),
    "strict single use": (
        {"rotation": "always", "on_replay": "reject"},
        "0 RT1 -> RT2; 0 RT1 -> refresh_token_reused; 0 AT2 -> open; 1 RT2 -> RT3; 1 RT1 -> refresh_token_reused;"
        "2 RT3 -> RT4",
    ),
    "reuse kills family": (
        {"rotation": "always", "on_replay": "reject", "on_breach": "revoke_family"},
        "0 RT1 -> RT2 = AT2; 0 AT1 -> open; 1 RT1 -> refresh_token_reused; 1 RT2 -> refresh_token_revoked;"
        "1 AT2 -> access_token_revoked; 1 AT1 -> access_token_revoked; 2 RT1 -> refresh_token_revoked",
    ),
    "reuse kills family, access tokens live": (
        {"rotation": "always", "on_breach": "revoke_family", "breach_ends_access_tokens": False},
        "0 RT1 -> RT2; 1 RT1 -> refresh_token_reused; 1 RT2 -> refresh_token_revoked; 1 AT2 -> open",
    ),
    "grace, same successor": (
        {**GRACE, "on_replay": "same_successor"},
        "0 RT1 -> RT2 = AT2; 5 RT1 -> RT2 = AT3; 10 RT1 -> RT2; 10 AT2 -> open; 10.000001 RT1 -> refresh_token_reused;"
        "11 RT2 -> refresh_token_revoked; 11 AT4 -> access_token_revoked",
    ),
    "grace, same successor, direct parent only": (
        {**GRACE, "on_replay": "same_successor"},
        "0 RT1 -> RT2; 1 RT2 -> RT3; 2 RT1 -> refresh_token_reused; 2 RT3 -> refresh_token_revoked",
    ),
    "grace, same pair": (
        {**GRACE, "on_replay": "same_pair"},
        "0 RT1 -> RT2 = AT2; 5 RT1 -> RT2 = AT2; 11 RT1 -> refresh_token_reused",
    ),
    "grace, usable pair": (
        {**GRACE, "on_replay": "new_pair"},
        "0 RT1 -> RT2; 9.999999 RT1 -> RT3; 10 RT1 -> RT4; 10 RT2 -> RT5; 10 RT3 -> RT6; 10 RT4 -> RT7",
    ),
    "grace, usable pair, after the window": (
        {**GRACE, "on_replay": "new_pair"},
        "0 RT1 -> RT2; 10.000001 RT1 -> refresh_token_reused; 10.000001 RT2 -> refresh_token_revoked",
    ),
    "grace, usable pair, grandparent": (
        {**GRACE, "on_replay": "new_pair"},
        "0 RT1 -> RT2; 1 RT2 -> RT3; 2 RT2 -> RT4; 3 RT1 -> refresh_token_reused; 3 RT4 -> refresh_token_revoked",
    ),
    "grace, two generations": (
        {**GRACE, "on_replay": "new_pair", "generations": 2},
        "0 RT1 -> RT2; 1 RT2 -> RT3; 2 RT1 -> RT4; 3 RT3 -> RT5; 4 RT1 -> refresh_token_reused",
    ),
    "grace, access token only": (
        {**GRACE, "on_replay": "access_token_only"},
        "0 RT1 -> RT2; 10 RT1 -> - = AT3; 10 AT3 -> open; 11 RT1 -> refresh_token_reused;"
        "11 RT2 -> refresh_token_revoked",
    ),
    "grace, returns dead R1": (
        {"rotation": "always", "on_replay": "presented", "window": 10},
        "0 RT1 -> RT2; 5 RT1 -> RT1; 11 RT1 -> refresh_token_reused; 11 RT2 -> RT3",
    ),
    "grace, last replay wins": (
        {"rotation": "always", "on_replay": "last_replay_wins", "window": 10},
        "0 RT1 -> RT2; 5 RT1 -> RT3; 5 RT2 -> refresh_token_revoked; 6 RT3 -> RT4; 7 RT1 -> refresh_token_reused;"
        "7 RT4 -> RT5",
    ),
    "grace, N siblings then family kill": (
        {**GRACE, "on_replay": "new_pair", "max_reuses": 2},
        "0 RT1 -> RT2; 1 RT1 -> RT3; 2 RT1 -> RT4; 3 RT1 -> refresh_token_reused; 4 RT2 -> refresh_token_revoked;"
        "4 RT4 -> refresh_token_revoked",
    ),
    "each ancestor answers with its own successor": (
        {**GRACE, "on_replay": "same_pair", "generations": None},
        "0 RT1 -> RT2 = AT2; 1 RT2 -> RT3 = AT3; 2 RT1 -> RT2 = AT2; 2 RT2 -> RT3 = AT3; 10.5 RT2 -> RT3;"
        "10.5 RT1 -> refresh_token_reused; 11 RT3 -> refresh_token_revoked",
    ),
    "good until the successor is used": (
        {"rotation": "always", "on_replay": "last_replay_wins", "window": None},
        "0 RT1 -> RT2; 9999 RT1 -> RT3; 9999 RT2 -> refresh_token_revoked; 9999 RT3 -> RT4; 9999 RT3 -> RT5;"
        "9999 RT1 -> refresh_token_reused; 9999 RT5 -> RT6",
    ),
    "one refresh per login": (
        {"rotation": "once_per_login"},
        "1 RT1 -> - = AT2; 1 AT1 -> open; 1 AT2 -> open; 2 RT1 -> refresh_token_spent; 2 AT2 -> open",
    ),
    "rotation near the end, and no life from use": (
        {
            "rotation": "near_expiry",
            "refresh_token_on_refresh": "same",
            "rotate_every": 30,
            "inactivity_ttl": 100,
            "inactivity_from": "issue",
        },
        "69.999999 RT1 -> RT1; 70 RT1 -> RT2; 139 RT2 -> RT2; 169.999999 RT2 -> RT3",
    ),
    "a life from issue ends whatever the use": (
        {"rotation": "never", "inactivity_ttl": 100, "inactivity_from": "issue"},
        "99 RT1 -> -; 99.999999 RT1 -> -; 100 RT1 -> refresh_token_idle",
    ),
    "revoke on first use of A2": (
        {"rotation": "always", "on_replay": "new_pair", "window": None, "previous_access_token": "dies_at_first_use"},
        "0 RT1 -> RT2 = AT2; 999 AT1 -> open; 999 RT1 -> RT3 = AT3; 1000 AT3 -> open; 1000 AT1 -> access_token_revoked;"
        "1000 RT1 -> refresh_token_revoked; 1001 RT3 -> RT4",
    ),
    "same access token while fresh": (
        {"rotation": "never", "refresh_token_on_refresh": "same", "access_token_on_refresh": "same", "same_above": 600},
        "1 RT1 -> RT1 = AT1; 2999 RT1 -> RT1 = AT1; 3000 RT1 -> RT1 = AT2; 3600 AT1 -> access_token_expired;"
        "3600 AT2 -> open",
    ),
    "same access token extended": (
        {"rotation": "never", "refresh_token_on_refresh": "same", "access_token_on_refresh": "extended"},
        "3599 RT1 -> RT1 = AT1; 7198 AT1 -> open; 7198 RT1 -> RT1 = AT1; 10798 RT1 -> RT1 = AT2",
    ),
    "previous access token revoked at issue": (
        {"rotation": "always", "previous_access_token": "dies_at_once"},
        "0 AT1 -> open; 0 RT1 -> RT2; 0 AT1 -> access_token_revoked; 0 AT2 -> open",
    ),
    "previous access token dies with the window": (
        {**GRACE, "on_replay": "new_pair", "previous_access_token": "dies_with_window"},
        "0 RT1 -> RT2; 10 AT1 -> open; 10.000001 AT1 -> access_token_revoked; 11 AT2 -> open",
    ),
    "sliding inactivity expiry": (
        {"rotation": "never", "refresh_token_on_refresh": "omitted", "inactivity_ttl": 100},
        "99 RT1 -> -; 198 RT1 -> -; 298 RT1 -> refresh_token_idle; 299 RT1 -> refresh_token_idle",
    ),
    "absolute family expiry": (
        {"rotation": "always", "absolute_ttl": 100, "inactivity_ttl": 60},
        "50 RT1 -> RT2; 99.999999 RT2 -> RT3; 100 RT3 -> refresh_token_aged; 101 RT3 -> refresh_token_aged",
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_of_the_taxonomy_answers_as_its_story_tells(mode: str) -> None:
    policy, story = MODES[mode]
    game = play(generic(**policy))
    game.login()
    assert game.tell(story) == steps(story)


def test_a_breach_may_end_everything_of_the_client_and_the_user() -> None:
    """Keycloak revokes all tokens of the client."""
    game = play(generic(rotation="always", on_breach="revoke_client_and_user"))
    game.login()
    game.login()
    assert [game.take("RT1", 1)[0], game.take("RT1", 2)[0]] == ["RT3", "refresh_token_reused"]
    assert game.take("RT2", 3)[0] == "refresh_token_revoked"
    assert game.take("AT2", 3)[0] == "access_token_revoked"


def test_a_breach_of_one_family_leaves_the_users_other_family_alone() -> None:
    game = play(generic(rotation="always", on_breach="revoke_family"))
    game.login()
    game.login()
    assert [game.take("RT1", 1)[0], game.take("RT1", 2)[0]] == ["RT3", "refresh_token_reused"]
    assert game.take("RT2", 3)[0] == "RT4"


def test_a_breach_may_revoke_the_grant_so_that_consent_is_asked_again() -> None:
    game = play(generic(rotation="always", on_breach="revoke_grant"))
    game.login()
    game.login()
    assert [game.take("RT1", 1)[0], game.take("RT1", 2)[0]] == ["RT3", "refresh_token_reused"]
    assert game.take("RT2", 3)[0] == "refresh_token_revoked"
    assert all(grant.revoked for grant in game.provider.state.grants.values())


def test_a_rotation_may_end_the_users_other_grant() -> None:
    game = play(generic(rotation="always", ends_other_families=True))
    game.login()
    game.login()
    assert game.take("RT1", 1)[0] == "RT3"
    assert game.take("RT2", 2)[0] == "refresh_token_revoked"
    assert game.take("RT3", 3)[0] == "RT4"


def test_the_cap_evicts_the_oldest_silently_and_a_superseded_token_of_it_too() -> None:
    game = play(generic(rotation="always", on_replay="new_pair", window=100, cap_per_user=2))
    game.login()
    assert game.take("RT1", 1)[0] == "RT2"
    game.login()
    game.login()
    assert [game.take(name, 2)[0] for name in ("RT1", "RT2")] == ["refresh_token_evicted"] * 2
    assert game.take("AT2", 2)[0] == "open"
    assert [game.take(name, 2)[0] for name in ("RT3", "RT4")] == ["RT5", "RT6"]


def test_a_lifetime_rule_shortens_the_life_of_a_family() -> None:
    profile = replace(generic(), lifetime_rules=(LifetimeRule(when={"application.kind": "web"}, absolute=100),))
    game = play(profile)
    game.login()
    assert [game.take("RT1", 99)[0], game.take("RT1", 100)[0]] == ["-", "refresh_token_aged"]


def _presented(game: Play, when: float = 0, *, times: int = 1) -> RefreshToken:
    for _ in range(times):
        game.take("RT1", when)
    return _first(game)


def _first(game: Play) -> RefreshToken:
    return game.provider.state.families[0].refresh_tokens[0]


def _revoked(game: Play) -> RefreshToken:
    game.provider.revoke_user("alice")
    return _first(game)


def _crowded(game: Play) -> RefreshToken:
    game.login()
    return _first(game)


_KEEPING = {"rotation": "never", "inactivity_ttl": 100, "absolute_ttl": 150, "cap_per_user": 1}
_ROTATING = {**_KEEPING, "rotation": "always", "on_replay": "new_pair", "window": 10}
MOVES: dict[tuple[TokenState, TokenEvent], tuple[dict[str, Any], int, Callable[[Play], RefreshToken]]] = {
    (TokenState.LIVE, TokenEvent.KEPT): (_KEEPING, 0, _presented),
    (TokenState.LIVE, TokenEvent.ROTATED): (_ROTATING, 0, _presented),
    (TokenState.LIVE, TokenEvent.SPENT): ({**_KEEPING, "rotation": "once_per_login"}, 0, _presented),
    (TokenState.LIVE, TokenEvent.REVOKED): (_KEEPING, 0, _revoked),
    (TokenState.LIVE, TokenEvent.IDLED_OUT): (_KEEPING, 0, lambda game: _presented(game, 100)),
    (TokenState.LIVE, TokenEvent.AGED_OUT): (_KEEPING, 0, lambda game: _presented(game, 150)),
    (TokenState.LIVE, TokenEvent.EVICTED): (_KEEPING, 0, _crowded),
    (TokenState.SUPERSEDED, TokenEvent.REPLAYED): (_ROTATING, 1, _presented),
    (TokenState.SUPERSEDED, TokenEvent.BREACHED): (_ROTATING, 1, lambda game: _presented(game, 11)),
    (TokenState.SUPERSEDED, TokenEvent.REVOKED): (_ROTATING, 1, _revoked),
    (TokenState.SUPERSEDED, TokenEvent.IDLED_OUT): (_ROTATING, 1, lambda game: _presented(game, 100)),
    (TokenState.SUPERSEDED, TokenEvent.AGED_OUT): (_ROTATING, 1, lambda game: _presented(game, 150)),
    (TokenState.SUPERSEDED, TokenEvent.EVICTED): (_ROTATING, 1, _crowded),
}


def test_every_legal_move_has_a_way_to_be_reached() -> None:
    assert set(MOVES) == set(TRANSITIONS)


@pytest.mark.parametrize("move", MOVES, ids=" ".join)
def test_a_provider_makes_the_move_and_ends_where_the_table_says(move: tuple[TokenState, TokenEvent]) -> None:
    policy, earlier, act = MOVES[move]
    game = play(generic(**policy))
    game.login()
    assert _presented(game, times=earlier).state is move[0]
    token = act(game)
    assert (token.last_event, token.state) == (move[1], TRANSITIONS[move])


@pytest.mark.parametrize("move", sorted(set(product(TokenState, TokenEvent)) - set(TRANSITIONS)), ids=" ".join)
def test_a_move_the_table_does_not_have_is_an_error(move: tuple[TokenState, TokenEvent]) -> None:
    with pytest.raises(KeyError):
        after(*move)


TOO_LATE: dict[str, tuple[str, dict[str, Any], str]] = {
    "scope": ("scope", {"scope": "read write"}, "invalid_scope"),
    "scope, where the client is looked at too late as well": ("client", {"scope": "read write"}, "invalid_scope"),
    "client": ("client", {"client_secret": "wrong"}, "wrong_secret"),
}


@pytest.mark.parametrize("case", TOO_LATE)
def test_a_vendor_that_spends_the_token_first_has_ended_it_when_it_refuses_the_request(case: str) -> None:
    spent_before, wrong, cause = TOO_LATE[case]
    game = play(generic(rotation="always", spent_before=spent_before))
    first = game.login()["refresh_token"]
    assert game.refresh(first, **wrong).status >= 400
    assert (game.last.presented, game.last.cause, game.last.event) == ("RT1", cause, "revoked")
    assert game.take("RT1", 1)[0] == "refresh_token_revoked"
    assert game.take("AT1", 1)[0] == "open"


@pytest.mark.parametrize("case", TOO_LATE)
def test_a_vendor_that_spends_the_token_with_the_answer_refuses_a_request_and_leaves_it(case: str) -> None:
    _, wrong, cause = TOO_LATE[case]
    game = play(generic(rotation="always"))
    assert game.refresh(game.login()["refresh_token"], **wrong).status >= 400
    assert (game.last.cause, game.last.event) == (cause, None)
    assert game.take("RT1", 1)[0] == "RT2"


def test_a_wrong_client_costs_no_token_where_only_the_scope_is_looked_at_too_late() -> None:
    game = play(generic(rotation="always", spent_before="scope"))
    assert game.refresh(game.login()["refresh_token"], client_secret="wrong").status == 401
    assert game.take("RT1", 1)[0] == "RT2"


def test_a_vendor_that_spends_the_token_first_sees_a_replay_before_a_wrong_scope() -> None:
    game = play(generic(rotation="always", spent_before="scope"))
    first = game.login()["refresh_token"]
    assert game.refresh(first).status == 200
    game.refresh(first, scope="read write")
    assert game.last.cause == "refresh_token_reused"


def test_a_token_that_a_refresh_would_keep_is_not_spent() -> None:
    game = play(generic(rotation="never", spent_before="client"))
    assert game.refresh(game.login()["refresh_token"], scope="read write").status == 400
    assert game.take("RT1", 1)[0] == "-"


def test_a_refusal_names_the_tokens_that_would_have_been_accepted() -> None:
    game = play(generic(rotation="always", on_replay="reject"))
    game.login()
    assert game.take("RT1", 1)[0] == "RT2"
    assert game.take("RT2", 2)[0] == "RT3"
    assert game.take("RT1", 3)[0] == "refresh_token_reused"
    assert game.last.detail.startswith("expected: RT3, found: RT1, breached, issued 3 s ago, superseded 2 s ago")


def test_a_refresh_of_the_second_pair_brings_what_the_second_pair_is() -> None:
    """Slack's user token beside the bot's (misbehaviour exp-two-tokens-two-expiries)."""
    second = SecondPair(member="authed_user", token_type="user", access_token=1800)
    profile = generic(rotation="always")
    game = play(replace(profile, issuance=replace(profile.issuance, second=second)))
    tokens = game.login()
    first, other = (game.refresh(pair["refresh_token"]).document for pair in (tokens, tokens["authed_user"]))
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 3600)
    assert (other["token_type"], other["expires_in"]) == ("user", 1800)


def test_a_token_of_a_revoked_grant_is_refused_for_what_revoked_it() -> None:
    for why, told in ((None, "refresh_token_revoked"), (Cause.ADMIN_POLICY, str(Cause.ADMIN_POLICY))):
        game = play(generic(rotation="always"))
        game.login()
        (grant,) = game.provider.state.grants.values()
        game.provider.state.revoke_grant(game.profile, grant, at(1), why)
        assert game.take("RT1", 2)[0] == told


def test_a_dead_token_is_forgotten_so_long_after_its_first_refusal() -> None:
    told = {"3": "refresh_token_reused", "102.999999": "refresh_token_reused", "103": "unknown_refresh_token"}
    game = play(generic(rotation="always", on_replay="reject", dead_known_for=100))
    game.login()
    assert game.take("RT1", 1)[0] == "RT2"
    assert {after: game.take("RT1", float(after))[0] for after in told} == told


def test_a_replay_that_ends_the_last_answer_leaves_one_that_had_ended_as_it_was() -> None:
    game = play(generic(rotation="always", on_replay="last_replay_wins", window=100))
    game.login()
    assert game.take("RT1", 1)[0] == "RT2"
    ended = next(token for token in game.provider.state.refresh_tokens.values() if token.alias == "RT2")
    game.provider.state.move(ended, TokenEvent.EVICTED)
    assert game.take("RT1", 2)[0] == "RT3"
    assert game.take("RT2", 3)[0] == "refresh_token_evicted"


def test_a_session_is_over_so_long_after_the_user_signed_in() -> None:
    profile = generic(rotation="never", refresh_token_on_refresh="omitted")
    rules = replace(profile.accounts, session=3600, session_over=Cause.SIGN_IN_FREQUENCY)
    game = play(replace(profile, accounts=rules))
    game.login()
    told = {after: game.take("RT1", after)[0] for after in (0, 3599.999999, 3600, 3601)}
    assert told == {0: "-", 3599.999999: "-", 3600: "sign_in_frequency", 3601: "sign_in_frequency"}
