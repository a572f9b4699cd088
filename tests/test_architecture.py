"""What a reviewer would otherwise have to watch for: each guard reads a source tree and lists what breaks a rule.

A guard is a function from a tree (relative path to text) to complaints. PLANTED holds smallest violations of each.
"""

import ast
import re
import socket
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest

Tree = Mapping[str, str]
Guard = Callable[[Tree], list[str]]

# What each package may import of ours, besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "mock_servers": set(),
    "reports": set(),
    "scenarios": {"mock_servers"},
    "harness": {"mock_servers", "reports", "scenarios"},
}

# The rooms of each package from top to bottom: a module imports from its own room and from rooms further down, so that
# there is no circle among folders. "." is what stands in the package's own folder.
ROOMS: dict[str, tuple[str, ...]] = {
    "mock_servers": (
        "stacks",
        "serving",
        "serving/console",
        "serving/control",
        "serving/served",
        "serving/sockets",
        "misbehaviours",
        "profile_files",
        "vendors",
        "vendors/atlassian",
        "vendors/google",
        "vendors/measured",
        "vendors/microsoft",
        "faults",
        "provider",
        "provider/tokens",
        "provider/login",
        "provider/issuance",
        "provider/clients",
        "provider/resources",
        "provider/http",
        "provider/state",
        "profile",
        ".",
    ),
    "reports": ("formats/matrix", "formats", "formats/page", "formats/words", "."),
    "scenarios": (
        "survey",
        "requirements",
        "requirements/acceptance",
        "requirements/authorization",
        "requirements/concurrency",
        "requirements/failure",
        "requirements/lifecycle",
        "requirements/security",
        "requirements/expiry",
        "requirements/rotation",
        "requirements/refresh",
        "exploration",
        "recording",
        "play",
        "world",
        "evidence",
        "steps",
        "clocks",
    ),
    "harness": (
        "cli",
        "cli/reports",
        "cli/vendor_checks",
        "cli/terminal",
        "pytest_plugin",
        "matrix",
        "judging",
        "several",
        "vendor_check",
        "vendor_check/login",
        "vendor_check/probes",
        "vendor_check/recording",
        "vendor_check/asking",
        "starters",
        "run",
        "run/coverage",
        "run/telling",
        "work",
        "baseline",
        "sets",
        "settings",
        "subjects",
        "subjects/exec",
        "subjects/programs",
        "subjects/third_party",
        "subjects/third_party/own_login",
        "subjects/third_party/application_login",
        "subjects/miniatures",
        "subjects/miniatures/acceptance",
        "subjects/miniatures/authorization",
        "subjects/miniatures/concurrency",
        "subjects/miniatures/expiry",
        "subjects/miniatures/failure",
        "subjects/miniatures/lifecycle",
        "subjects/miniatures/refresh",
        "subjects/miniatures/rotation",
        "subjects/miniatures/security",
        "subjects/miniatures/able",
        "adapters/library",
        "adapters/tiny",
        "adapters",
        "client/web",
        "client",
        "client/authorization",
        "client/refresh",
        "client/storage",
        "client/token_endpoint",
        "client/model",
    ),
}
MOST_MODULES = 20

# Clocks, sockets and frameworks, and the words one of which must stand in the name of a module (or of its folder) that
# imports them. Everything else is pure: it takes state and `now`, and returns values.
NAMED_FOR: dict[str, set[str]] = {
    "time": {"clock", "watchdog", "stopwatch"},
    "freezegun": {"clock", "freezegun"},
    "sched": {"clock"},
    "socket": {"sockets", "network"},
    "socketserver": {"sockets"},
    "selectors": {"sockets"},
    "ssl": {"sockets", "tls", "transport"},
    "trustme": {"tls"},
    "http": {"sockets", "http", "transport"},
    "urllib.request": {"urllib"},
    "httpx": {"httpx", "respx", "transport"},
    "httpx2": {"httpx", "httpx2", "respx", "transport"},
    "httpcore": {"httpx", "transport"},
    "respx": {"respx", "transport"},
    "requests": {"requests", "transport"},
    "urllib3": {"requests", "transport"},
    "aiohttp": {"aiohttp"},
    "werkzeug": {"wsgi", "sockets", "web", "serve", "routes"},
    "sqlalchemy": {"database", "schema", "sql", "storage"},
    "asyncio": {"sockets", "async"},
    "distributed": {"dask"},
    "subprocess": {"exec", "process"},
    "multiprocessing": {"jobs", "process"},
    "concurrent.futures": {"jobs", "process", "threads"},
}

