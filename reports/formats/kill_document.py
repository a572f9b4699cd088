"""kill-matrix.json: a `KillMatrix` to and from its JSON document; the published JSON Schema says what it looks like."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from refreshproof.reports.formats.document import (
    build,
    checked,
    json_resource,
    read_requirement,
    read_run,
    schema,
)
from refreshproof.reports.kills import FlawedClient, Kill, KillKind, KillMatrix

KILL_SCHEMA_VERSION = 1


def kill_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document; it refers to that of the results."""
    return json_resource("kill-matrix.schema.json")


def render_kill_json(matrix: KillMatrix) -> str:
    """Return kill-matrix.json."""
    document = {"schema": KILL_SCHEMA_VERSION, **asdict(matrix)}
    document["clients"] = [{**asdict(client), "caught": client.caught} for client in matrix.clients]
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def kills_from_dict(document: object) -> KillMatrix:
    """Read a document back; raises ValueError naming the place, what was found and what is allowed."""
    from jsonschema import Draft202012Validator  # here: who only writes documents has no need of them
    from referencing import Registry, Resource

    registry: Registry[Any] = Registry().with_resource("results.schema.json", Resource.from_contents(schema()))
    known = checked(document, Draft202012Validator(kill_schema(), registry=registry), "kill-matrix.json")
    return KillMatrix(
        run=read_run(known["run"]),
        providers=tuple(known["providers"]),
        requirements=tuple(read_requirement(row) for row in known["requirements"]),
        clients=tuple(_client(row) for row in known["clients"]),
    )


def _client(row: Mapping[str, Any]) -> FlawedClient:
    kills = tuple(build(Kill, kill, kind=KillKind(kill["kind"])) for kill in row["kills"])
    return build(FlawedClient, row, kills=kills)
