"""A line without demo accounts, from its first administrator to an operator who signs in at a telephone: by pages alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from api.access.permissions import Role
from api.access.sessions import open_session
from api.db.engine import Sessions
from api.db.tables import AuditEntry, Person, Session
from api.people.seed import seed_person
from api.processes.administrator import let_in
from api.processes.seed import sow
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Conflict, Invalid

HTML = {"accept": "text/html"}


class Reader:
    """Somebody with a browser, who types what the pages show."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def log_in(self, username: str, password: str) -> int:
        answer = await self.client.post("/login", data={"username": username, "password": password})
        if answer.status_code == 303:
            self.csrf = (await self.client.get("/api/v1/me")).json()["csrf"]
        return answer.status_code

    async def look(self, path: str) -> str:
        answer = await self.client.get(path, headers=HTML)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, path: str, **fields: str) -> httpx2.Response:
        return await self.client.post(path, data={"csrf": self.csrf, **fields}, headers=HTML, follow_redirects=True)


@pytest.fixture
def reader(client: httpx2.AsyncClient) -> Reader:
    return Reader(client)


def shown_once(page: str) -> str:
    """The secret in large letters."""
    found = re.search(r'class="secret"><bdi class="ltr">([^<]+)<', page)
    assert found, page
    return found.group(1).translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))


async def test_from_nobody_to_the_first_operator_at_a_telephone(
    reader: Reader, sessions: Sessions, settings: ApiSettings, door_token_headers: dict[str, str]
) -> None:
    await sow(settings.model_copy(update={"demo_accounts": False}))
    password = await let_in(sessions, SystemClock(), "Sara")
    assert await reader.log_in("sara", password) == 303

    assert 'href="/people"' in await reader.look("/agents"), "whoever looks for operators is led to where they are made"
    made = await reader.send(
        "/people", username="n.karimi", name_fa="نرگس کریمی", name_en="Narges Karimi", role="operator"
    )
    assert made.status_code == 200
    hers = shown_once(made.text)
    assert 'href="/agents/n.karimi"' in made.text, "and on to the next step"

    assert "نخست شمارهٔ اپراتوری" in await reader.look("/agents/n.karimi")
    numbered = await reader.send("/agents/n.karimi/number", number="۲۰۷")
    assert "شماره ثبت شد" in numbered.text
    levels = {"level-general": "2", "level-insurance": "1", "level-pensions": "0", "level-treatment": "0"}
    assert "مهارت‌ها ثبت شد" in (await reader.send("/agents/n.karimi/skills", **levels)).text
    with_pin = await reader.send("/agents/n.karimi/pin")
    pin = shown_once(with_pin.text)
    assert pin not in await reader.look("/agents/n.karimi"), "shown once"

    keyed = {"agent_number": "207", "pin": pin}
    at_phone = await reader.client.post("/api/v1/seats/seat03/duty", json=keyed, headers=door_token_headers)
    assert (at_phone.status_code, at_phone.json()["state"]) == (201, "ready")
    on_duty = await reader.look("/agents")
    assert "جایگاه ۳" in on_duty
    assert "بیمه و حق بیمه · اصلی" in on_duty

    refused = await reader.send("/people/n.karimi/close")
    assert (refused.status_code, "اکنون در جایگاه است" in refused.text) == (409, True)
    assert await reader.log_in("n.karimi", hers) == 303
    desk = await reader.look("/desk")
    assert "شمارهٔ اپراتوری شما ۲۰۷ است" in desk
    changed = await reader.send("/desk/pin", password=hers, pin="۴۸۲۹۱۳", pin_again="482913")
    assert "رمز تازه ثبت شد" in changed.text
    await reader.send("/desk/sign-out")
    again = await reader.client.post(
        "/api/v1/seats/seat03/duty", json={"agent_number": "207", "pin": "482913"}, headers=door_token_headers
    )
    assert again.status_code == 201

    own = await reader.send("/account/password", password=hers, wanted="چهار واژهٔ آسان", wanted_again="چهار واژهٔ آسان")
    assert "گذرواژهٔ تازه ثبت شد" in own.text
    assert await reader.log_in("n.karimi", hers) == 401
    assert await reader.log_in("n.karimi", "چهار واژهٔ آسان") == 303


async def test_the_way_back_in_for_a_house_that_locked_itself_out(reader: Reader, sessions: Sessions) -> None:
    first = await let_in(sessions, SystemClock(), "sara")
    second = await let_in(sessions, SystemClock(), "sara")
    assert await reader.log_in("sara", first) == 401
    assert await reader.log_in("sara", second) == 303