# The edges of a package that put pure parts and frameworks together; each is named with what it may import.
EDGES: dict[str, set[str]] = {
    "harness/adapters/adapter.py": {"httpx"},
    "harness/client/refresh/driver.py": {"httpx"},
    "harness/client/engine.py": {"httpx"},
    "harness/run/under_test.py": {"asyncio"},
    "harness/matrix/served_process.py": {"asyncio", "http", "urllib.request"},
    "harness/client/authorization/flow_service.py": {"httpx"},
    "harness/client/refresh/handler.py": {"httpx"},
    "harness/client/web/program.py": {"httpx", "socket", "werkzeug"},
    "harness/client/web/rest.py": {"werkzeug"},
    "harness/client/token_endpoint/token_request.py": {"httpx"},
    "harness/subjects/engine.py": {"httpx"},
    "harness/pytest_plugin/running_provider.py": {"httpx", "respx"},
    "mock_servers/serving/control/client.py": {"httpx"},
}

CLOCK_READS = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "clock_gettime"}
    | {"clock_gettime_ns", "localtime", "gmtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}

VENDORS = {"atlassian", "google", "microsoft"}
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", *MAY_IMPORT, "tests", "findings"}
MOST_LINES = 400

# Spelled in parts, because this file is one of those that are searched.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
)


def imports_against_the_table(tree: Tree) -> list[str]:
    """Every import of ours is one the table allows, and spelled with the root name."""
    complaints = []
    for path, line, name in _imports(tree, {*MAY_IMPORT, "tests"}):
        root, _, rest = name.partition(".")
        target, package = rest.split(".")[0], path.split("/")[0]
        if root in MAY_IMPORT:
            complaints.append(f"{path}:{line} imports {name}: write refreshproof.{name}")
        elif root == "refreshproof" and package in MAY_IMPORT and target not in MAY_IMPORT[package] | {package}:
            complaints.append(f"{path}:{line} imports {name}: {package} may not")
    return complaints


def imports_up_the_stairs(tree: Tree) -> list[str]:
    """A module imports from its own room and from those below; a table of contents also from the rooms it opens."""
    complaints = []
    for path, line, name in _imports(tree, set(MAY_IMPORT)):
        target = _place_of(tree, name)
        if target is None or target[0] != path.split("/")[0]:
            continue
        package, there = target
        here = _room(path)
        opens = path.endswith("/__init__.py") and (here == "." or there == here or there.startswith(f"{here}/"))
        if not opens and _floor(package, there) < _floor(package, here):
            complaints.append(f"{path}:{line} imports {name}: {there} stands above {here}")
    return complaints


def rooms_off_the_table(tree: Tree) -> list[str]:
    """Every folder that holds modules is in the table of rooms."""
    return [
        f"{path}: its folder is not in ROOMS"
        for path, _ in _modules(tree, set(MAY_IMPORT))
        if _room(path) not in (".", *ROOMS[path.split("/")[0]])
    ]


def halls(tree: Tree) -> list[str]:
    """No folder holds more modules than one can take in at a glance."""
    counts = Counter(PurePosixPath(path).parent.as_posix() for path, _ in _modules(tree, set(MAY_IMPORT)))
    return [f"{folder}/: {count} modules" for folder, count in counts.items() if count > MOST_MODULES]


