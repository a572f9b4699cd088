"""The anomalies: what can go wrong with a grant, each with the code that findings carry, in words."""

from collections.abc import Mapping
from types import MappingProxyType

ANOMALIES: Mapping[str, str] = MappingProxyType(
    {
        "A0": "a rotated token is lost",
        "A1": "a spent token or code is presented",
        "A2": "an older access token is sent after a newer one came",
        "A3": "several refreshes at the same time",
        "A4": "an access token is used after its expiry",
        "A5": "requests go on after a final refusal",
        "A6": "tokens, codes or credentials of one go to another",
        "A7": "a secret is exposed",
        "A8": "more token requests than needed",
        "A9": "the granted scope is exceeded or not noticed",
        "A10": "the server's pacing is ignored",
        "A11": "a living grant is given up",
        "A12": "an answer without a refresh token destroys the stored one",
        "A13": "a foreign, forged or late callback is accepted",
        "A14": "a wrong or missing diagnosis",
        "A15": "a malformed request",
        "A16": "an answer is misread",
        "A17": "older state overwrites newer",
        "A18": "an unknown lifetime is taken for a known one",
        "A19": "a setting is not enforced",
        "A20": "a dead grant is used again",
        "A21": "work stops although it could go on",
    }
)


def anomaly_in_words(code: str) -> str:
    """Return a code with what it means; of an unknown one only the code."""
    return f"{code}: {ANOMALIES[code]}" if code in ANOMALIES else code
