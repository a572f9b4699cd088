"""The API as pages, of what the four packages list for users: `python .docs/api.py FOLDER`, with the extra `docs`."""

import importlib
import sys
from pathlib import Path

from pdoc import pdoc, render

PACKAGES = ("harness", "mock_servers", "scenarios", "reports")


def main(folder: Path) -> None:
    """Write the pages, index.html among them."""
    names = [f"refreshproof.{package}" for package in PACKAGES]
    for module in map(importlib.import_module, names):
        # what is imported only when it is used has to be there to be found
        vars(module).update({name: getattr(module, name) for name in module.__all__})
    render.configure(docformat="markdown", show_source=False, search=False)
    pdoc(*names, output_directory=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
