"""What a grade, a harm and a line between them mean, and what they do not, in words for the reader of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from refreshproof.reports.results import Grade, Grading, Harm, Outcome


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A grade explained: the outcomes behind it, what follows from it, and what does not."""

    outcomes: str
    means: str
    means_not: str


LEGEND: Mapping[Grade, Meaning] = MappingProxyType(
    {
        Grade.FAIL: Meaning(
            outcomes="violated, for MUST, MUST NOT and VENDOR, or with a lost grant or a failed call in its story",
            means="A witness exists: the scenario shown makes the client do it.",
            means_not="Not that every user meets it: that depends on how often the situation arises.",
        ),
        Grade.BROKEN: Meaning(
            outcomes="subject error, harness error",
            means="The client could not be had, came to no end or was not steady, or the harness failed: this was not "
            "judged.",
            means_not="Neither that the rule is kept nor that it is broken.",
        ),
        Grade.WARN: Meaning(
            outcomes="violated, for SHOULD, with no such harm; alternative",
            means="A recommendation was not followed, or a permitted but weaker way was taken.",
            means_not="Not a breach of the specification; there may be good reasons.",
        ),
        Grade.UNTESTED: Meaning(
            outcomes="not exercised",
            means="The client never got into the situation, so nothing could be seen.",
            means_not="Not a pass. By default it fails the run for MUST, MUST NOT and VENDOR.",
        ),
        Grade.BLOCKED: Meaning(
            outcomes="blocked",
            means="It was left out, for a requirement that it builds on is broken, or the client does not come through "
            "a plain flow: login, call, one expiry, call.",
            means_not="Neither that it would pass nor that it would fail. It leaves the run incomplete.",
        ),
        Grade.INFO: Meaning(
            outcomes="violated or alternative, for ADVICE",
            means="Good practice was not followed.",
            means_not="Not a breach of the specification.",
        ),
        Grade.PASS: Meaning(
            outcomes="satisfied",
            means="The situation was brought about, and in all the scenarios played no violation was seen.",
            means_not="Not a proof: situations nobody played, and vendors that have changed since, are not covered.",
        ),
        Grade.NA: Meaning(
            outcomes="unsupported, not applicable, not observable",
            means="The provider's profile rules the situation out, the subject says it cannot do it, or a recording "
            "does not show it.",
            means_not="Not a pass.",
        ),
    }
)

HARMS: Mapping[Harm, str] = MappingProxyType(
    {
        Harm.GRANT_LOST: "the grant is lost, and only a new login brings it back",
        Harm.CALL_FAILED: "a call failed although vendor and network were well",
        Harm.USER_ASKED_IN_VAIN: "the user was asked to log in for nothing",
        Harm.NEEDLESS_REQUESTS: "needless requests",
        Harm.NONE_YET: "none yet in this story",
    }
)
"""What a violation did in its own story."""

UNJUDGED: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.SUBJECT_ERROR: "the client, or the code that connects it to the harness: this could not be judged",
        Outcome.HARNESS_ERROR: "the harness failed, which says nothing of the client",
    }
)
"""Whose fault it is that something was not judged."""

LINES: Mapping[Grading, str] = MappingProxyType(
    {
        "default": "A violation fails the run if it breaks a MUST, MUST NOT or VENDOR rule, or if in its story a grant "
        "was lost or a call failed; the rest warns.",
        "strict": "Every violation, every warning and everything untested fails the run.",
        "recorded": "A violation fails if it breaks a MUST, MUST NOT or VENDOR rule; the rest warns. What the recorded "
        "client never came to is untested, and fails nothing.",
        "lenient": "Only a violated MUST, MUST NOT or VENDOR rule fails the run.",
    }
)
"""Where the line between FAIL and WARN runs."""
