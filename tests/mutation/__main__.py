"""The command: draws mutants, tries them one after the other, and prints what was killed and what survived."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from mutation.equivalent import EQUIVALENT
from mutation.modules import MODULES, Module
from mutation.mutants import Mutant, sample
from mutation.trial import NoTrialError, Workshop

TREE = Path(__file__).parents[2]


@click.command()
@click.option("--seed", default=0, show_default=True, help="Draws the places and what is put there.")
@click.option("--mutants", default=150, show_default=True, help="How many in all, evenly from each module.")
@click.option("--module", "wanted", default="", help="Only modules with this in their path.")
def main(seed: int, mutants: int, wanted: str) -> None:
    """Mutate central modules and count what their tests notice."""
    size = -(-mutants // len(MODULES))
    chosen = [one for one in MODULES if wanted in one.path]
    if not chosen:
        raise click.UsageError(f"no module has {wanted!r} in its path: {', '.join(one.path for one in MODULES)}")
    killed, tried, survivors = Counter[str](), Counter[str](), list[Mutant]()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        workshop = Workshop(TREE, Path(folder))
        try:
            for module in chosen:
                for mutant, dead in _tried(workshop, module, size, seed):
                    tried[module.path] += 1
                    killed[module.path] += dead
                    survivors += [] if dead else [mutant]
        except NoTrialError as error:
            raise click.ClickException(str(error)) from None
    for mutant in survivors:
        click.echo(f"\nsurvived: {mutant.operator}\n{mutant.diff}")
    click.echo()
    for path, number in tried.items():
        click.echo(f"{killed[path]:4} of {number:3}  {path}")
    share = killed.total() / tried.total() if tried else 1
    click.echo(f"{killed.total():4} of {tried.total():3}  killed, {share:.0%}; seed {seed}")


def _tried(workshop: Workshop, module: Module, size: int, seed: int) -> Iterator[tuple[Mutant, bool]]:
    """Yield mutants of a module, each with whether its tests noticed it."""
    limit = workshop.limit_for(module)
    for mutant in sample(module, workshop.source(module), size, seed):
        reason = EQUIVALENT.get((module.path, mutant.change))
        if reason is not None:
            click.echo(f"equivalent  {module.path}:{mutant.line}  {reason}")
            continue
        dead = workshop.kills(mutant, limit)
        click.echo(f"{'killed' if dead else 'SURVIVED':10}  {module.path}:{mutant.line}  {mutant.operator}")
        yield mutant, dead


if __name__ == "__main__":
    main()
