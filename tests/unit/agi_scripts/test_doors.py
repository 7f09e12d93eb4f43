"""Each door from the knock to LINE_DONE, over a real socket, with Asterisk's side scripted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agi_scripts.desk import NoDesk
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from ivr.dialogue.replies import CaseFound, CaseNotFound, DeskUnavailable
from ivr.kernel.clock import SystemClock
from ivr.kernel.tracking_code import TrackingCode
from tests.fakes.asterisk_agi import FakeAsterisk
from tests.unit.agi_scripts.conftest import silence

WELCOME = "welcome"


class TestReception:
    async def test_keys_1_1_lead_to_the_insurance_queue(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["1", "1"]).call(doors.port)
        assert call.done
        assert (call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == ("queue", "insurance")
        assert [m["key"] for m in call.marked("choice")] == ["1", "1"]
        assert call.marked("alarm") == []
        assert call.prompts[0] == WELCOME

    async def test_done_is_the_very_last_word(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["0"]).call(doors.port)
        handed = call.commands[-1]
        assert (
            handed
            == 'GET FULL VARIABLE "${SET(LINE_GOTO=queue)}${SET(LINE_QUEUE=general)}${SET(LINE_NODE=)}${SET(LINE_DONE=1)}"'
        )

    async def test_a_key_during_the_prompt_stops_it(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["!1", "!2"]).call(doors.port)
        assert call.variables["LINE_QUEUE"] == "pensions"
        assert call.prompts.count(WELCOME) == 1
        assert len(call.prompts) <= 3

    async def test_three_wrong_keys_lead_to_a_person(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["7", "7", "7"]).call(doors.port)
        assert [m["key"] for m in call.marked("choice")] == ["wrong"] * 3
        assert (call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == ("queue", "general")

    async def test_silence_leads_to_a_person(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["silence", "silence", "silence"]).call(doors.port)
        assert (call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == ("queue", "general")

    async def test_english_is_spoken_and_told_to_the_dialplan(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["8", "0"]).call(doors.port)
        assert call.variables["CHANNEL(language)"] == "en"
        assert call.marked("step")[-1]["language"] == "en"

    async def test_another_server_goes_on_where_the_first_one_stopped(self, doors: DoorServer) -> None:
        first = await FakeAsterisk(["1"], hangup_at=28).call(doors.port)
        assert first.variables["LINE_NODE"] == "arrival:operators"
        assert not first.done
        again = FakeAsterisk(["3"], variables={"LINE_NODE": first.variables["LINE_NODE"]})
        await again.call(doors.port)
        assert WELCOME not in again.prompts
        assert again.variables["LINE_QUEUE"] == "treatment"

    async def test_a_sudden_closure_is_heard_by_the_next_caller(
        self, doors: DoorServer, door_settings: DoorSettings
    ) -> None:
        now = SystemClock().now()
        closures = door_settings.var / "closures.toml"
        closures.write_text(
            f'[[closure]]\nfrom = {(now - timedelta(hours=1)).isoformat()}\nto = {(now + timedelta(hours=1)).isoformat()}\nreason = "برف"\n'
        )
        call = await FakeAsterisk(["2"]).call(doors.port)
        assert call.variables["LINE_GOTO"] == "callback"
        assert call.marked("decision")[0]["open"] == "0"
        closures.unlink()
        assert (await FakeAsterisk(["0"]).call(doors.port)).variables["LINE_GOTO"] == "queue"

    @pytest.mark.parametrize("at", range(1, 43, 2))
    async def test_a_hangup_at_any_command_leaves_nothing_undone_behind(self, doors: DoorServer, at: int) -> None:
        call = await FakeAsterisk(["1", "1"], hangup_at=at).call(doors.port)
        after = call.commands[at + 1 :]
        assert not any(command.startswith(("STREAM FILE", "WAIT FOR DIGIT")) for command in after)
        assert not call.done

    async def test_the_lease_is_renewed_before_each_prompt_and_each_second_of_waiting(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["silence", "0"]).call(doors.port)
        for earlier, later in zip(call.commands, call.commands[1:], strict=False):
            if later.startswith(("STREAM FILE", "WAIT FOR DIGIT")):
                assert earlier.startswith('GET FULL VARIABLE "${SET(TIMEOUT(absolute)=')
        assert max(call.leases) == pytest.approx(2.9)  # two seconds of prompt and the slack
        waits = [c for c in call.commands if c.startswith("WAIT FOR DIGIT")]
        assert all(int(c.split('"')[1]) <= 1000 for c in waits)


class TestVoiceMessage:
    async def prepared(self, doors: DoorServer, **environment: str) -> FakeAsterisk:
        call = FakeAsterisk([], variables={"LINE_PHASE": "prepare", "LINE_KIND": "complaint"}, environment=environment)
        return await call.call(doors.port, "voice_message")

    async def test_the_message_exists_before_the_beep(self, doors: DoorServer, door_settings: DoorSettings) -> None:
        call = await self.prepared(doors)
        assert call.variables["LINE_GOTO"] == "record"
        code = TrackingCode(call.variables["LINE_CODE"])
        assert (door_settings.spool / "codes" / code).exists()
        sidecar = json.loads((door_settings.spool / "messages" / f"{call.variables['LINE_MESSAGE']}.json").read_text())
        started = datetime.fromisoformat(sidecar.pop("started_at"))
        assert started.tzinfo is not None
        assert sidecar == {
            "message": call.variables["LINE_MESSAGE"],
            "call_id": "line1420-1795302425.0",
            "kind": "complaint",
            "code": code,
            "caller": "+989121234567",
            "language": "fa",
        }

    async def review(self, doors: DoorServer, before: FakeAsterisk, keys: list[str], **more: str) -> FakeAsterisk:
        variables = {**before.variables, "LINE_PHASE": "review", "RECORD_STATUS": "DTMF", **more}
        del variables["LINE_DONE"]
        return await FakeAsterisk(keys, variables=variables).call(doors.port, "voice_message")

    def recorded(self, settings: DoorSettings, call: FakeAsterisk) -> Path:
        return silence(settings.spool / "messages" / f"{call.variables['LINE_MESSAGE']}.part.wav", 3.0)

    async def test_keep_makes_it_final_and_tells_the_code_twice(
        self, doors: DoorServer, door_settings: DoorSettings
    ) -> None:
        call = await self.prepared(doors)
        part = self.recorded(door_settings, call)
        after = await self.review(doors, call, ["1"])
        assert not part.exists()
        assert part.with_name(f"{call.variables['LINE_MESSAGE']}.wav").exists()
        assert after.marked("message")[-1]["state"] == "kept"
        assert after.marked("message")[-1]["code"] == call.variables["LINE_CODE"]
        assert after.prompts.count("your_code") == 1
        assert after.prompts.count("once_more") == 1
        assert (after.done, after.variables["LINE_GOTO"]) == (True, "goodbye")

    async def test_listen_plays_the_recorded_sound(self, doors: DoorServer, door_settings: DoorSettings) -> None:
        call = await self.prepared(doors)
        part = self.recorded(door_settings, call)
        after = await self.review(doors, call, ["2", "1"])
        assert str(part.with_suffix("")) in after.prompts
        assert 3 + 0.9 in [pytest.approx(lease) for lease in after.leases]

    async def test_redo_records_the_same_message_again(self, doors: DoorServer, door_settings: DoorSettings) -> None:
        call = await self.prepared(doors)
        part = self.recorded(door_settings, call)
        after = await self.review(doors, call, ["3"])
        assert after.variables["LINE_GOTO"] == "record"
        assert after.variables["LINE_MESSAGE"] == call.variables["LINE_MESSAGE"]
        assert after.variables["LINE_KIND"] == "complaint"
        assert part.exists()

    async def test_a_hangup_in_the_review_leaves_the_part_for_the_sweeper(
        self, doors: DoorServer, door_settings: DoorSettings
    ) -> None:
        call = await self.prepared(doors)
        part = self.recorded(door_settings, call)
        after = await self.review(doors, call, ["hangup"])
        assert part.exists()
        assert not after.done

    async def test_a_message_that_is_not_ours_is_refused(self, doors: DoorServer) -> None:
        variables = {"LINE_PHASE": "review", "LINE_MESSAGE": "../../etc/passwd", "LINE_CODE": "000000000"}
        call = await FakeAsterisk(["1"], variables=variables).call(doors.port, "voice_message")
        assert not call.done

    async def test_a_full_disk_offers_a_call_back(self, door_settings: DoorSettings) -> None:
        full = door_settings.model_copy(update={"message_room": 1 << 62})
        server = DoorServer(full, open_doors(build_house(full, NoDesk())), SoundShelf(full.sounds))
        await server.start()
        call = await self.prepared(server)
        await server.stop()
        assert call.variables["LINE_GOTO"] == "callback"
        assert "LINE_MESSAGE" not in call.variables


class TestSurvey:
    async def test_the_score_is_in_the_ledger_before_the_thanks(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["4"]).call(doors.port, "survey")
        assert call.marked("score") == [{"offered": "1"}, {"value": "4"}]
        score = next(i for i, c in enumerate(call.commands) if "value=4" in c)
        thanks = next(i for i, c in enumerate(call.commands) if "survey_thanks" in c)
        assert score < thanks

    async def test_a_hangup_invents_no_score(self, doors: DoorServer) -> None:
        call = await FakeAsterisk(["hangup"]).call(doors.port, "survey")
        assert call.marked("score") == [{"offered": "1"}]


class StubDesk(NoDesk):
    def __init__(self, answer: CaseFound | CaseNotFound | DeskUnavailable) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def look_up_case(  # type: ignore[override]
        self, code: TrackingCode
    ) -> CaseFound | CaseNotFound | DeskUnavailable:
        self.asked.append(code)
        return self.answer


class TestCaseStatus:
    CODE = TrackingCode.from_number(12345678)

    async def ask(self, settings: DoorSettings, desk: StubDesk, keys: list[str]) -> FakeAsterisk:
        server = DoorServer(settings, open_doors(build_house(settings, desk)), SoundShelf(settings.sounds))
        await server.start()
        call = await FakeAsterisk(keys).call(server.port, "case_status")
        await server.stop()
        return call

    async def test_a_right_code_is_told_with_its_dates(self, door_settings: DoorSettings) -> None:
        opened = datetime(2026, 11, 20, 8, tzinfo=UTC)
        desk = StubDesk(CaseFound("in_work", opened, opened + timedelta(days=7)))
        call = await self.ask(door_settings, desk, [*self.CODE, "silence"])
        assert desk.asked == [self.CODE]
        assert "case_in_work" in call.prompts
        assert call.marked("delivered") == [{"what": "case_status", "result": "in_work"}]
        assert call.marked("alarm") == []

    async def test_a_mistyped_code_is_told_without_asking_the_desk(self, door_settings: DoorSettings) -> None:
        desk = StubDesk(CaseNotFound())
        wrong = self.CODE[:-1] + str((int(self.CODE[-1]) + 1) % 10)
        call = await self.ask(door_settings, desk, [*wrong, *wrong, *wrong])
        assert desk.asked == []
        assert call.prompts.count("code_wrong") == 3
        assert call.variables["LINE_GOTO"] == "queue"

    async def test_a_desk_that_does_not_answer_leads_to_a_person(self, door_settings: DoorSettings) -> None:
        call = await self.ask(door_settings, StubDesk(DeskUnavailable()), [*self.CODE])
        assert (call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == ("queue", "general")

    async def test_keyed_codes_never_stand_in_the_ledger(self, door_settings: DoorSettings) -> None:
        call = await self.ask(door_settings, StubDesk(CaseNotFound()), [*self.CODE, "hangup"])
        assert not any(self.CODE in command for command in call.commands)


class TestCallback:
    def note(self, settings: DoorSettings) -> dict[str, object]:
        (file,) = (settings.spool / "callbacks").glob("*.json")
        return json.loads(file.read_text())

    async def test_the_caller_s_own_number_is_confirmed(self, doors: DoorServer, door_settings: DoorSettings) -> None:
        call = await FakeAsterisk(["1"], variables={"LINE_PHASE": "waiting", "LINE_QUEUE": "pensions"}).call(
            doors.port, "callback"
        )
        (mark,) = call.marked("callback")
        assert (mark["queue"], mark["when"], mark["number"]) == ("pensions", "keep_place", "caller")
        note = self.note(door_settings)
        assert (note["number"], note["code"], note["keyed"]) == ("+989121234567", mark["code"], False)
        assert call.variables["LINE_CODE"] == mark["code"]

    async def test_a_hidden_caller_keys_a_number_that_stays_out_of_the_ledger(
        self, doors: DoorServer, door_settings: DoorSettings
    ) -> None:
        call = FakeAsterisk([*"02188888888", "1"], environment={"agi_callerid": "unknown"})
        await call.call(doors.port, "callback")
        assert call.marked("callback")[0]["number"] == "keyed"
        assert self.note(door_settings)["number"] == "+982188888888"
        assert not any("2188888888" in command for command in call.commands)

    async def test_a_hangup_before_the_yes_asks_for_nothing(
        self, doors: DoorServer, door_settings: DoorSettings
    ) -> None:
        call = await FakeAsterisk(["hangup"]).call(doors.port, "callback")
        assert call.marked("callback") == []
        assert not (door_settings.spool / "callbacks").exists()


async def test_a_missing_prompt_is_an_alarm_and_the_call_goes_on(
    doors: DoorServer, door_settings: DoorSettings, tmp_path: Path
) -> None:
    call = await FakeAsterisk(["0"], missing=frozenset({"line/welcome"})).call(doors.port)
    assert call.marked("alarm") == [{"what": "prompt unplayable", "which": "welcome"}]
    assert call.done


async def test_a_prompt_missing_in_one_language_is_heard_in_the_other(
    door_settings: DoorSettings, every_prompt: Path, tmp_path: Path
) -> None:
    sounds = tmp_path / "some"
    for name in ("fa", "en"):
        (sounds / name / "line").mkdir(parents=True)
    silence(sounds / "en" / "line" / "survey_ask.wav", 1)
    server = DoorServer(door_settings, open_doors(build_house(door_settings, NoDesk())), SoundShelf(sounds))
    await server.start()
    call = await FakeAsterisk(["4"]).call(server.port, "survey")
    await server.stop()
    assert call.prompts == [str(sounds / "en" / "line" / "survey_ask")]
    assert {"what": "prompt missing", "which": "fa/survey_ask"} in call.marked("alarm")
    assert call.marked("score")[-1] == {"value": "4"}
