"""The brief of a case holds what was said and done, each fact with its message, and every opening leaves its audit entry."""

from __future__ import annotations

import datetime as dt

import pytest
from ground import NOW, scales
from sqlalchemy import select
from team_ground import account
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.handoff_tables import EmergencyContact, Handoff
from bot.db.tables import AuditEntry, Conversation, SafetyRecord, Worker
from bot.domain.case_access import Viewer
from bot.domain.conversation import Author, Button, Reply, Understanding
from bot.domain.errors import Forbidden, IllegalTransition, Incomplete, InvalidInput, NotFound
from bot.domain.handoff import HandoffPolicy, HandoffReason
from bot.domain.risk import RiskLevel
from bot.services import briefs, case_threads, console_cases, conversations, handoffs, threads
from bot.services.console_cases import Act
from bot.services.screen_marks import Verdict

LATER = NOW + dt.timedelta(minutes=5)


class Case:
    """A waiting case of the thread's worker, a counsellor and a supervisor."""

    def __init__(self, thread: Thread, level: RiskLevel = RiskLevel.HIGH) -> None:
        self.thread = thread
        self.root = thread.root
        self.lin = Viewer(account(self.root, "lin", shown_name="林老师"), "lin", "counsellor")
        self.chen = Viewer(account(self.root, "chen"), "chen", "counsellor")
        self.zhou = Viewer(account(self.root, "zhou", "supervisor"), "zhou", "supervisor")
        self.id: int = self.root.call(_request, thread.id, level)

    def take(self, by: Viewer | None = None) -> None:
        self.root.call(_take, self.id, (by or self.lin).account_id)

    def open(self, by: Viewer | None = None, reason: str = "", now: dt.datetime = LATER) -> dict:
        self.root.call(console_cases.open_case, by or self.lin, self.id, reason, now)
        return self.root.call_reading(briefs.brief, self.id, now, scales().questionnaires)

    def read(self, now: dt.datetime, before: int | None = None) -> tuple[list[str], bool, int]:
        """Texts of one page of bubbles as the counsellor reads it, whether there are older ones, and the number of the first."""
        access = self.root.call(console_cases.follow, self.lin, self.id, now)
        shown, has_more = self.root.call_reading(
            case_threads.before, access.conversation_id, before, until=access.until
        )  # fmt: skip
        return [each.message.text for each in shown], has_more, shown[0].message.id

    def openings(self) -> list[tuple[str, str]]:
        return self.root.call_reading(_openings, self.thread.id)


def _request(session, conversation_id: str, level: RiskLevel) -> int:
    conversation = session.get_one(Conversation, conversation_id)
    reason = HandoffReason.HIGH if level >= RiskLevel.HIGH else HandoffReason.ASKED_FOR_PERSON
    found = handoffs.request(session, conversation, reason, level, NOW, HandoffPolicy())
    session.commit()
    return found.id


def _take(session, case_id: int, account_id: str) -> None:
    handoff = session.get_one(Handoff, case_id)
    handoff.status, handoff.accepted_by, handoff.accepted_at = "active", account_id, NOW
    session.commit()


def _close(session, case_id: int, at: dt.datetime) -> None:
    handoff = session.get_one(Handoff, case_id)
    handoff.status, handoff.closed_at = "closed", at
    session.commit()


def _openings(session, conversation_id: str) -> list[tuple[str, str]]:
    query = select(AuditEntry.actor, AuditEntry.reason).where(
        AuditEntry.subject == conversation_id, AuditEntry.action == console_cases.OPENED
    )
    return [(actor, reason) for actor, reason in session.execute(query.order_by(AuditEntry.id))]


@pytest.fixture
def case(thread: Thread) -> Case:
    return Case(thread)


def test_it_says_why_now_in_the_workers_words(thread: Thread) -> None:
    said = thread.receive("不想活了，今晚就从楼上跳下去", "e1", finding(RiskLevel.HIGH))
    case = Case(thread)
    found = case.open()
    assert (found["why"]["level"], found["row"]["id"]) == ("high", case.id)
    assert found["why"]["cues"] == [
        {"name": "wish", "words": "不想", "message_id": said.message.id, "created_at": NOW.isoformat()}
    ]
    assert found["own_words"]["first"]["text"] == "不想活了，今晚就从楼上跳下去"
    assert found["own_words"]["first"]["level"] == "high"


