"""The places where work can be done, by the scheme of their address: to add one, give it a line in `CLUSTERS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from refreshproof.harness.subjects.installing import installing
from refreshproof.harness.work.jobs import Processes
from refreshproof.harness.work.pieces import Place, PlaceError
from refreshproof.scenarios.exploration.example_database import shown


def _dask(address: str) -> Place:
    try:
        from refreshproof.harness.work.dask_cluster import DaskCluster
    except ImportError as error:
        raise PlaceError(f"{address}: {error}; {installing('dask')} brings it") from None
    return DaskCluster(address=address)


CLUSTERS: Mapping[str, Callable[[str], Place]] = {"tcp": _dask, "tls": _dask}
"""What stands behind an address, by its scheme."""

ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(?P<port>[0-9]{1,5})/?")


def place(cluster: str | None, jobs: int) -> Place:
    """Return the cluster at an address, or without one so many processes of this machine; raises PlaceError."""
    if cluster is None:
        return Processes(jobs=jobs)
    found = ADDRESS.fullmatch(cluster)
    if found is None or found["scheme"] not in CLUSTERS or not 0 < int(found["port"]) < 65_536:
        allowed = " or ".join(f"{scheme}://HOST:PORT" for scheme in CLUSTERS)
        raise PlaceError(
            f"{shown(cluster)}: this is no address of a scheduler; expected {allowed}, as tcp://127.0.0.1:8786"
        )
    return CLUSTERS[found["scheme"]](cluster)
