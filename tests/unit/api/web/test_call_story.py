"""The story of a call on its page: what happened, in order, in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.calls.fold import fold
from api.calls.record import CallRecord
from api.calls.schemas import VisitView
from api.calls.timeline import told
from api.web.call_story import Moment, problem_words, tell
from api.web.texts import texts
from tests.builders import CallStory, a_call_in_the_menu, an_answered_call


def the_story(call: CallStory, language: str = "fa") -> list[Moment]:
    record = fold(call.events)
    assert isinstance(record, CallRecord)
    visits = [VisitView.model_validate(visit) for visit in record.visits]
    return tell(told(call.events, language), visits, {"operator03": "نرگس موسوی"}, texts(language))


def test_an_answered_call_is_told_from_arrival_to_score() -> None:
    moments = the_story(an_answered_call())
    said = [moment.text for moment in moments if moment.weight == "full"]
    assert said == [
        "تماس رسید",
        "کلید ۱",
        "کلید ۱",
        "ورود به صف بیمه و حق بیمه",
        "نرگس موسوی پاسخ داد",
        "پایان مکالمه",
        "امتیاز ۴ از ۵",
        "پایان تماس",
    ]
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)


def test_waits_and_talks_are_named_with_their_length() -> None:
    details = [moment.detail for moment in the_story(an_answered_call())]
    assert "پس از ۱۲ ثانیه انتظار" in details
    assert "۴۰ ثانیه مکالمه · اپراتور گوشی را گذاشت" in details


def test_a_caller_who_gives_up_is_an_alarm_with_the_wait() -> None:
    call = a_call_in_the_menu().keys("main", "0").joins("general").wait(95).hangs_up_waiting()
    left = next(moment for moment in the_story(call) if moment.tone == "act")
    assert left.text == "خروج از صف عمومی: رهاشده"
    assert left.detail == "پس از ۱ دقیقه و ۳۵ ثانیه انتظار"


@pytest.mark.parametrize(
    ("language", "said"), [("fa", "زمان انتظار اعلام شد: ۵ دقیقه"), ("en", "Was told of a wait: 5 minutes")]
)
def test_what_the_caller_was_told_of_the_wait_stands_before_the_queue(language: str, said: str) -> None:
    call = a_call_in_the_menu().milestone("estimate", queue="general", told="300", seconds="251", basis="today").wait(2)
    moments = the_story(call.joins("general").wait(9).hangs_up_waiting(), language)
    told_at = next(n for n, moment in enumerate(moments) if moment.text == said)
    assert moments[told_at + 1].icon == "wait"


def test_no_score_is_told_when_none_was_keyed() -> None:
    call = a_call_in_the_menu().milestone("score", offered="1").hangs_up()
    assert not [moment for moment in the_story(call) if "امتیاز" in moment.text]


def test_a_wrong_key_is_told_as_such() -> None:
    call = a_call_in_the_menu().keys("main", "wrong").hangs_up()
    assert "کلید نادرست" in [moment.text for moment in the_story(call)]


def test_a_fallback_is_an_alarm() -> None:
    call = a_call_in_the_menu().milestone("fallback", door="reception", reason="unreachable").hangs_up()
    assert [(moment.text, moment.detail) for moment in the_story(call) if moment.tone == "act"] == [
        ("ادامه بدون درگاه منوی تلفنی", "درگاه پاسخ نداد")
    ]


def test_an_alarm_is_told_in_the_readers_language() -> None:
    call = a_call_in_the_menu().milestone("alarm", what="prompt missing", which="fa/goodbye").hangs_up()
    assert [(moment.text, moment.detail) for moment in the_story(call) if moment.tone == "act"] == [
        ("هشدار: پیام گویا موجود نیست", "fa/goodbye")
    ]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_problem_that_the_fold_notes_has_words(language: str) -> None:
    rooms = Path(__file__).parents[4] / "api" / "calls"
    code = (rooms / "fold.py").read_text("utf-8") + (rooms / "visits.py").read_text("utf-8")
    noted = re.findall(r'problems\.append\(f?"([^"]+)"\)', code)
    assert len(noted) > 5
    for problem in noted:
        told = problem_words(problem.replace("{visit.n}", "2"), texts(language))
        assert "_" not in told
        assert "{" not in told


def test_a_problem_names_its_visit_and_an_unknown_one_stays_readable() -> None:
    assert problem_words("visit_2_wait_disagrees", texts("fa")) == "مدت انتظار حضور ۲ در دو دفتر یکسان نیست"
    assert problem_words("alarm:unknown_queue", texts("fa")) == "هشدار: صف ناشناخته"
    assert problem_words("visit_2_unheard_of", texts("fa")) == "visit_2_unheard_of"


def test_the_same_story_in_english() -> None:
    assert "Entered queue Insurance" in [moment.text for moment in the_story(an_answered_call(), "en")]


def test_who_listened_is_told_with_the_way_and_how_long() -> None:
    call = a_call_in_the_menu().joins("general").wait(3).is_answered(3).wait(5)
    call.is_heard("supervisor", "listen").wait(20).is_heard("supervisor", "whisper").wait(10)
    call.is_heard("supervisor", "whisper", "ended").wait(4).hangs_up_talking()
    heard = [(moment.text, moment.detail) for moment in the_story(call) if "supervisor" in moment.text]
    assert heard == [
        ("supervisor گفت‌وگو را شنید", "به مدت ۲۰ ثانیه"),
        ("supervisor با اپراتور نجوا کرد", "به مدت ۱۰ ثانیه"),
    ]


def test_a_move_and_an_announcement_are_told() -> None:
    call = a_call_in_the_menu().milestone("announced", announcement="0123456789ab", queue="")
    call.joins("insurance").wait(30).is_moved("pensions").joins("pensions").wait(4).hangs_up_waiting()
    said = [moment.text for moment in the_story(call)]
    assert "اطلاعیهٔ اضطراری پخش شد" in said
    assert "خروج از صف بیمه و حق بیمه: جابه‌جاشده به صف دیگر" in said