def test_own_words_are_the_first_telling_and_the_last_ten_typed(case: Case) -> None:
    case.thread.receive("你好", "e0")
    for number in range(12):
        case.thread.receive(f"第{number}句，说说我这阵子的难处", f"m{number}")
    case.thread.receive("是", "pressed", payload="/affirm")
    words = case.open()["own_words"]
    assert words["first"]["text"].startswith("第0句")
    assert [each["text"][:3] for each in words["last"]] == [
        f"第{number}"[:3] if number > 9 else f"第{number}句" for number in range(2, 12)
    ]


def test_topics_come_from_what_was_understood_the_most_told_first(case: Case) -> None:
    for number, intent in enumerate(["greet", "sleep_problem", "work_stress", "work_stress"]):
        received = case.thread.receive(f"说一件事{number}", f"t{number}")
        case.root.call(_understood, received.message.id, intent)
    assert case.open()["topics"] == ["work_stress", "sleep_problem"]


def _understood(session, message_id: int, intent: str) -> None:
    conversations.claim(session, message_id, NOW)
    conversations.answer(session, message_id, [], Understanding(intent, 0.9), NOW)


def test_facts_of_danger_stand_beside_their_message_and_nothing_is_invented(case: Case) -> None:
    assert set(case.open()["safety"].values()) == {None}
    said = case.thread.receive("我一个人在宿舍，喝了半斤白酒，电话13800138000", "e1")
    facts = case.open()["safety"]
    assert {name for name, fact in facts.items() if fact} == {"alone", "alcohol", "phone", "place"}
    assert {fact["message_id"] for fact in facts.values() if fact} == {said.message.id}
    assert "13800138000" in facts["phone"]["text"]


def test_an_answer_to_a_direct_question_is_shown_with_the_question(case: Case) -> None:
    button = Button("有过", '/asq{"question": "4", "answer": "yes"}')
    case.root.call(_say, case.thread.id, Reply("你曾经试图自杀过吗？", buttons=(button,)))
    said = case.thread.receive("有过，去年", "e1")
    assert case.open()["safety"]["attempts"] == {
        "text": "问“你曾经试图自杀过吗？”，答“有过，去年”", "message_id": said.message.id,
    }  # fmt: skip
    assert "直接问过有没有轻生的念头" in case.open()["offered"]


def _say(session, conversation_id: str, *replies: Reply) -> None:
    threads.add(session, conversation_id, "web", replies, NOW)
    session.commit()


def test_it_tells_what_was_offered_once_each(case: Case) -> None:
    numbers = Reply("先看这几个号码", Author.SAFETY, custom={"kind": "hotlines", "lines": []})
    case.root.call(_say, case.thread.id, numbers, numbers, Reply("跟着呼吸", custom={"kind": "breathing"}))
    assert case.open()["offered"] == ["发过安全提示", "给过求助电话", "带着做过呼吸练习"]


@pytest.mark.parametrize(("level", "shared_at", "is_shown"), [
    ("high", None, True), ("imminent", None, True), ("watch", None, False), ("watch", NOW, True),
])  # fmt: skip
def test_the_plan_is_shown_in_danger_or_where_it_is_shared(
    thread: Thread, level: str, shared_at: dt.datetime | None, is_shown: bool
) -> None:
    thread.root.call(_plan, thread.worker_id, level, shared_at)
    assert Case(thread, RiskLevel.WATCH).open()["plan"] == ({"alone": ["听歌"]} if is_shown else {})


def _plan(session, worker_id: str, level: str, shared_at: dt.datetime | None) -> None:
    session.get_one(Worker, worker_id).risk_level = level
    plan = {"answers": {"alone": ["听歌"]}}
    session.add(SafetyRecord(worker_id=worker_id, plan=plan, plan_at=NOW, plan_shared_at=shared_at, is_abroad=True))
    session.commit()


def test_what_is_said_after_the_close_is_not_the_cases_business(case: Case) -> None:
    case.thread.receive("结束以前说的一句话", "e1")
    case.take()
    case.root.call(_close, case.id, NOW + dt.timedelta(minutes=1))
    case.thread.receive("结束以后，跟小程序说的另一句话", "e2", now=NOW + dt.timedelta(hours=1))
    words = case.open(now=NOW + dt.timedelta(hours=2))["own_words"]
    assert [each["text"] for each in words["last"]] == ["结束以前说的一句话"]
    texts, has_more, _ = case.read(NOW + dt.timedelta(hours=2))
    assert ("结束以前说的一句话" in texts, has_more) == (True, False)
    assert "结束以后，跟小程序说的另一句话" not in texts


