"""Mutants that mean the same as the program, so that no test can tell them: what stood there, what does, and why."""

from __future__ import annotations

from collections.abc import Mapping

ENTRA = '{"7000215", "7000222", "700016", "7000218"}  # Entra: wrong, expired, unknown, missing client credentials'
TOLD = "told = reply.kind if reply.kind in PASSING else saved.health.failure"
PAUSE = "return next_attempt(now, failures, wish, chance, least if kind is FailureKind.AMBIGUOUS else "

FAILS = "return _verdict(requirement, vendor, play(vendor, factory, candidate)).outcome "
TOO_LATE = "return window is not None and replay.sent_at - (lost.arrived_at{}) > seconds(window)"

SCOPES = "if successor is not None and {}successor.companion.scopes != scopes:"

EQUIVALENT: Mapping[tuple[str, tuple[str, str]], str] = {
    (
        "harness/client/token_endpoint/token_response.py",
        (f"| {ENTRA}", f"^ {ENTRA}"),
    ): "the sets share no member",
    (
        "harness/client/model/status.py",
        (f"{PAUSE}0)", f"{PAUSE}1)"),
    ): "a microsecond is shorter than the shortest pause",
    (
        "harness/client/refresh/refresh.py",
        (f"{TOLD} or reply.kind", TOLD),
    ): "every failure but an alarm stands in the health, and an alarm is told before its kind is asked for",
    (
        "harness/run/cells.py",
        (f'{FAILS}== "violated"', f'{FAILS}>= "violated"'),
    ): "no outcome comes after it in the alphabet",
    (
        "harness/run/cells.py",
        ('if verdict.outcome != "violated":', 'if verdict.outcome < "violated":'),
    ): "no outcome comes after it in the alphabet",
    (
        "scenarios/requirements/failure/failure.py",
        ("streaks[-1].append(one)", "streaks[- 2].append(one)"),
    ): "before the first refresh a code was exchanged, so that all streaks are one place further to the left",
    (
        "scenarios/requirements/rotation/lost.py",
        (TOO_LATE.format(" or lost.sent_at"), TOO_LATE.format("")),
    ): "a rotation whose answer was lost has arrived; the alternative is the type checker's",
    (
        "harness/client/model/status.py",
        (
            "def succeeded(health: Health, *, rejected: bool) -> Health:",
            "def succeeded(health: Health, /, rejected: bool) -> Health:",
        ),
    ): "a star in a signature is no product",
    (
        "mock_servers/provider/tokens/refresh.py",
        (SCOPES.format("successor.companion is not None and "), SCOPES.format("")),
    ): "a successor is issued with an access token",
    (
        "scenarios/requirements/rotation/lost.py",
        (TOO_LATE.format(" or lost.sent_at"), TOO_LATE.format(" or lost.sent_at").replace(" - ", " % ")),
    ): "what is left of an instant after another less than its double is their difference",
    (
        "mock_servers/provider/state/vault.py",
        ("if len(heads) < len(haystack):", "if len(heads) == len(haystack):"),
    ): "both ways of looking find the same, one of them faster",
    (
        "mock_servers/provider/tokens/refresh.py",
        ("if last is None or last.state in DEAD:", "if last.state in DEAD:"),
    ): "a replay has an answer before it, which brought a successor",
}
