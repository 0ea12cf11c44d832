"""What clinicians own: today's files are in order, and a wrong one is refused by file and field."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content import MAX_BUBBLE, load_content
from bot.domain import safety
from bot.domain.errors import ContentError
from bot.domain.hotline import ShownLine
from bot.domain.safety import SAFETY_SETS
from bot.settings import ROOT

FILES = (
    "hotlines.yml", "emergency_numbers.yml", "safety_messages.yml", "safety_plan.yml", "asq.yml", "screening.yml", "handoff.yml",
    "canned_replies.yml",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(ROOT / "content" / name, tmp_path / name)
    return tmp_path


def _change(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    path = folder / name
    data = yaml.safe_load(path.read_text("utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")


def test_todays_content_is_in_order() -> None:
    content = load_content(ROOT / "content")
    assert set(content.safety.sets) == set(SAFETY_SETS)
    assert {"120", "110", "12356", "12308"} <= {line.id for line in content.hotlines}
    assert len(content.emergency_by_timezone) > 50


@pytest.mark.parametrize("name", SAFETY_SETS)
@pytest.mark.parametrize("abroad", [False, True])
def test_no_filled_bubble_is_long_or_has_a_blank_left(name: str, abroad: bool) -> None:
    content = load_content(ROOT / "content")
    local = [ShownLine("999", "某国急救", ""), ShownLine("112", "某国报警", ""), ShownLine("+86-10-12308", "领事保护", "")]
    numbers = safety.spoken_numbers(local if abroad else [], is_mainland=not abroad)
    for turn in range(len(content.safety.sets[name])):
        for words in ("", "我真的不想活了一点意思都没有"):
            for bubble in safety.bubbles(content.safety, name, turn, words=words, **numbers):
                assert "{" not in bubble
                assert 5 < len(bubble) <= MAX_BUBBLE


@pytest.mark.parametrize("name", SAFETY_SETS)
def test_every_wording_names_the_urgent_numbers_of_the_place_and_no_others(name: str) -> None:
    for wording in load_content(ROOT / "content").safety.sets[name]:
        assert "{urgent}" in "".join(wording)
        assert not re.search(r"(?<!\d)(?:120|110|119|12356)(?!\d)", "".join(wording)), "abroad these numbers do not help"


def test_every_blank_is_one_that_can_be_filled() -> None:
    content = load_content(ROOT / "content").safety
    texts = [bubble for wordings in content.sets.values() for wording in wordings for bubble in wording]
    texts += [line for lines in content.lines.values() for line in lines]
    for text in texts:
        text.format(urgent="u", talk="t", words="w", person="p")


def test_no_text_of_the_safety_plan_breaks_what_a_safety_reply_must_not_do() -> None:
    plan = load_content(ROOT / "content").plan
    texts = [text for step in plan.steps.values() for text in (*step.questions, *step.examples, step.title)]
    texts += [line for lines in plan.lines.values() for line in lines] + [*plan.buttons.values(), *plan.card.values()]
    for text in texts:
        assert not re.search(
            r"亲爱|亲，|药|刀|绳|跳楼|割|烧炭|答应我|保证不|父母|抑郁症|诊断|保密|马上就到|(?<!\d)\d{3,}", text
        ), text
    for name in ("finished", "finished_empty", "shown"):
        assert all("还没有和咨询师一起看过" in line for line in plan.lines[name])
    for name in ("who_sees", "keeping"):
        assert all("咨询师" in line and "生命危险" in line for line in plan.lines[name])


def test_no_text_of_a_screening_breaks_what_binds_it() -> None:
    screening = load_content(ROOT / "content").screening
    said = [line for lines in screening.lines.values() for line in lines]
    for text in [*said, *screening.buttons.values(), *screening.names.values(), *screening.meant.values()]:
        assert not re.search(
            r"亲爱|亲，|恭喜|真棒|抑郁症(?!状)|焦虑症(?!状)|确诊|没事的|加油|保密|(?<!\d)(?!12355)\d{5,}", text
        ), text


BROKEN: list[tuple[str, Callable[[Any], Any], str]] = [
    ("hotlines.yml", lambda data: data["hotlines"][0].pop("number"), r"hotlines\.yml.*hotlines\.120.*number"),
    ("hotlines.yml", lambda data: data["hotlines"][0].pop("id"), r"hotlines\.yml.*id"),
    ("hotlines.yml", lambda data: data["hotlines"].pop(0), "120 and 110"),
    ("hotlines.yml", lambda data: data["hotlines"].append("不是映射"), r"hotlines\.yml: hotlines\."),
    ("hotlines.yml", lambda data: data["hotlines"][0]["hours"]["weekly"][0].update({"to": "25:00"}), r"25:00"),
    ("hotlines.yml", lambda data: data.clear(), "120 and 110"),
    ("emergency_numbers.yml", lambda data: data["countries"][0].pop("police"), r"emergency_numbers\.yml: countries.*police"),
    ("safety_messages.yml", lambda data: data["sets"].pop("high_self"), r"sets\.high_self: at least two"),
    (
        "safety_messages.yml",
        lambda data: data["sets"]["high_self"].__setitem__(slice(1, None), []),
        r"sets\.high_self: at least two",
    ),
    (
        "safety_messages.yml",
        lambda data: data["sets"]["medical"][0].__setitem__(0, "长" * 91),
        r"sets\.medical\[0\]: 91 characters",
    ),
    (
        "safety_messages.yml",
        lambda data: data["sets"]["medical"][0].extend(["一", "二", "三"]),
        r"sets\.medical\[0\]: must be a list",
    ),
    ("safety_messages.yml", lambda data: data["sets"]["medical"][0].__setitem__(0, 5), r"sets\.medical\[0\]"),
    (
        "safety_messages.yml",
        lambda data: data["sets"]["medical"][0].__setitem__(0, "请打{urgnt}"),
        r"sets\.medical\[0\].*urgnt",
    ),
    ("safety_messages.yml", lambda data: data["lines"]["safe"].__setitem__(0, "半个{括号"), r"lines\.safe"),
    ("safety_messages.yml", lambda data: data["lines"].pop("reminder"), r"lines\.reminder"),
    ("safety_messages.yml", lambda data: data["lines"].update(safe=[]), r"lines\.safe"),
    ("safety_plan.yml", lambda data: data["steps"].pop("alone"), r"safety_plan\.yml: steps\.alone: must be a mapping"),
    ("safety_plan.yml", lambda data: data["steps"]["alone"].pop("title"), r"steps\.alone\.title"),
    ("safety_plan.yml", lambda data: data["steps"]["people"].update(title="长" * 13), r"steps\.people\.title.*12"),
    (
        "safety_plan.yml",
        lambda data: data["steps"]["alone"]["questions"].__delitem__(slice(2, None)),
        r"steps\.alone\.questions: at least 3",
    ),
    ("safety_plan.yml", lambda data: data["steps"]["alone"]["questions"].append("长" * 91), r"steps\.alone\.questions: 91"),
    ("safety_plan.yml", lambda data: data["steps"]["alone"]["examples"].append("{words}"), r"steps\.alone\.examples.*words"),
    (
        "safety_plan.yml",
        lambda data: data["lines"]["more"].append(data["lines"]["more"][0]),
        r"lines\.more: at least 3.*another",
    ),
    ("safety_plan.yml", lambda data: data["lines"].pop("stop"), r"lines\.stop: must be a list"),
    ("safety_plan.yml", lambda data: data["lines"]["resume"].append("{step}" + "长" * 86), r"lines\.resume: 9\d characters"),
    ("safety_plan.yml", lambda data: data["lines"]["heard"].append("“{words}”"), r"lines\.heard.*words"),
    ("safety_plan.yml", lambda data: data["lines"]["numbers"].append("没有号码"), r"lines\.numbers: needs \{lines\}"),
    ("safety_plan.yml", lambda data: data["lines"]["numbers"].append("长" * 30 + "{lines}"), r"lines\.numbers: needs"),
    ("safety_plan.yml", lambda data: data["buttons"].pop("skip"), r"buttons\.skip"),
    ("safety_plan.yml", lambda data: data.pop("buttons"), r"buttons\.begin"),
    ("safety_plan.yml", lambda data: data["card"].update(note=3), r"card\.note"),
    ("safety_messages.yml", lambda data: data["lines"].pop("heard"), r"lines\.heard"),
    ("safety_messages.yml", lambda data: data["sets"].pop("asq_unsaid"), r"sets\.asq_unsaid"),
    ("asq.yml", lambda data: data["questions"].pop("5"), r"asq\.yml: questions\.5"),
    ("asq.yml", lambda data: data["questions"]["when"].pop(), r"questions\.when: at least 3"),
    ("asq.yml", lambda data: data["questions"]["3"].append(data["questions"]["3"][0]), r"questions\.3: at least 3.*another"),
    ("asq.yml", lambda data: data["questions"]["1"].append("“{words}”？"), r"questions\.1.*words"),
    (
        "asq.yml",
        lambda data: data["questions"].update(tired=[f"{{words}}{number}？" for number in range(3)]),
        r"questions\.tired: one wording must do without",
    ),
    ("asq.yml", lambda data: data["again"].pop("joke"), r"again\.joke"),
    ("asq.yml", lambda data: data["heard"].pop("refused"), r"heard\.refused"),
    ("asq.yml", lambda data: data.pop("lead_in"), r"lead_in"),
    ("asq.yml", lambda data: data["help"].append("打{line}"), r"help.*line"),
    ("asq.yml", lambda data: data["help"].append("长" * 78 + "{talk}"), r"help: \d+ characters"),
    ("asq.yml", lambda data: data["closing"].pop("watch"), r"closing\.watch: at least 3"),
    ("asq.yml", lambda data: data["closing"]["none"][0].extend(["一", "二", "三"]), r"closing\.none\[0\]: must be a list"),
    ("asq.yml", lambda data: data["closing"]["high"][0].append("“{words}”"), r"closing\.high\[0\].*words"),
    ("asq.yml", lambda data: data["buttons"]["answer"].pop("refused"), r"buttons\.answer\.refused"),
    ("asq.yml", lambda data: data["buttons"]["when"].update(older="很" * 13), r"buttons\.when\.older.*12"),
    ("asq.yml", lambda data: data["buttons"].pop("tired"), r"buttons\.tired\.yes"),
    ("screening.yml", lambda data: data["lines"].pop("offer"), r"lines\.offer: must be a list"),
    ("screening.yml", lambda data: data["lines"]["where"].pop(), r"lines\.where: at least 3"),
    ("screening.yml", lambda data: data["lines"]["where"].append("{item}"), r"lines\.where.*item"),
    (
        "screening.yml",
        lambda data: data["lines"]["ask"].append("第{number}题，共{of}题，听好了：{item}"),
        r"lines\.ask: 9\d characters",
    ),
    ("screening.yml", lambda data: data["lines"]["ask"].append("{number}/{of}"), r"lines\.ask: needs \{item\}"),
    (
        "screening.yml",
        lambda data: data["lines"]["result"].append("{scale}：{value}分，{band}"),
        r"lines\.result: needs \{lowest\}",
    ),
    ("screening.yml", lambda data: data["lines"]["intro"].append("大约{minutes}分钟，不是诊断。"), r"lines\.intro: needs"),
    ("screening.yml", lambda data: data["buttons"].pop("right"), r"buttons\.right"),
    ("screening.yml", lambda data: data["names"].update(k6="很" * 13), r"names\.k6.*12"),
    ("screening.yml", lambda data: data.update(meant=["完全不会"]), r"screening\.yml: meant"),
    ("handoff.yml", lambda data: data["lines"].pop("late"), r"lines\.late: must be a list"),
    ("handoff.yml", lambda data: data["lines"]["ended"].append("再见。"), r"lines\.ended: must begin with 现在换回小程序助手"),
    (
        "handoff.yml",
        lambda data: data["lines"]["accepted"].append("{name}来了。"),
        r"lines\.accepted: must begin with 现在是真人",
    ),
    ("handoff.yml", lambda data: data["lines"]["place"].append("还要等一会儿。"), r"lines\.place: needs \{ahead\}"),
    ("handoff.yml", lambda data: data["lines"]["next"].append("{minutes}" + "长" * 88), r"lines\.next: 91 characters"),
    ("handoff.yml", lambda data: data["buttons"].pop("cancel"), r"buttons\.cancel"),
    ("canned_replies.yml", lambda data: data["replies"].append("你好"), r"replies\[\d+\]: must be a mapping"),
    (
        "canned_replies.yml",
        lambda data: data["replies"][0].update(group="闲聊"),
        r"replies\.greet_accept\.group: must be one of",
    ),
    ("canned_replies.yml", lambda data: data["replies"][0].update(title="长" * 13), r"replies\.greet_accept\.title.*12"),
    ("canned_replies.yml", lambda data: data["replies"][0].pop("text"), r"replies\.greet_accept\.text: must be a list"),
    ("canned_replies.yml", lambda data: data["replies"][0].update(text="{姓名}，你好"), r"replies\.greet_accept\.text.*姓名"),
    (
        "canned_replies.yml",
        lambda data: data["replies"][0].update(text="{称呼}" + "长" * 79),
        r"replies\.greet_accept\.text: 91 characters",
    ),
    ("canned_replies.yml", lambda data: data["replies"].append(data["replies"][0]), r"replies\.greet_accept:.*twice"),
    (
        "canned_replies.yml",
        lambda data: data.update(replies=[each for each in data["replies"] if each["group"] != "转介"]),
        r"replies: none of the group 转介",
    ),
]


@pytest.mark.parametrize(("name", "change", "said"), BROKEN, ids=[said for _, _, said in BROKEN])
def test_cannot_load_a_wrong_file(folder: Path, name: str, change: Callable[[Any], Any], said: str) -> None:
    _change(folder, name, change)
    with pytest.raises(ContentError, match=said):
        load_content(folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "data", [b"", b"- 1", b"a: [", b"\xff\xfe\xff", None], ids=["empty", "list", "broken", "no utf-8", "missing"]
)
def test_cannot_load_a_file_that_is_no_mapping(folder: Path, name: str, data: bytes | None) -> None:
    if data is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data)
    with pytest.raises(ContentError, match=name.replace(".", r"\.")):
        load_content(folder)


def test_no_canned_reply_says_what_a_safety_reply_must_not() -> None:
    forbidden = re.compile("24小时|保密|保证|答应我|已经在路上|抑郁症|想想你(父母|孩子|家人)|没有吧")
    canned = load_content(ROOT / "content").canned
    assert len(canned) >= 30
    assert [each.id for each in canned if forbidden.search(each.text)] == []
    assert all("120" in each.text or "110" in each.text for each in canned if "12356" in each.text)


def test_canned_replies_are_marked_as_not_yet_reviewed() -> None:
    data = yaml.safe_load((ROOT / "content" / "canned_replies.yml").read_text("utf-8"))
    assert data["licence"]
    assert data["review"] == {"status": "awaiting clinical review", "by": None, "date": None}