def test_each_opening_is_audited_with_its_reason(case: Case) -> None:
    case.open()
    case.take()
    case.open()
    case.open(case.zhou, "supervision")
    case.open(case.zhou, "quality")
    case.open(case.chen, "break-glass: 林老师突然不在")
    assert case.openings() == [
        ("lin", "waiting"), ("lin", "own_case"), ("zhou", "supervision"), ("zhou", "quality"), ("chen", "break-glass: 林老师突然不在"),
    ]  # fmt: skip


def test_cannot_open_anothers_case_without_a_reason_that_counts(case: Case) -> None:
    case.take()
    for reason in ("", "supervision", "quality", "break-glass", "break-glass: 。", "好奇"):
        with pytest.raises(NotFound):
            case.open(case.chen, reason)
    with pytest.raises(Incomplete) as missing:
        case.open(case.zhou)
    assert missing.value.fields == ["reason"]
    with pytest.raises(NotFound):
        case.root.call(console_cases.open_case, case.lin, case.id + 1, "", LATER)
    assert case.openings() == []


def test_reading_on_is_audited_once_a_shift_and_ends_with_the_case_in_other_hands(case: Case) -> None:
    for minutes in (0, 1, 2):
        case.root.call(console_cases.follow, case.lin, case.id, NOW + dt.timedelta(minutes=minutes))
    assert case.openings() == [("lin", "waiting")]
    case.take(case.chen)
    with pytest.raises(NotFound):
        case.root.call(console_cases.follow, case.lin, case.id, LATER)
    case.open(case.zhou, "supervision")
    assert case.root.call(console_cases.follow, case.zhou, case.id, LATER).is_by_reason
    with pytest.raises(NotFound):
        case.root.call(console_cases.follow, case.zhou, case.id, LATER + dt.timedelta(hours=13))


def test_a_thread_is_read_a_hundred_bubbles_at_a_time(case: Case) -> None:
    case.root.call(_say, case.thread.id, *(Reply(f"第{number}条") for number in range(130)))
    newest, has_more, first = case.read(LATER)
    assert (len(newest), newest[-1], has_more) == (100, "第129条", True)
    older, has_more, _ = case.read(LATER, first)
    assert older[-1] == "第29条"
    assert not has_more


def test_a_note_is_kept_for_the_staff_alone(case: Case) -> None:
    case.take()
    case.root.call(console_cases.add_note, case.lin, case.id, "  <b>家属</b>明早来  ", NOW)
    assert [(each["who"], each["text"]) for each in case.open()["notes"]] == [("林老师", "<b>家属</b>明早来")]
    with pytest.raises(Incomplete):
        case.root.call(console_cases.add_note, case.lin, case.id, "  ", NOW)
    with pytest.raises(NotFound):
        case.root.call(console_cases.add_note, case.chen, case.id, "路过看看", NOW)
    assert "家属" not in "".join(each.text for each in case.thread.shown())


def test_the_contact_is_given_in_danger_only_and_stands_in_timeline_and_log(case: Case) -> None:
    case.root.call(_name_contact, case.thread.worker_id)
    case.take()
    assert case.open()["contact"] == {"is_named": True, "may_use": True, "relation": "姐姐"}
    contact = case.root.call(console_cases.act, case.lin, case.id, Act.CONTACTED, "他说站在楼顶", LATER)
    assert contact == {"name": "王芳", "relation": "姐姐", "phone": "13900139000"}
    assert case.root.call(console_cases.act, case.lin, case.id, Act.CALLED, "已报110，说了地址", LATER) is None
    steps = [(each["step"], each["who"], each["reason"]) for each in case.open()["timeline"]]
    assert ("contacted_emergency_contact", "林老师", "他说站在楼顶") in steps
    assert ("called_emergency", "林老师", "已报110，说了地址") in steps
    with pytest.raises(Incomplete):
        case.root.call(console_cases.act, case.lin, case.id, Act.CALLED, "急", LATER)
    with pytest.raises(NotFound):
        case.root.call(console_cases.act, case.chen, case.id, Act.CALLED, "不是我的个案", LATER)


