"""What a kill matrix has shown of the checks, for a report to name."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a kill matrix amounts to: flawed clients, how many were caught, and how many fail the unrelated.

    `page` is the file that shows it, relative to the report; `version` is that of the Refreshproof that made it.
    `untried` counts the rules that no client of the matrix is named after: of their checks it shows nothing.
    """

    clients: int
    caught: int
    unrelated: int
    version: str
    page: str = ""
    untried: int = 0


def proof_in_words(proof: Proof) -> str:
    """Say in one sentence what the matrix has shown of the checks."""
    untried = f"; of {proof.untried} more {'check' if proof.untried == 1 else 'checks'} nothing is shown"
    return (
        f"{proof.caught} of {proof.clients} clients with one flaw are caught by the check they are named after, "
        f"{proof.unrelated or 'none'} of them {'fails' if proof.unrelated < 2 else 'fail'} an unrelated requirement"
        f"{untried if proof.untried else ''}"
    )
