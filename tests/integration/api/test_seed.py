"""Seeding: twice changes nothing; a new password ends old sessions; nonsense is refused with its reason."""

import json
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from api.access.permissions import Role
from api.access.secrets_of import hash_password, password_fits
from api.db.duty_tables import Agent
from api.db.engine import Sessions
from api.db.roster_tables import ShiftRow
from api.db.tables import ApiToken, Person
from api.people.seed import DEMO_ACCOUNTS, seed
from api.processes.seed import sow
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Invalid


def with_passwords(settings: ApiSettings, **passwords: str) -> ApiSettings:
    return settings.model_copy(update={"demo_passwords": {name: SecretStr(word) for name, word in passwords.items()}})


async def snapshot(sessions: Sessions) -> list[tuple[str, str, str]]:
    async with sessions() as session:
        people = (await session.scalars(select(Person).order_by(Person.username))).all()
        return [(person.username, person.role, person.password_hash) for person in people]


async def test_seeding_twice_changes_nothing(sessions: Sessions, settings: ApiSettings) -> None:
    wanted = with_passwords(settings, operator01="a", admin="b")
    await sow(wanted)
    first = await snapshot(sessions)
    await sow(wanted)
    assert await snapshot(sessions) == first
    assert [(name, role) for name, role, _ in first] == [("admin", "admin"), ("operator01", "operator")]
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ApiToken)) == 2


async def test_who_was_sown_with_the_same_settings_is_not_looked_at_again(
    sessions: Sessions, settings: ApiSettings
) -> None:
    wanted = with_pins(with_passwords(settings, admin="a", operator01="b"), operator01="482913")
    await sow(wanted)
    before = await snapshot(sessions)
    async with sessions.begin() as session:
        operator = (await session.scalars(select(Person).where(Person.username == "operator01"))).one()
        operator.password_hash = "changed by hand"
    await sow(wanted)
    assert [kept for name, _, kept in await snapshot(sessions) if name == "operator01"] == ["changed by hand"]
    await sow(with_pins(with_passwords(settings, admin="a", operator01="b", qa="c"), operator01="482913"))
    assert [name for name, *_ in await snapshot(sessions)] == ["admin", "operator01", "qa"], (
        "another setting: all again"
    )
    assert "changed by hand" not in {kept for *_, kept in await snapshot(sessions)}
    assert before[0] in await snapshot(sessions), "who has the right password keeps the hash"


async def test_another_database_than_the_one_that_was_sown_gets_its_passwords(
    sessions: Sessions, settings: ApiSettings
) -> None:
    wanted = with_passwords(settings, admin="a", operator01="b")
    await sow(wanted)
    async with sessions.begin() as session:  # a backup of another line is put back into a cluster of its own
        for person in await session.scalars(select(Person)):
            person.password_hash = await hash_password("of another line")
    (settings.var / "seeded").write_text("0" * 64, "ascii")
    await sow(wanted)
    for _, _, kept in await snapshot(sessions):
        assert not await password_fits("of another line", kept)


async def test_a_line_begins_with_two_shifts_and_one_that_was_given_up_does_not_come_back(
    sessions: Sessions, settings: ApiSettings
) -> None:
    await sow(settings)
    async with sessions.begin() as session:
        shifts = (await session.scalars(select(ShiftRow).order_by(ShiftRow.begins))).all()
        told = [(shift.code_fa, f"{shift.begins:%H:%M}", f"{shift.ends:%H:%M}", shift.weekdays) for shift in shifts]
        assert told == [("ص", "08:00", "14:00", [0, 1, 2, 3, 4, 5]), ("ع", "14:00", "20:00", [0, 1, 2, 3, 4, 5])]
        for shift in shifts:
            shift.retired_at = SystemClock().now()
    await sow(settings)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ShiftRow)) == 2


async def test_seeded_tokens_work_and_a_new_token_replaces_the_old(
    client: httpx2.AsyncClient, settings: ApiSettings
) -> None:
    async def status(token: str) -> int:
        answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code

    await sow(settings)
    assert await status(settings.api_token.get_secret_value()) == 200
    assert await status(settings.door_token.get_secret_value()) == 200
    await sow(settings.model_copy(update={"api_token": SecretStr("another-token-of-the-tests")}))
    assert await status(settings.api_token.get_secret_value()) == 401
    assert await status("another-token-of-the-tests") == 200


async def test_a_changed_password_ends_the_sessions_of_the_old_one(
    client: httpx2.AsyncClient, log_in: Callable[[Role], Awaitable[object]], settings: ApiSettings
) -> None:
    await log_in(Role.QA)
    await sow(with_passwords(settings, qa="a new password"))
    assert (await client.get("/api/v1/me")).status_code == 401


def with_pins(settings: ApiSettings, **pins: str) -> ApiSettings:
    return settings.model_copy(update={"demo_pins": {name: SecretStr(pin) for name, pin in pins.items()}})


async def agents(sessions: Sessions) -> dict[str, str | None]:
    async with sessions() as session:
        return {agent.number: agent.pin_hash for agent in await session.scalars(select(Agent).order_by(Agent.number))}


async def test_a_pin_is_kept_as_a_hash_stays_while_it_fits_and_is_changed_when_it_does_not(
    sessions: Sessions, settings: ApiSettings
) -> None:
    wanted = with_passwords(settings, operator01="a", operator02="b", admin="c")
    await sow(with_pins(wanted, operator01="482913"))
    first = await agents(sessions)
    assert first.keys() == {"101", "102"}
    assert first["102"] is None
    assert first["101"] is not None
    assert first["101"].startswith("$argon2id$")
    await sow(with_pins(wanted, operator01="482913"))
    assert await agents(sessions) == first
    await sow(wanted)
    assert await agents(sessions) == first, "no PIN in the settings is no wish to have none"
    await sow(with_pins(wanted, operator01="739105"))
    changed = await agents(sessions)
    assert changed["101"] not in (None, first["101"])


@pytest.mark.parametrize(
    ("account", "pin", "why"),
    [("operator01", "123456", "among the first"), ("operator01", "4829", "exactly 6 digits"),
     ("admin", "482913", "operator01 to operator99"), ("operator100", "482913", "operator01 to operator99")],
)  # fmt: skip
async def test_a_pin_that_may_not_be_is_refused(
    sessions: Sessions, settings: ApiSettings, account: str, pin: str, why: str
) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        async with sessions.begin() as session:
            await seed(session, with_pins(with_passwords(settings, operator01="a"), **{account: pin}))
    assert "482913" not in refused.value.message


async def test_an_account_that_is_none_is_refused(sessions: Sessions, settings: ApiSettings) -> None:
    with pytest.raises(Invalid, match=r"operator100.*no demo account"):
        async with sessions.begin() as session:
            await seed(session, with_passwords(settings, operator100="x"))


def test_passwords_come_as_json_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = dict.fromkeys(DEMO_ACCOUNTS, "گذرواژه")
    monkeypatch.setenv("LINE1420_DEMO_PASSWORDS", json.dumps(passwords))
    read = ApiSettings().demo_passwords
    assert set(read) == set(DEMO_ACCOUNTS)
    assert read["operator16"].get_secret_value() == "گذرواژه"
    assert "گذرواژه" not in repr(ApiSettings())
