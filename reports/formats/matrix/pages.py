"""Stub."""
from collections.abc import Callable
from datetime import date
from pathlib import Path
from refreshproof.reports.subject_matrix import SubjectMatrix
def pages(matrix: SubjectMatrix, today: date, out: Path) -> list[tuple[Path, Callable[[], str]]]:
    return []
