"""What the benchmarks are told on the command line."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person say how long a life of `bench_year` lasts."""
    parser.addoption("--hours", type=int, default=730, metavar="N", help="virtual hours of bench_year (8760 a year)")
