"""By when a user has to consent again: told by the provider, kept with the token, and shown before the end."""

from kit.client_engine import World, ok
from refreshproof.harness.client.authorization.report import moment, token_report
from refreshproof.harness.client.model.clock import DAY
from refreshproof.harness.client.model.token import ClientTokenEntity
from refreshproof.harness.client.storage.sql import SqlStorage

TEN_DAYS = {"refresh_token_timeout": 604_800, "authorization_expires_in": 864_000}


def facts(world: World) -> dict[str, str]:
    held = world.storage.load(world.token_id)
    assert held is not None
    return dict(token_report(held.token, world.configuration).facts)


def stored(world: World) -> ClientTokenEntity:
    held = world.storage.load(world.token_id)
    assert held is not None
    return held.token


def test_the_engine_tells_when_consent_is_due_also_after_a_restart() -> None:
    storage = SqlStorage("sqlite://")
    world = World(ok(access_token="AT2", refresh_token="RT2", expires_in=3600, **TEN_DAYS), storage=storage)
    assert "Consent due on" not in facts(world)
    world.clock.advance(3601)
    sent_at = world.clock.now()
    world.call()
    assert stored(world).authorization_expiration == sent_at + 10 * DAY
    assert stored(world).refresh_token_expiration == sent_at + 7 * DAY
    assert facts(world)["Consent due on"] == moment(sent_at + 10 * DAY)
    storage.close()


def test_an_answer_without_a_refresh_token_leaves_the_end_and_one_with_it_tells_anew() -> None:
    """s6.1: a finite end MUST come with every refresh token, and MAY come without one."""
    world = World(
        ok(access_token="AT2", refresh_token="RT2", expires_in=3600, **TEN_DAYS),
        ok(access_token="AT3", expires_in=3600),
        ok(access_token="AT4", refresh_token="RT4", expires_in=3600),
    )
    ends = []
    for _ in range(3):
        world.clock.advance(3601)
        world.call()
        ends.append(stored(world).authorization_expiration)
    assert ends[0] is not None
    assert ends == [ends[0], ends[0], None]
