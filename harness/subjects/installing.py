"""The line that installs what an extra brings, as it works where this runs: from a checkout, or what came of one."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "refreshproof"


def installing(extra: str) -> str:
    """Return the line for an extra: the folder of the checkout where there is one, else the distribution's name."""
    folders = (str(one) for one in (Path(__file__).resolve().parents[2], _origin()) if one is not None)
    place = next((one for one in folders if (Path(one) / "pyproject.toml").is_file()), NAME)
    return f"pip install {shlex.quote(f'{place}[{extra}]')}"


def _origin() -> Path | None:
    """Return the folder that this was installed from, as PEP 610 has it, None where it was none."""
    try:
        told = json.loads(distribution(NAME).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return None
    address = urlsplit(str(told.get("url", "")))
    return Path(unquote(address.path)) if address.scheme == "file" else None