def rooms_without_a_sentence(tree: Tree) -> list[str]:
    """The `__init__.py` of a room opens with the sentence that says what the room is for."""
    return [
        f"{path}: no sentence says what this room is for"
        for path, module in _modules(tree, set(MAY_IMPORT))
        if path.endswith("/__init__.py") and not re.match(r"[A-Z][^.]{15,}\.", ast.get_docstring(module) or "")
    ]


def impure_imports(tree: Tree) -> list[str]:
    """A clock, a socket or a framework is imported only in a module named for it."""
    complaints = [
        f"{path}:{line} imports {thing}: only modules named for {' or '.join(sorted(words))} may"
        for path, line, name in _imports(tree, set(MAY_IMPORT))
        for thing, words in NAMED_FOR.items()
        if f"{name}.".startswith(f"{thing}.") and not words & _words(path) and thing not in EDGES.get(path, ())
    ]
    return list(dict.fromkeys(complaints))


def clock_reads(tree: Tree) -> list[str]:
    """Nobody but a module named for a clock, a watchdog or a stopwatch asks what time it is."""
    return [
        f"{path}:{node.lineno} reads a clock"
        for path, module in _modules(tree, {*MAY_IMPORT, "tests"})
        if not NAMED_FOR["time"] & _words(path)
        for node in _nodes(module)
        if isinstance(node, ast.expr | ast.ImportFrom) and _reads_clock(node)
    ]


def sleeps_in_tests(tree: Tree) -> list[str]:
    """A test never sleeps: virtual time needs none, and a wait for a thread or a process is a wait for an event."""
    return [
        f"{path}:{node.lineno} sleeps"
        for path, module in _modules(tree, {"tests"})
        for node in _nodes(module)
        if (isinstance(node, ast.Attribute) and node.attr == "sleep" and _name(node.value) == "time")
        or (isinstance(node, ast.ImportFrom) and node.module == "time" and "sleep" in {a.name for a in node.names})
    ]


def branches_on_a_vendor(tree: Tree) -> list[str]:
    """What a vendor does differently is a field of its profile, never a comparison with its name."""
    return [
        f"{path}:{node.lineno} branches on a vendor's name"
        for path, module in _modules(tree, set(MAY_IMPORT))
        for node in _nodes(module)
        if (isinstance(node, ast.Compare) and _compares_vendor(node))
        or (isinstance(node, ast.Match) and _is_vendor_name(node.subject))
    ]


def incomplete_tables_of_contents(tree: Tree) -> list[str]:
    """The `__all__` of a package is its public names (their order is ruff's rule RUF022)."""
    return [
        f"{path}: __all__ is {listed}, public names are {public}"
        for path, module in _modules(tree, set(MAY_IMPORT))
        if path.endswith("__init__.py")
        for listed, public in [(sorted(_listed(module)), sorted(_public_names(module)))]
        if listed != public
    ]


def missing_docstrings(tree: Tree) -> list[str]:
    """Every module says what it holds, every public class and function what it is for."""
    return [
        f"{path}: {name} has no docstring"
        for path, module in _modules(tree, {*MAY_IMPORT, "tests"})
        for name, node in [("the module", module), *(() if path.startswith("tests/") else _public_definitions(module))]
        if not ast.get_docstring(node)
    ]


def outsized_modules(tree: Tree) -> list[str]:
    """No module of ours is longer than 400 lines; a table of tests may be."""
    lengths = {path: len(tree[path].splitlines()) for path, _ in _modules(tree, set(MAY_IMPORT))}
    return [f"{path} has {lines} lines" for path, lines in lengths.items() if lines > MOST_LINES]


