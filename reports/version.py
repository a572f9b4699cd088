"""The version of the installed distribution."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("refreshproof")
except PackageNotFoundError:  # a source tree on the path, as developers use it
    VERSION = "0+source"
"""The version reports name."""
