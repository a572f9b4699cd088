"""The storages behind one interface, and what only databases have: encryption, migration, kill -9, clusters."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy

from kit.client_engine import SESSION, START, ManualClock, World, configuration, first_token, pairs, query
from refreshproof.harness.client import (
    SECOND,
    Cipher,
    ClientTokenEntity,
    ConfigurationError,
    FailureKind,
    FieldErrors,
    Health,
    Lease,
    MemoryStorage,
    NotFoundError,
    SqlStorage,
    Status,
    Storage,
    StorageError,
    SystemClock,
)
from refreshproof.harness.client.storage.crypto import new_key, read_keys
from refreshproof.harness.client.storage.storage import Alarm

KEY = new_key()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own on a socket file; its tools refuse to run as root, so they run as nobody."""
    tools = shutil.which("initdb"), shutil.which("pg_ctl")
    if None in tools:
        pytest.skip("PostgreSQL is not installed on this machine")
    # A socket's path may be no longer than about a hundred characters.
    base = Path("/tmp") / f"rp-pg-{os.getpid()}"
    base.mkdir()
    user = "nobody" if os.getuid() == 0 else None
    if user:
        shutil.chown(base, user)

    def run(*command: str | None) -> None:
        subprocess.run([str(part) for part in command], user=user, cwd=base, check=True, stdout=subprocess.DEVNULL)

    data = str(base / "data")
    run(tools[0], "-D", data, "-A", "trust", "-U", "client", "-N")
    options = f"-k {base} -c listen_addresses='' -c fsync=off"
    run(tools[1], "-D", data, "-w", "-o", options, "-l", str(base / "log"), "start")
    try:
        yield f"postgresql+psycopg://client@/postgres?host={base}"
    finally:
        run(tools[1], "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(base)


def empty(url: str) -> str:
    """Return the URL of a database without tables."""
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return url


KINDS = ["memory", "sqlite in memory", "sqlite file", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    kinds: dict[str, Callable[[], Storage]] = {
        "memory": MemoryStorage,
        "sqlite in memory": lambda: SqlStorage("sqlite://"),
        "sqlite file": lambda: SqlStorage(f"sqlite:///{tmp_path}/client.db", Cipher((KEY,))),
        "postgresql": lambda: SqlStorage(empty(request.getfixturevalue("postgres")), Cipher((KEY,))),
    }
    opened = kinds[request.param]()
    yield opened
    opened.close()


STORED = replace(
    configuration(),
    id="c1",
    description="\u00e4 \u2603",
    authorization_parameters={"audience": "x"},
    bearer_token_types=("User Access Token",),
    redirect_uri_suffix="A" * 22,
)

FULL = ClientTokenEntity(
    id="t1",
    config_id="c1",
    access_token="AT1" * 3_000,
    access_token_expiration=START,
    refresh_token="RT1" * 3_000,
    refresh_token_expiration=2**62,
    refresh_expiration_supplied=True,
    issued_at=START - 1,
    token_type="User Access Token",
    scope=("a", "b"),
    health=Health(
        status=Status.RECOVERABLE,
        failure=FailureKind.AMBIGUOUS,
        error="x",
        failing_since=1,
        failures=2,
        ambiguous=3,
        retry_at=4,
        unrecoverable_since=5,
        rejections=6,
    ),
    lease=Lease(holder="n#1", until=START),
    generation=7,
    version=1,
)


def test_what_is_stored_comes_back_equal(storage: Storage) -> None:
    storage.save_configuration(STORED)
    storage.insert_token(FULL)
    bare = ClientTokenEntity(id="t2", config_id="c1", access_token="AT", access_token_expiration=None, version=1)
    storage.insert_token(bare)
    held = storage.load("t1")
    assert held is not None
    assert (held.token, held.configuration, held.alarm) == (FULL, STORED, None)
    assert storage.tokens("c1") == storage.tokens() == [FULL, bare]
    assert storage.tokens("other") == []
    assert storage.leased_tokens() == [FULL]
    assert storage.configuration("c1") == STORED
    assert storage.load("none") is None
    assert storage.configuration("none") is None


def test_writes_compare_and_set(storage: Storage) -> None:
    storage.save_configuration(STORED)
    storage.insert_token(FULL)
    first = storage.replace_token(replace(FULL, access_token="AT2"))
    assert first is not None
    assert first.version == 2
    assert storage.replace_token(replace(FULL, access_token="AT3")) is None
    assert storage.mark(FULL, Lease(holder="m#1", until=1)) is None
    marked = storage.mark(first, Lease(holder="m#1", until=1))
    held = storage.load("t1")
    assert held is not None
    assert held.token == marked
    assert not storage.delete_token("t1", version=1)
    assert storage.delete_token("t1", version=3)
    assert storage.replace_token(FULL) is None


def test_a_configuration_s_alarm_is_read_with_its_tokens_and_cleared_by_saving(storage: Storage) -> None:
    storage.save_configuration(STORED)
    storage.insert_token(FULL)
    alarm = Alarm(since=1, failures=2, retry_at=3, error="invalid_client")
    storage.save_alarm("c1", alarm)
    held = storage.load("t1")
    assert held is not None
    assert held.alarm == alarm
    storage.save_configuration(STORED)
    held = storage.load("t1")
    assert held is not None
    assert held.alarm is None


def test_names_are_unique_and_deleting_takes_everything_along(storage: Storage) -> None:
    storage.save_configuration(STORED)
    storage.insert_token(FULL)
    with pytest.raises(FieldErrors, match="name"):
        storage.save_configuration(replace(STORED, id="c2"))
    assert storage.delete_configuration("c1")
    assert not storage.delete_configuration("c1")
    assert storage.tokens() == []


def test_a_job_s_slot_is_claimed_once(storage: Storage) -> None:
    storage.open_slot("job", 10)
    storage.open_slot("job", 5)
    assert [storage.claim_slot("job", slot) for slot in (9, 10, 11, 11, 12)] == [False, False, True, False, True]


def test_a_whole_flow_and_a_refresh_work_on_every_storage(storage: Storage) -> None:
    world = World(storage=storage)
    flows = world.engine.flows
    flow = flows.create(SESSION, world.configuration, lambda id: f"https://client.example/{id}")
    sent = query(flows.start(SESSION, flow.id))
    done = flows.callback(SESSION, f"{sent['redirect_uri']}?code=C&state={sent['state']}")
    assert done.result is not None
    token = flows.save_result(SESSION, flow.id)
    assert token.access_token == "AT2"
    world.clock.advance(3601)
    assert world.engine.handler.execute(token.id, lambda one: one.access_token) == "AT3"
    abandoned = flows.create(SESSION, world.configuration, str)
    assert storage.delete_flows(world.clock.now()) == 0
    assert storage.delete_flows(world.clock.now() + 1) == 1
    assert storage.flow(abandoned.id) is None


def test_the_services_find_by_id_and_name_and_fail_with_a_named_error(storage: Storage) -> None:
    """C-22, C-24, C-31."""
    world = World(storage=storage)
    configurations, tokens = world.engine.configurations, world.engine.tokens
    stored = world.configuration
    assert configurations.get_by_id_or_fail(stored.id) == configurations.find_by_id_or_fail(stored.id) == stored
    assert configurations.get_by_name(stored.name) == configurations.find_by_id(stored.id) == stored
    assert configurations.list() == [stored]
    assert configurations.get_by_name("none") is configurations.find_by_id("none") is None
    assert configurations.is_name_unique(stored.name, stored.id)
    assert not configurations.is_name_unique(stored.name)
    for missing in (configurations.get_by_id_or_fail, configurations.delete, tokens.get_by_id_or_fail, tokens.delete):
        with pytest.raises(NotFoundError, match="none"):
            missing("none")
    with pytest.raises(NotFoundError, match="none"):
        tokens.save(ClientTokenEntity.of(first_token(), config_id="none"))


# SQLite files


Open = Callable[..., SqlStorage]


@pytest.fixture
def sql() -> Iterator[Open]:
    """SqlStorage, with every one that a test opens closed at its end."""
    opened: list[SqlStorage] = []

    def open_storage(*arguments: str | Cipher) -> SqlStorage:
        opened.append(SqlStorage(*arguments))  # type: ignore[arg-type]  # the arguments are passed on
        return opened[-1]

    yield open_storage
    for storage in opened:
        storage.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/client.db"


SECRETS = ("secretP4ssw0rd", "access-token-in-clear", "refresh-token-in-clear")


def test_no_file_of_the_database_holds_a_secret_in_clear_or_is_readable_by_others(
    sql: Open, url: str, tmp_path: Path
) -> None:
    storage = sql(url, Cipher((KEY,)))
    token = first_token(access_token=SECRETS[1], refresh_token=SECRETS[2])
    world = World(pairs(access_token=SECRETS[1], refresh_token=SECRETS[2]), storage=storage, token=token)
    for _ in range(10):
        world.clock.advance(3601)
        world.call()
    flow = world.engine.flows.create(SESSION, world.configuration, str)
    sent = query(world.engine.flows.start(SESSION, flow.id))
    world.engine.flows.callback(SESSION, f"{sent['redirect_uri']}?code=C&state={sent['state']}")
    files = sorted(tmp_path.iterdir())
    assert {path.name for path in files} == {"client.db", "client.db-wal", "client.db-shm"}
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
        assert not any(secret.encode() in path.read_bytes() for secret in (*SECRETS, sent["state"], SESSION))


def test_keys_rotate_and_the_old_one_can_be_thrown_away(sql: Open, url: str) -> None:
    old, new = new_key(), new_key()
    storage = sql(url, Cipher((old,)))
    world = World(storage=storage)
    storage.close()
    rotating = sql(url, Cipher(read_keys(f"{new}, {old}")))
    assert rotating.tokens()[0].refresh_token == "RT1"
    rotating.rotate_keys()
    rotating.close()
    held = sql(url, Cipher((new,))).load(world.token_id)
    assert held is not None
    assert (held.token.refresh_token, held.configuration.client_secret) == ("RT1", "secretP4ssw0rd")
    with pytest.raises(ConfigurationError, match="no key decrypts"):
        sql(url, Cipher((old,))).tokens()


@pytest.mark.parametrize("keys", [(), ("x",), (KEY, "x" * 44)])
def test_a_key_that_is_none_is_a_named_error_that_does_not_show_it(keys: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="REFRESHPROOF_CLIENT_KEY") as caught:
        Cipher(keys)
    assert "x" * 44 not in str(caught.value)


@pytest.mark.parametrize("bad", ["", "x", "oracle://host/db", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_cannot_be_opened_is_a_clear_error(sql: Open, bad: str) -> None:
    with pytest.raises((ConfigurationError, StorageError), match="database"):
        sql(bad, Cipher((KEY,)))


def test_a_lasting_database_without_a_key_is_refused(sql: Open, url: str) -> None:
    with pytest.raises(ConfigurationError, match="encryption key"):
        sql(url)


def raw(url: str, *statements: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("survives", range(7))
def test_a_process_that_dies_while_it_makes_the_tables_leaves_none_behind(sql: Open, url: str, survives: int) -> None:
    made = 0

    def die(_: object, __: object, statement: str, *rest: object) -> None:
        nonlocal made
        made += statement.lstrip().startswith("CREATE")
        if made > survives:
            raise RuntimeError("the process died")

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", die)
    try:
        with pytest.raises(RuntimeError):
            SqlStorage(url, Cipher((KEY,)))
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", die)
    assert sql(url, Cipher((KEY,))).configurations() == []


WITHOUT_CONSENT = "ALTER TABLE client_token DROP COLUMN authorization_expiration"
OLDER = {
    1: (
        WITHOUT_CONSENT, "DROP TABLE job_slot", "DROP TABLE pending_revocation",
        "UPDATE refreshproof_schema SET version = 1",
    ),
    2: (WITHOUT_CONSENT, "DROP TABLE pending_revocation", "UPDATE refreshproof_schema SET version = 2"),
    3: (WITHOUT_CONSENT, "UPDATE refreshproof_schema SET version = 3"),
}  # fmt: skip


@pytest.mark.parametrize("version", OLDER)
def test_a_database_of_an_older_version_is_brought_forward_with_its_data(sql: Open, url: str, version: int) -> None:
    storage = sql(url, Cipher((KEY,)))
    world = World(storage=storage)
    storage.close()
    raw(url, *OLDER[version])
    migrated = sql(url, Cipher((KEY,)))
    assert migrated.load(world.token_id) is not None
    migrated.open_slot("job", 1)
    assert migrated.claim_slot("job", 2)
    assert migrated.revocations(START) == []
    migrated.close()
    sql(url, Cipher((KEY,))).close()


def test_a_database_of_a_newer_program_is_refused(sql: Open, url: str) -> None:
    sql(url, Cipher((KEY,))).close()
    raw(url, "UPDATE refreshproof_schema SET version = version + 1")
    with pytest.raises(ConfigurationError, match="newer"):
        sql(url, Cipher((KEY,)))


def test_statements_are_parameterised(storage: Storage) -> None:
    hostile = "x'; DROP TABLE client_token; --"
    storage.save_configuration(replace(STORED, name=hostile))
    assert storage.load(hostile) is None
    assert storage.configurations()[0].name == hostile


CHILD = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import httpx, sqlalchemy
from kit.client_engine import ManualClock, START, World, ok
from refreshproof.harness.client import Cipher, SqlStorage

die_at, points = {die_at}, 0

def point(*_):
    global points
    points += 1
    if points == die_at:
        os.kill(os.getpid(), signal.SIGKILL)

def vendor(request):
    presented = int(dict(httpx.QueryParams(request.content.decode()))["refresh_token"][2:])
    with open({ledger!r}, "a") as ledger:
        ledger.write(f"{{presented}}\\n")
    point()
    return ok(access_token=f"AT{{presented + 1}}", refresh_token=f"RT{{presented + 1}}", expires_in=3600)

storage = SqlStorage({url!r}, Cipher(({key!r},)))
world = World(vendor, storage=storage)
with open({identifier!r}, "w") as file:
    file.write(world.token_id)
for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
    sqlalchemy.event.listen(storage._engine, name, point)
for _ in range(3):
    world.clock.advance(3601)
    world.call()
"""


@pytest.mark.parametrize("die_at", range(1, 15))
def test_kill_9_at_any_point_leaves_a_database_that_opens_and_at_most_one_refresh_to_repeat(
    die_at: int, sql: Open, url: str, tmp_path: Path
) -> None:
    """DB-03: the process dies before and after every statement, before every commit, and between request and answer."""
    ledger, identifier = tmp_path / "ledger", tmp_path / "identifier"
    script = CHILD.format(
        tests=str(Path(__file__).parents[3]),
        die_at=die_at,
        ledger=str(ledger),
        identifier=str(identifier),
        url=url,
        key=KEY,
    )
    child = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert child.returncode == -signal.SIGKILL, child.stderr
    storage = sql(url, Cipher((KEY,)))
    survivor = World(
        storage=storage, clock=ManualClock(START + 4 * 3601 * SECOND), name="survivor", node="node-b", seed=9
    )
    held = storage.load(identifier.read_text())
    assert held is not None
    token = held.token
    assert token.access_token[2:] == (token.refresh_token or "")[2:], "never a mixed pair"
    presented = [int(line) for line in ledger.read_text().split()] if ledger.exists() else []
    assert presented == list(range(1, len(presented) + 1))
    assert int(token.access_token[2:]) in {len(presented), len(presented) + 1}
    reborn = survivor.another_engine("node-a")
    assert reborn.recover() == int(token.lease is not None)
    assert len(survivor.presented) <= 1
    storage.close()


# Clusters: engines that share nothing but the database


def race(open_storage: Callable[[], Storage], nodes: int) -> tuple[list[str], list[str]]:
    """Start every node's call at once, on threads that share no lock; real time."""
    begun = threading.Barrier(nodes)
    clock = SystemClock()
    world = World(storage=open_storage(), token=first_token(now=clock.now() - 3500 * SECOND))
    engines = [world.another_engine(f"node-{number}", clock, storage=open_storage()) for number in range(nodes)]
    seen: list[str] = []

    def call(number: int) -> None:
        begun.wait()
        seen.append(engines[number].handler.execute(world.token_id, lambda one: one.access_token))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(nodes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen, world.presented


@pytest.mark.parametrize("nodes", [2, 4])
def test_nodes_that_share_a_sqlite_file_present_a_refresh_token_once(nodes: int, sql: Open, url: str) -> None:
    seen, presented = race(lambda: sql(url, Cipher((KEY,))), nodes)
    assert (seen, presented) == (["AT2"] * nodes, ["RT1"])


def test_nodes_that_open_an_empty_database_at_once_all_find_its_tables(sql: Open, url: str) -> None:
    ready, failures = threading.Barrier(8), list[BaseException]()

    def open_it() -> None:
        ready.wait()
        try:
            sql(url, Cipher((KEY,))).configurations()
        except BaseException as error:  # a thread's exception would only be printed
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.postgresql
@pytest.mark.parametrize("nodes", [2, 4])
def test_nodes_that_share_a_postgresql_database_present_a_refresh_token_once(
    nodes: int, sql: Open, postgres: str
) -> None:
    empty(postgres)
    seen, presented = race(lambda: sql(postgres, Cipher((KEY,))), nodes)
    assert (seen, presented) == (["AT2"] * nodes, ["RT1"])