def unlisted_packages(tree: Tree) -> list[str]:
    """The packages of pyproject.toml are the folders that hold modules."""
    listed = set(tomllib.loads(tree["pyproject.toml"])["tool"]["setuptools"]["packages"])
    folders = {PurePosixPath(path).parent.as_posix() for path, _ in _modules(tree, set(MAY_IMPORT))}
    found = {f"refreshproof.{folder.replace('/', '.')}" for folder in folders}
    return [f"pyproject.toml: packages: {name} is listed or exists, not both" for name in sorted(listed ^ found)]


def undeclared_dependencies(tree: Tree) -> list[str]:
    """Every distribution that a package or a test imports is a dependency or an extra in pyproject.toml."""
    project = tomllib.loads(tree["pyproject.toml"])["project"]
    requirements = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    declared = {_normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}
    providers = packages_distributions()
    return [
        f"{path}:{line} imports {name}: no dependency in pyproject.toml brings it"
        for path, line, name in _imports(tree, {*MAY_IMPORT, "tests"})
        if (brings := {_normal(dist) for dist in providers.get(name.split(".")[0], [])} - {"refreshproof"})
        and not brings & declared
    ]


def registry_hosts(tree: Tree) -> list[str]:
    """No committed file says where packages come from: that is the machine's own setting."""
    return [f"{path} names {host}" for path, text in tree.items() for host in REGISTRY_HOSTS if host in text.lower()]


def strays_at_the_top(tree: Tree) -> list[str]:
    """The top level holds the five folders, three files, and what is hidden."""
    top = {path.split("/")[0] for path in tree}
    return [f"{name} at the top level" for name in sorted(top - TOP_LEVEL) if not name.startswith(".")]


def _room(path: str) -> str:
    return PurePosixPath(*PurePosixPath(path).parent.parts[1:]).as_posix()


def _floor(package: str, room: str) -> int:
    """Count from the top; a room that the table lacks is complained of elsewhere."""
    return ROOMS[package].index(room) if room in ROOMS[package] else len(ROOMS[package])


def _place_of(tree: Tree, name: str) -> tuple[str, str] | None:
    """Return package and room of what an import names: a module, a package, or a name in either."""
    parts = name.removeprefix("refreshproof.").split(".")
    if not name.startswith("refreshproof.") or parts[0] not in MAY_IMPORT:
        return None
    for end in range(len(parts), 0, -1):
        stem = "/".join(parts[:end])
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in tree:
                return parts[0], _room(path)
    return None


_parse = cache(ast.parse)


@cache
def _nodes(module: ast.Module) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(module))


def _modules(tree: Tree, folders: set[str]) -> Iterator[tuple[str, ast.Module]]:
    for path, text in tree.items():
        if path.endswith(".py") and path.split("/")[0] in folders:
            yield path, _parse(text, path)


