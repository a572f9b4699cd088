"""The one page about the protocol, `protocol.md`, and the schemas in it, which are those of the messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refreshproof.harness.subjects.exec.messages import ANSWERED, SENT, Failed, Unsupported

FILE = Path(__file__).with_name("protocol.md")
MARK = "## Every message, as JSON Schema\n"
"""Where the schemas begin; they are the rest of the page."""


def page() -> str:
    """Return the page."""
    return FILE.read_text(encoding="utf-8")


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each message, by the name that the page gives it (draft 2020-12)."""
    sent = {f"{name}, sent": model.model_json_schema() for name, model in SENT.items()}
    answered = {f"{name}, answered": model.model_json_schema() for name, model in ANSWERED.items()}
    both = {title: schema for name in SENT for title, schema in _pair(name, sent, answered)}
    failed = {
        "any command, failed": Failed.model_json_schema(),
        "any command, unknown": Unsupported.model_json_schema(),
    }
    return both | failed


def section() -> str:
    """Return the part of the page that is made from the messages."""
    blocks = [f"### {title}\n\n```json\n{json.dumps(schema, indent=1)}\n```\n" for title, schema in schemas().items()]
    return "\n".join((MARK, *blocks))


def _pair(name: str, *tables: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(title, table[title]) for table in tables for title in table if title.startswith(f"{name},")]
