"""How many orders of two callers a run has played, of how many, and up to what bound, as values of the survey."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.reports import SurveyInfo, SurveyValue
from refreshproof.scenarios.evidence.findings import Orders

_KINDS: Mapping[tuple[int, bool], str] = {
    (1, False): "orders-over-the-network",
    (1, True): "orders-of-every-touch",
    (2, True): "orders-of-two-processes",
}

ORDERS = (
    SurveyInfo(
        name="orders-over-the-network",
        statement="Orders played in which two callers of one process meet an expired token.",
        how="The callers take turns where they wait for network, time or a lock.",
    ),
    SurveyInfo(
        name="orders-of-every-touch",
        statement="Orders played in which two callers of one process meet an expired token.",
        how="The callers take turns at every touch of clock, network, store or lock; the fewest preemptions first.",
    ),
    SurveyInfo(
        name="orders-of-two-processes",
        statement="Orders played in which two processes on one store meet an expired token.",
        how="The processes take turns at every touch of clock, network, store or lock; the fewest preemptions first.",
    ),
)
"""What the values mean."""


def survey_of_orders(orders: Mapping[str, tuple[Orders, ...]]) -> tuple[SurveyValue, ...]:
    """Return for each vendor how many orders were played, of how many, and up to how many preemptions all of them."""
    return tuple(
        SurveyValue(name=_KINDS[one.nodes, one.every_touch], provider=vendor, value=_told(one))
        for vendor, played in orders.items()
        for one in played
    )


def _told(orders: Orders) -> str:
    if orders.there_are is None:
        return f"all {orders.played}"
    return f"{orders.played} of about {orders.there_are:.0e}: all with at most {orders.preemptions} preemptions"