def _imports(tree: Tree, folders: set[str]) -> Iterator[tuple[str, int, str]]:
    """Path, line and absolute dotted name of every import, also inside functions; `from a import b` counts as `a.b`."""
    for path, module in _modules(tree, folders):
        package = ("refreshproof", *PurePosixPath(path).parent.parts)
        for node in _nodes(module):
            if isinstance(node, ast.Import):
                yield from ((path, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = [*package[: len(package) - node.level + 1]] if node.level else []
                base += [node.module] if node.module else []
                yield from ((path, node.lineno, ".".join([*base, alias.name])) for alias in node.names)


def _words(path: str) -> set[str]:
    return {word for part in PurePosixPath(path).with_suffix("").parts for word in part.split("_")}


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _reads_clock(node: ast.expr | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and bool({alias.name for alias in node.names} & CLOCK_READS["time"])
    return isinstance(node, ast.Attribute) and node.attr in CLOCK_READS.get(_name(node.value), set())


def _compares_vendor(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Constant) and str(side.value).lower() in VENDORS for side in sides):
        return True
    named = any(_is_vendor_name(side) for side in sides)
    literal = any(isinstance(side, ast.Tuple | ast.List | ast.Set) or _name(side).isupper() for side in sides)
    equality = any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
    return named and (equality or literal)


def _is_vendor_name(node: ast.expr) -> bool:
    owners = {"profile", "provider", "vendor"}
    return isinstance(node, ast.Attribute) and node.attr in {"name", "id"} and _name(node.value) in owners


def _listed(module: ast.Module) -> list[str]:
    values = [n.value for n in module.body if isinstance(n, ast.Assign) and _name(n.targets[0]) == "__all__"]
    return [name for value in values for name in ast.literal_eval(value)]


def _public_names(module: ast.Module) -> set[str]:
    names: set[str] = set()
    # A package that imports on demand shows its names to type checkers, under `if TYPE_CHECKING`.
    deferred = [inner for node in module.body if isinstance(node, ast.If) for inner in node.body]
    machinery = {"__future__", "typing", "importlib"} if deferred else {"__future__"}
    for node in (*module.body, *deferred):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            names |= found - machinery if getattr(node, "module", None) not in machinery else set()
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {_name(target) for target in targets}
    return {name for name in names if not name.startswith("_")}


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public_definitions(scope: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Definition]]:
    for node in scope.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", inner) for name, inner in _public_definitions(node))


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


PYPROJECT = """
[project]
dependencies = ["pytest>=8"]
optional-dependencies = {}
[tool.setuptools]
packages = ["refreshproof.harness", "refreshproof.reports"]
"""
CLEAN = {
    "pyproject.toml": PYPROJECT,
    "harness/__init__.py": '"""What one gets here."""\n\nfrom refreshproof.reports import Row\n\n__all__ = ["Row"]\n',
    "reports/__init__.py": '"""What a run found and how it is shown."""\n',
    "reports/virtual_clock.py": '"""A clock."""\n\nimport time\n\nNOW = time.time\n',
    "tests/test_row.py": '"""Rows."""\n\nfrom refreshproof.harness import Row\n',
}

PLANTED: list[tuple[Guard, dict[str, str]]] = [
    (imports_against_the_table, {"reports/a.py": "import refreshproof.harness.run.runner"}),
    (imports_against_the_table, {"reports/a.py": "def f():\n    from ..scenarios import steps"}),
    (imports_against_the_table, {"mock_servers/a.py": "from refreshproof import reports"}),
    (imports_against_the_table, {"scenarios/a/b.py": "from ...harness.runner import run"}),
    (imports_against_the_table, {"tests/test_a.py": "from reports import Row"}),
    (imports_up_the_stairs, {"harness/run/a.py": "from refreshproof.harness.cli import b", "harness/cli/b.py": ""}),
    (
        imports_up_the_stairs,
        {"scenarios/steps/a.py": "import refreshproof.scenarios.play.b", "scenarios/play/b.py": ""},
    ),
    (rooms_off_the_table, {"reports/attic/a.py": ""}),
    (halls, {f"reports/formats/a{number}.py": "" for number in range(MOST_MODULES + 1)}),
    (rooms_without_a_sentence, {"reports/formats/__init__.py": ""}),
    (rooms_without_a_sentence, {"reports/formats/__init__.py": '"""."""'}),
    (impure_imports, {"harness/a.py": "import time"}),
    (impure_imports, {"harness/a.py": "from urllib import request"}),
    (impure_imports, {"mock_servers/httpxish.py": "from httpx import Client"}),
    (clock_reads, {"harness/a.py": "import datetime as dt\nstart = dt.datetime.now"}),
    (clock_reads, {"tests/test_a.py": "from time import monotonic"}),
    (clock_reads, {"tests/test_a.py": "import time\ntime.clock_gettime_ns(1)"}),
    (sleeps_in_tests, {"tests/test_a.py": "import time\ntime.sleep(1)"}),
    (sleeps_in_tests, {"tests/test_a.py": "from time import sleep"}),
    (branches_on_a_vendor, {"mock_servers/a.py": "x = self.profile.name == 'google'"}),
    (branches_on_a_vendor, {"mock_servers/a.py": "x = provider.name in ('google', 'microsoft')"}),
    (branches_on_a_vendor, {"mock_servers/a.py": "x = name == 'google'"}),
    (branches_on_a_vendor, {"mock_servers/a.py": "x = profile.name != GOOGLE"}),
    (branches_on_a_vendor, {"mock_servers/a.py": "match vendor.name:\n    case 'google': pass"}),
    (incomplete_tables_of_contents, {"harness/__init__.py": '"""Contents."""\nfrom x import Row\n__all__ = []'}),
    (incomplete_tables_of_contents, {"harness/__init__.py": '"""Contents."""\n__all__ = ["Row"]'}),
    (missing_docstrings, {"harness/a.py": "x = 1"}),
    (missing_docstrings, {"harness/a.py": '"""A."""\nclass A:\n    """A."""\n    def f(self): pass'}),
    (missing_docstrings, {"tests/test_a.py": "x = 1"}),
    (outsized_modules, {"reports/a.py": "\n" * (MOST_LINES + 1)}),
    (unlisted_packages, {"harness/client/__init__.py": ""}),
    (unlisted_packages, {"pyproject.toml": PYPROJECT.replace('"]\n', '", "refreshproof.gone"]\n')}),
    (undeclared_dependencies, {"harness/a.py": "from pathspec import GitIgnoreSpec"}),
    (registry_hosts, {".ci/run": f"pip install --index-url https://{REGISTRY_HOSTS[0]}/simple x"}),
    (strays_at_the_top, {"notes.txt": "x"}),
]
GUARDS = list(dict.fromkeys(guard for guard, _ in PLANTED))

ReadTree = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="module")
def committed(tree: Path, read_tree: ReadTree) -> dict[str, str]:
    """The texts of the source tree."""
    return read_tree(tree)


