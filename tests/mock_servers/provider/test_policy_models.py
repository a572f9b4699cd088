"""Every kind of refresh policy against a model of a few lines, by a state machine that presents tokens old and new."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from kit.dumb_client import generic, play


@dataclass
class Known:
    """A refresh token as the model knows it; times in seconds."""

    parent: "Known | None"
    depth: int
    rotated: float | None = None
    dead: bool = False
    replays: int = 0


Model = Callable[[list[Known], Known, float], str]
WINDOW = 10


def _near(tokens: list[Known], token: Known, now: float) -> bool:
    deepest = max(other.depth for other in tokens)
    # Rounded, because a difference of floats may lie a hair beyond a boundary that both of them are on.
    return token.rotated is not None and round(now - token.rotated, 6) <= WINDOW and deepest - token.depth == 1


def _kill(tokens: list[Known]) -> str:
    for token in tokens:
        token.dead = True
    return "refused"


def _never(tokens: list[Known], token: Known, now: float) -> str:
    return "kept"


def _strict(tokens: list[Known], token: Known, now: float) -> str:
    return "new" if token.rotated is None else "refused"


def _family(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    return "new" if token.rotated is None else _kill(tokens)


def _pair(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    return "new" if token.rotated is None or _near(tokens, token, now) else _kill(tokens)


def _siblings(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    if token.rotated is None:
        return "new"
    token.replays += 1
    return "new" if _near(tokens, token, now) and token.replays <= 2 else _kill(tokens)


def _same(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    if token.rotated is None:
        return "new"
    return "child" if _near(tokens, token, now) else _kill(tokens)


def _only(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    if token.rotated is None:
        return "new"
    return "kept" if _near(tokens, token, now) else _kill(tokens)


def _own_child(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    if token.rotated is None:
        return "new"
    return "child" if round(now - token.rotated, 6) <= WINDOW else _kill(tokens)


def _once(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead:
        return "refused"
    token.dead = True
    return "kept"


def _issued_last(tokens: list[Known], token: Known, now: float) -> str:
    deepest = max(other.depth for other in tokens)
    if token.dead or (token.rotated is not None and deepest - token.depth > 1):
        return "refused"
    for other in tokens:
        other.dead = other.dead or other.parent is token
    return "new"


def _last(tokens: list[Known], token: Known, now: float) -> str:
    if token.dead or (token.rotated is not None and not _near(tokens, token, now)):
        return "refused"
    for other in tokens:
        other.dead = other.dead or other.parent is token
    return "new"


def _forever(tokens: list[Known], token: Known, now: float) -> str:
    return "new"


_WINDOW = {"rotation": "always", "window": WINDOW, "on_breach": "revoke_family"}
MODELS: Mapping[str, tuple[dict[str, Any], Model]] = {
    "never": ({"rotation": "never"}, _never),
    "strict": ({"rotation": "always"}, _strict),
    "family": ({"rotation": "always", "on_breach": "revoke_family"}, _family),
    "pair": ({**_WINDOW, "on_replay": "new_pair"}, _pair),
    "siblings": ({**_WINDOW, "on_replay": "new_pair", "max_reuses": 2}, _siblings),
    "same": ({**_WINDOW, "on_replay": "same_successor"}, _same),
    "only": ({**_WINDOW, "on_replay": "access_token_only"}, _only),
    "last": ({**_WINDOW, "on_replay": "last_replay_wins", "on_breach": "nothing"}, _last),
    "own child": ({**_WINDOW, "on_replay": "same_pair", "generations": None}, _own_child),
    "once": ({"rotation": "once_per_login"}, _once),
    "issued last": ({"rotation": "always", "on_replay": "last_replay_wins", "window": None}, _issued_last),
    "forever": (
        {"rotation": "always", "on_replay": "accept_until_expiry", "window": None, "generations": None},
        _forever,
    ),
}


class PolicyMachine(RuleBasedStateMachine):
    """Presents tokens old and new at times around the window, and compares provider and model."""

    policy: dict[str, Any]
    model: Model

    def __init__(self) -> None:
        super().__init__()
        self.game = play(generic(**self.policy))
        self.values = [self.game.login()["refresh_token"]]
        self.known = [Known(parent=None, depth=0)]
        self.now = 0.0

    @rule(step=st.sampled_from([0.000001, 1.0, 9.999999, 10.0, 10.000001, 1000.0]))
    def time_passes(self, step: float) -> None:
        """Let time pass."""
        self.now = round(self.now + step, 6)

    @rule(data=st.data(), recent=st.booleans())
    def present(self, data: st.DataObject, recent: bool) -> None:
        """Present one of the tokens seen so far, more often one of the newest."""
        low = max(len(self.values) - 3, 0) if recent else 0
        index = data.draw(st.integers(low, len(self.values) - 1))
        expected = type(self).model(self.known, self.known[index], self.now)
        response = self.game.refresh(self.values[index], after=self.now)
        found = response.document.get("refresh_token") if response.status == 200 else "refused"
        assert self._told(index, found) == expected

    @precondition(lambda self: len(self.values) > 1)
    @rule()
    def present_the_parent_again(self) -> None:
        """Replay what the newest token came from: the retry after a lost answer."""
        parent = self.known[-1].parent
        assert parent is not None
        index = next(number for number, other in enumerate(self.known) if other is parent)
        expected = type(self).model(self.known, parent, self.now)
        response = self.game.refresh(self.values[index], after=self.now)
        found = response.document.get("refresh_token") if response.status == 200 else "refused"
        assert self._told(index, found) == expected

    def _told(self, index: int, found: str | None) -> str:
        if found in (None, "refused"):
            return "kept" if found is None else "refused"
        if found in self.values:
            return "child" if self.known[self.values.index(found)].parent is self.known[index] else "another"
        token = self.known[index]
        token.rotated = self.now if token.rotated is None else token.rotated
        self.values.append(found)
        self.known.append(Known(parent=token, depth=token.depth + 1))
        return "new"


@pytest.mark.parametrize("name", MODELS)
def test_a_provider_does_what_the_model_of_its_policy_does(name: str) -> None:
    policy, model = MODELS[name]
    machine = type(f"Machine_{name}", (PolicyMachine,), {"policy": policy, "model": staticmethod(model)})
    case = machine.TestCase  # type: ignore[attr-defined]
    case.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
    case("runTest").runTest()
