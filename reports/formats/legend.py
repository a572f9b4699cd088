"""What a grade means and what it does not, in words for the reader of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from refreshproof.reports.results import Grade


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A grade explained: the outcomes behind it, what follows from it, and what does not."""

    outcomes: str
    means: str
    means_not: str


LEGEND: Mapping[Grade, Meaning] = MappingProxyType(
    {
        Grade.FAIL: Meaning(
            outcomes="violated, for MUST, MUST NOT and VENDOR",
            means="A witness exists: the scenario shown makes the client do it.",
            means_not="Not that every user meets it: that depends on how often the situation arises.",
        ),
        Grade.BROKEN: Meaning(
            outcomes="subject error, harness error",
            means="The adapter or the harness failed, and the cell was not judged.",
            means_not="Nothing at all about the client.",
        ),
        Grade.WARN: Meaning(
            outcomes="violated, for SHOULD; alternative",
            means="A recommendation was not followed, or a permitted but weaker way was taken.",
            means_not="Not a breach of the specification; there may be good reasons.",
        ),
        Grade.UNTESTED: Meaning(
            outcomes="not exercised",
            means="The client never got into the situation, so nothing could be seen.",
            means_not="Not a pass. For MUST, MUST NOT and VENDOR it fails the run.",
        ),
        Grade.BLOCKED: Meaning(
            outcomes="blocked",
            means="Another requirement that this one builds on failed; mend that one first.",
            means_not="Neither that it would pass nor that it would fail.",
        ),
        Grade.INFO: Meaning(
            outcomes="violated or alternative, for ADVICE",
            means="Good practice was not followed.",
            means_not="Not a breach of the specification.",
        ),
        Grade.PASS: Meaning(
            outcomes="satisfied",
            means="The situation was brought about as often as stated, and no violation was seen.",
            means_not="Not a proof: situations nobody played, and vendors that have changed since, are not covered.",
        ),
        Grade.NA: Meaning(
            outcomes="unsupported, not applicable",
            means="The provider's profile rules the situation out, or the subject says it cannot do it.",
            means_not="Not a pass.",
        ),
    }
)
