"""The witness of served vendors: it takes down what clients do, and judges it whenever it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from refreshproof.harness.judging import judgement
from refreshproof.harness.judging.judgement import RECORDING, Case, Judgement
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import exit_code, gates, grade
from refreshproof.reports.formats.registry import DEFAULT_FORMATS
from refreshproof.reports.verdict_line import headline
from refreshproof.scenarios.recording.recorder import Recorder
from refreshproof.scenarios.requirements import CATALOGUE


class JudgingWitness(Recorder):
    """Judges by every requirement and writes the report into a folder; `files` are the profile files of vendors of the
    user's own."""

    def __init__(
        self,
        vendors: tuple[Vendor, ...],
        folder: Path,
        *,
        files: Mapping[str, str] | None = None,
        seed: int = 0,
        virtual: bool = False,
    ) -> None:
        super().__init__(vendors)
        self._watch = Stopwatch()
        self._folder = folder
        self._case = Case(
            recordings=(),
            requirements=tuple(CATALOGUE),
            recording=folder / RECORDING,
            client="served client",
            files=files or {},
            seed=seed,
            virtual=virtual,
        )

    def judged(self) -> Judgement:
        """Judge what was seen up to now."""
        case = replace(self._case, recordings=self.recordings())
        return judgement.judged(case, self._watch)

    def judgement(self) -> Any:
        """Judge what was seen up to now, write the report, and return the verdict as JSON data."""
        found = self.judged()
        _, failures = judgement.write(found, DEFAULT_FORMATS, self._folder)
        if failures:
            raise ValueError(failures[0])
        verdict, report = headline(found.report), found.report
        return {
            "exit_code": int(exit_code(report)),
            "verdict": f"{verdict.word}: {verdict.sentence}",
            "report": str(self._folder),
            "findings": [
                {
                    "requirement": one.requirement,
                    "provider": one.provider,
                    "grade": grade(one, report.run.grading).value,
                    "anomaly": one.anomaly,
                    "why": one.why,
                    "replay": one.replay,
                }
                for one in report.results
                if one.anomaly is not None or gates(one, report.run.grading)
            ],
        }