async def test_the_way_back_in_is_in_the_trail_also_when_the_account_was_closed(sessions: Sessions) -> None:
    await let_in(sessions, SystemClock(), "sara")
    async with sessions.begin() as session:
        (await session.scalars(select(Person).where(Person.username == "sara"))).one().active = False
    await let_in(sessions, SystemClock(), "sara")
    await let_in(sessions, SystemClock(), "sara")
    async with sessions() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [entry.action for entry in entries] == [
        "person.added", "person.opened", "person.password_reset", "person.password_reset",
    ]  # fmt: skip
    opened = entries[1]
    assert (opened.actor, opened.target) == ("system:administrator", "person:sara")
    assert opened.details == {"before": "closed", "after": "open"}


@pytest.mark.parametrize("name", ["", "1a", "sara karimi", "سارا", "a" * 40, "'; --"])
async def test_a_name_that_cannot_be_one_is_refused(sessions: Sessions, name: str) -> None:
    with pytest.raises(Invalid):
        await let_in(sessions, SystemClock(), name)


async def test_nobody_becomes_an_administrator_by_a_slip_of_the_keyboard(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await seed_person(session, "qa", Role.QA, "x")
    with pytest.raises(Conflict):
        await let_in(sessions, SystemClock(), "qa")


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"username": "نرگس"}, "username", "نام کاربری ۲ تا ۳۲ حرف"),
        ({"username": "SARA"}, "username", "از آن دیگری است"),
        ({"name_fa": "\u202e "}, "name_fa", "نام یک تا شصت حرف است"),
        ({"name_en": "x" * 61}, "name_en", "نام یک تا شصت حرف است"),
        ({"role": "king"}, "role", "نقشی برای این حساب"),
        ({"role": ""}, "role", "نقشی برای این حساب"),
    ],
)
async def test_what_is_wrong_with_an_account_stands_beside_its_field(
    reader: Reader, sessions: Sessions, fields: dict[str, Any], field: str, said: str
) -> None:
    await reader.log_in("sara", await let_in(sessions, SystemClock(), "sara"))
    asked = {"username": "narges", "name_fa": "نرگس", "name_en": "Narges", "role": "operator"} | fields
    answer = await reader.send("/people", **asked)
    assert answer.status_code in {409, 422}
    beside = re.search(rf'id="problem-{field}".*?</p>', answer.text, re.DOTALL)
    assert beside, answer.text
    assert said in beside.group()
    assert 'value="Narges"' in answer.text or "x" * 61 in answer.text, "what was typed stays"


async def test_closing_logs_out_and_opening_lets_in_again(reader: Reader, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await seed_person(session, "qa", Role.QA, "x")
        person = await session.scalar(select(Person).where(Person.username == "qa"))
        assert person is not None
        now = SystemClock().now()
        await open_session(session, person, now=now, limit=timedelta(hours=1), address="elsewhere")
    await reader.log_in("sara", await let_in(sessions, SystemClock(), "sara"))
    assert "حساب بسته شد" in (await reader.send("/people/qa/close")).text
    async with sessions() as session:
        assert (
            await session.scalar(select(func.count()).select_from(Session).where(Session.person_id == person.id)) == 0
        )
    assert "حساب خود شماست" in await reader.look("/people/sara")
    assert (await reader.send("/people/sara/close")).status_code == 409
    assert "حساب باز شد" in (await reader.send("/people/qa/open")).text
    assert await reader.log_in("qa", "x") == 303


async def test_a_new_password_from_the_administrator_ends_the_old_one(reader: Reader, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await seed_person(session, "qa", Role.QA, "x")
    await reader.log_in("sara", await let_in(sessions, SystemClock(), "sara"))
    fresh = shown_once((await reader.send("/people/qa/password")).text)
    assert fresh not in await reader.look("/people/qa")
    assert "نام ثبت شد" in (await reader.send("/people/qa/names", name_fa="مینا", name_en="Mina")).text
    async with sessions() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.target == "person:qa"))).all()
    told = [(one.actor, one.action, one.details) for one in entries if one.action.startswith("person.")]
    assert told == [
        ("person:sara", "person.password_reset", {}),
        ("person:sara", "person.renamed", {"before": {"name_fa": "ارزیاب کیفیت", "name_en": "Quality reviewer"},
                                            "after": {"name_fa": "مینا", "name_en": "Mina"}}),
    ]  # fmt: skip
    assert await reader.log_in("qa", "x") == 401
    assert await reader.log_in("qa", fresh) == 303