@pytest.mark.parametrize("guard", GUARDS)
def test_the_tree_keeps_the_rule(guard: Guard, committed: dict[str, str]) -> None:
    complaints = guard(committed)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(("guard", "files"), PLANTED)
def test_the_guard_catches_what_breaks_the_rule(
    guard: Guard, files: dict[str, str], tmp_path: Path, read_tree: ReadTree
) -> None:
    _write(tmp_path, CLEAN)
    assert guard(read_tree(tmp_path)) == []
    _write(tmp_path, files)
    assert [complaint for complaint in guard(read_tree(tmp_path)) if complaint.startswith(_places(files))]


def test_every_package_has_a_row_in_the_import_table(tree: Path) -> None:
    links = {path.name for path in (tree / ".typing" / "refreshproof").iterdir()}
    assert links == set(MAY_IMPORT)


def test_the_layout_in_readme_names_every_room(tree: Path) -> None:
    layout = (tree / "README.md").read_text().partition("## Layout")[2].partition("\n## ")[0]
    rooms = {f"{package}/{room}" for package, all_rooms in ROOMS.items() for room in all_rooms if room != "."}
    named = {room for room in rooms if f"{room}/" in layout or f"`{room.rpartition('/')[2]}/" in layout}
    leaves = {
        "subjects/miniatures",
        "vendors",
        "adapters",
    }  # whose inner rooms are families or vendors
    inner = {room for room in rooms if room.partition("/")[2].rpartition("/")[0] in leaves}
    assert rooms - inner <= named


def test_a_test_without_a_marker_cannot_reach_a_network() -> None:
    with socket.socket() as opened, pytest.raises(pytest.fail.Exception, match=r"socket\.connect.* not marked sockets"):
        opened.connect(("127.0.0.1", 9))


@pytest.mark.sockets
def test_a_test_with_a_marker_reaches_the_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def _places(files: Mapping[str, str]) -> tuple[str, ...]:
    return (*files, *(f"{PurePosixPath(name).parent}/:" for name in files), "pyproject.toml")