def _name_contact(session, worker_id: str) -> None:
    session.add(EmergencyContact(worker_id=worker_id, name="王芳", relation="姐姐", phone="13900139000", granted_at=NOW))
    session.commit()


def test_cannot_use_the_contact_without_danger(thread: Thread) -> None:
    case = Case(thread, RiskLevel.WATCH)
    case.root.call(_name_contact, thread.worker_id)
    case.take()
    with pytest.raises(Forbidden):
        case.root.call(console_cases.act, case.lin, case.id, Act.CONTACTED, "想告诉他姐姐", LATER)
    assert not case.open()["contact"]["may_use"]


def test_a_mark_belongs_to_a_message_of_the_case(case: Case) -> None:
    said = case.thread.receive("这句该算观察", "e1")
    other = Thread(case.root, "w2").receive("别人的话", "e1")
    case.take()
    marked = case.root.call(console_cases.mark, case.lin, case.id, said.message.id, Verdict.MISSED, RiskLevel.HIGH, None, LATER)
    assert marked
    with pytest.raises(NotFound):
        case.root.call(console_cases.mark, case.lin, case.id, other.message.id, Verdict.MISSED, None, None, LATER)


def test_an_invitation_stands_in_the_thread_and_its_yes_begins_the_run(thread: Thread) -> None:
    case = Case(thread, RiskLevel.WATCH)
    case.take()
    case.root.call(console_cases.invite, case.lin, case.id, "phq-9", scales(), (), LATER)
    bubble = thread.shown()[-1]
    assert "咨询师" in bubble.text
    assert bubble.buttons[0] == "开始"
    title, payload = case.root.call_reading(threads.choice, thread.id, bubble.id, 0)
    thread.receive(title, "begin", payload=payload, now=LATER)
    assert "咨询师" in " ".join(each.text for each in thread.shown(bubble.event))
    with pytest.raises(IllegalTransition):
        case.root.call(console_cases.invite, case.lin, case.id, "phq-9", scales(), (), LATER)
    assert ("invited", "林老师") in [(each["step"], each["who"]) for each in case.open()["timeline"]]


def test_cannot_invite_to_a_scale_that_is_off_nor_while_a_life_is_in_danger(thread: Thread) -> None:
    case = Case(thread, RiskLevel.IMMINENT)
    case.take()
    with pytest.raises(IllegalTransition):
        case.root.call(console_cases.invite, case.lin, case.id, "phq-9", scales(), (), LATER)
    with pytest.raises(InvalidInput):
        case.root.call(console_cases.invite, case.lin, case.id, "no-such", scales(), (), LATER)


def test_listening_in_is_marked_in_the_timeline(case: Case) -> None:
    case.take()
    case.root.call(console_cases.listen, case.zhou, case.id, "新同事第一例，陪着看", LATER)
    assert case.openings() == [("zhou", "supervision")]
    assert case.open()["timeline"][-1]["step"] == "listened"
    case.root.call(_close, case.id, LATER)
    with pytest.raises(IllegalTransition):
        case.root.call(console_cases.listen, case.zhou, case.id, "已经结束的", LATER)


def test_an_earlier_case_is_named_and_its_words_stay_there(case: Case) -> None:
    case.thread.receive("上一次说的事情，很早以前", "e1")
    case.take()
    case.root.call(_close, case.id, NOW + dt.timedelta(minutes=1))
    second = case.root.call(_request, case.thread.id, RiskLevel.WATCH)
    found = case.root.call_reading(briefs.brief, second, LATER, scales().questionnaires)
    assert [(each["id"], each["counsellor_name"]) for each in found["earlier"]] == [(case.id, "林老师")]
    assert found["why"]["cues"] == []


def test_local_time_and_place_are_the_workers(root: Root) -> None:
    thread = Thread(root)
    thread.receive("在这边很想家", "e1", timezone="Africa/Lagos")
    root.call(_move, thread.worker_id)
    found = Case(thread).open(now=NOW)
    assert (found["timezone"], found["is_abroad"]) == ("Africa/Lagos", True)
    assert found["local_time"].endswith("+01:00")


def _move(session, worker_id: str) -> None:
    session.get_one(Worker, worker_id).timezone = "Africa/Lagos"
    session.commit()
