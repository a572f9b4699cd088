"""Mutants that mean the same as the program, so that no test can tell them: what stood there, what does, and why."""

from __future__ import annotations

from collections.abc import Mapping

EQUIVALENT: Mapping[tuple[str, tuple[str, str]], str] = {}
