"""The questionnaires' files: each is in order and says what INSTRUMENTS.md says; a wrong one is refused by file, line and field."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pytest

from bot.domain.errors import ContentError, SettingError
from bot.domain.questionnaire_definition import Offer, Questionnaire, SwitchedOn, Wording
from bot.questionnaires.files import CONFIRMED_LOINC, check_switches, load_questionnaire, load_questionnaires
from bot.settings import ROOT

FOLDER = ROOT / "content" / "questionnaires"
FILES = sorted(path.stem for path in FOLDER.glob("*.yml"))
DAY = dt.date(2026, 11, 22)


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Questionnaire]:
    return load_questionnaires(ROOT / "content")


@pytest.mark.parametrize("name", FILES)
def test_every_file_loads(name: str) -> None:
    assert load_questionnaire(FOLDER / f"{name}.yml") == scales()[name]


# INSTRUMENTS.md: items, wording, offer, highest value of the total
FACTS = {
    "phq-9": (9, Wording.COMMON, Offer.SELF, None, 27), "gad-7": (7, Wording.COMMON, Offer.SELF, None, 21),
    "phq-4": (4, Wording.COMMON, Offer.SELF, None, 12), "who-5": (5, Wording.PUBLISHED, Offer.OFF, Offer.SELF, 100),
    "k6": (6, Wording.PUBLISHED, Offer.SELF, None, 24), "dass-21": (21, Wording.PUBLISHED, Offer.INVITE, None, None),
    "cbi-work": (7, Wording.COMMON, Offer.OFF, Offer.SELF, 100), "ucla-3": (3, Wording.COMMON, Offer.OFF, Offer.SELF, 9),
    "audit-c": (3, Wording.COMMON, Offer.OFF, Offer.SELF, 12), "jenkins-4": (4, Wording.OWN, Offer.OFF, Offer.SELF, 20),
    "pc-ptsd-5": (5, Wording.OWN, Offer.INVITE, None, 5),
}  # fmt: skip


def test_every_scale_is_there_with_its_items_wording_and_offer() -> None:
    found = {
        name: (
            sum(item.is_scored for item in each.items), each.provenance.wording, each.offer, each.once_on,
            each.total.highest if each.total else None,
        )
        for name, each in scales().items()
    }  # fmt: skip
    assert found == FACTS


def test_only_confirmed_loinc_codes_stand_there() -> None:
    assert {name: each.loinc for name, each in scales().items() if each.loinc} == CONFIRMED_LOINC


def test_the_family_of_the_phq_has_the_same_options_in_every_file() -> None:
    items = [item for name in ("phq-9", "gad-7", "phq-4") for item in scales()[name].items if item.link_id != "F"]
    assert len({tuple((option.text, option.score) for option in item.options) for item in items}) == 1
    assert len({item.options for item in items if not item.is_confirmed}) == 1  # spoken ways too, but for the item on dying


def test_phq_4_asks_the_items_of_gad_7_and_phq_9() -> None:
    gad, phq = scales()["gad-7"].items, scales()["phq-9"].items
    assert [item.text for item in scales()["phq-4"].items] == [gad[0].text, gad[1].text, phq[0].text, phq[1].text]


def test_only_the_seventh_item_of_the_burnout_scale_is_reversed() -> None:
    assert [(name, item.link_id) for name, each in scales().items() for item in each.items if item.is_reversed] == [
        ("cbi-work", "7")
    ]


def test_an_alerting_suicide_item_is_confirmed_by_a_button() -> None:
    assert [(name, item.link_id) for name, each in scales().items() for item in each.items if item.is_confirmed] == [
        ("phq-9", "9")
    ]


def test_only_who_5_is_better_when_it_is_higher() -> None:
    assert [name for name, each in scales().items() if each.is_higher_better] == ["who-5"]


def test_nothing_unseen_is_offered_without_being_named() -> None:
    for each in scales().values():
        if each.offer is Offer.OFF or each.provenance.wording is Wording.OWN:
            assert each.provenance.unverified, each.id
        if any(not cutoff.is_verified for cutoff in each.cutoffs):
            assert each.provenance.unverified, each.id


WORKER_TEXTS = [
    (name, " ".join(bubbles))
    for name, each in scales().items()
    for source in (*(band for scale in each.scales for band in scale.bands), *each.suggestions)
    for bubbles in source.worker
]
HIGH_BANDS = {
    "phq-9": {"moderately_severe", "severe"}, "gad-7": {"severe"}, "phq-4": {"severe"}, "who-5": {"very_low"}, "k6": {"serious"},
    "dass-21": {"severe", "extremely_severe"}, "pc-ptsd-5": {"at_or_above"},
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), WORKER_TEXTS)
def test_no_text_for_the_worker_names_an_illness_lectures_or_praises(name: str, text: str) -> None:
    assert not re.search(
        r"抑郁症(?!状)|焦虑症(?!状)|创伤后应激障碍|倦怠综合征|酒精依赖|酗酒|患有|患者|确诊|你得了|你有病|恭喜|太棒|很好|继续保持|没事的|别担心|放心|"
        r"亲爱|亲，|应该多|必须|想想你|父母|加油|保证|(?<!\d)\d{3,}|用药|吃药",
        text,
    )


def test_the_highest_bands_name_where_to_go() -> None:
    for name, bands in HIGH_BANDS.items():
        for scale in scales()[name].scales:
            for band in scale.bands:
                if band.id in bands:
                    assert all("精神专科医院或综合医院的精神科、心理科、临床心理科" in "".join(each) for each in band.worker), (
                        band
                    )
                    assert "hospital" in {step.step.value for step in band.next_steps}
                    assert "counsellor" in {step.step.value for step in band.next_steps}


def test_every_band_from_the_middle_up_says_that_it_is_no_diagnosis() -> None:
    for each in scales().values():
        for scale in each.scales:
            for band in scale.bands[1:] if not each.is_higher_better else scale.bands[:-1]:
                text = "".join("".join(bubbles) for bubbles in band.worker)
                assert re.search(r"不是诊断|不是给你这个人下结论|由医生来|医生来判断", text) or len(scale.bands) == 2, (
                    each.id,
                    band.id,
                )


# --- a wrong file --------------------------------------------------------------------------------------------------

BROKEN: list[tuple[str, str, str, str]] = [
    # file, what stands there, what is put in its place, what the error says (after file:line)
    ("phq-9", "also_says: {0:", "also_says: {7:", r"items\[8\]\.also_says\.7: 7 is no score of its options"),
    ("phq-9", "also_says: {0: [没想过", "also_says: {0: [没有", r"items\[8\]\.also_says\.0\[0\]: 没有 stands twice"),
    ("phq-9", "also_says: {0: [没想过", "also_says: {0: [偶尔", r"items\[8\]\.also_says\.0\[0\]: 偶尔 names no option"),
    ("phq-9", "loinc: \"44249-1\"", "loinc: \"44250-9\"", r"loinc: 44250-9 is not confirmed"),
    ("k6", "loinc: null", "loinc: \"44249-1\"", r"loinc: 44249-1 is not confirmed for k6"),
    ("phq-9", "id: phq-9", "id: phq9", r"id: must be the file's name"),
    ("phq-9", "id: phq-9", "id: asq", r"id: asq belongs to the safety flow"),
    ("phq-9", "minutes: 3", "minutes: drei", r"minutes: must be a whole number"),
    ("phq-9", "minutes: 3", "minutes: 0x3", r"minutes: must be a whole number"),
    ("phq-9", "minutes: 3", "minutes: 0", r"minutes: 0 must lie between 1 and 60"),
    ("phq-9", "minutes: 3", "minutes: 3\nminutes: 4", r"minutes: stands twice"),
    ("phq-9", "minutes: 3", "minuts: 3", r"file: minutes is missing"),
    ("phq-9", "minutes: 3", "minutes: 3\nmood: 5", r"mood: is no field here"),
    ("phq-9", "version: \"2026-11-22\"", "version: 2026-11-22", r"version: must be a text"),
    ("phq-9", "offer: self", "offer: off", r"offer: must be one of \"self\", \"invite\", \"off\""),
    ("phq-9", "offer: self", "offer: \"off\"", r"offer: \"off\" needs once_on"),
    ("phq-9", "offer: self", "offer: self\nneeds: 许可", r"needs: only what is \"off\""),
    ("who-5", "once_on: self", "once_on: \"off\"", r"once_on: must be \"self\" or \"invite\""),
    ("phq-9", "wording: common", "wording: rumour", r"wording: must be one of"),
    ("phq-9", "higher_is_better: false", "higher_is_better: no", r"higher_is_better: must be true or false"),
    ("phq-9", "date: null", "date: gestern", r"review\.date: must be a day"),
    ("phq-9", "days: 14", "days: 0", r"period\.days: 0 must lie"),
    ("phq-9", "score: 3\n", "score: 2\n", r"options\.days\.choices\[3\]\.score: the score 2 stands twice"),
    ("phq-9", "[几天, 有几天", "[每天, 有几天", r"options\.days\.choices\[3\]\.says\[0\]: 每天 stands twice, also at 好几天"),
    ("phq-9", "[几天, 有几天", "[有几天, 有几天", r"says\[1\]: 有几天 stands twice"),
    ("phq-9", "[几天, 有几天", "[有时, 有几天", r"says\[0\]: 有时 names no option"),
    ("audit-c", "amounts: [3, 4]", "amounts: [2, 4]", r"choices\[1\]\.amounts: must rise"),
    ("audit-c", "amounts: [3, 4]", "amounts: [4, 3]", r"choices\[1\]\.amounts: must rise"),
    ("audit-c", "amounts: [3, 4]", "amounts: [3, 4, 5]", r"amounts: must be \[from, to\]"),
    ("audit-c", "amounts: [3, 4], ", "", r"choices\[1\]: amounts: .from, to. stands"),
    ("phq-9", "link_id: \"2\"", "link_id: \"1\"", r"items\[1\]\.link_id: the link id 1 stands twice"),
    ("phq-9", "link_id: \"2\"", "link_id: 2", r"items\[1\]\.link_id: must be a text"),
    ("phq-9", "link_id: \"2\"", "link_id: \"2 b\"", r"items\[1\]\.link_id: letters, digits"),
    ("phq-9", "options: difficulty", "options: effort", r"items\[9\]\.options: effort is none of options"),
    ("phq-9", "    scored: false\n", "", r"items\[9\]: implied_score stands beside asked_when"),
    ("phq-9", "{link_id: \"2\",", "{scored: false, link_id: \"2\",", r"items\[1\]: item 2 is not scored, yet in a scale"),
    ("phq-9", "{link_id: \"2\",", "{explain: x, link_id: \"2\",", r"items\[1\]\.explain: stands twice"),
    ("phq-9", "\"9\"], at_least: 1}\n", "\"F\"], at_least: 1}\n", r"items\[9\]\.asked_when\.items\[8\]: F is no item that can stand here"),
    ("phq-9", "text: 感到心情低落、沮丧或绝望", "text: " + "长" * 201, r"items\[1\]\.text: 201 characters"),
    ("jenkins-4", '"3", "4"]', '"3"]', r"items\[3\]: item 4 is in no scale"),
    ("audit-c", "    implied_score: 0\n", "", r"items\[1\]: implied_score stands beside asked_when"),
    ("phq-9", "method: sum", "method: product", r"total\.method: must be one of"),
    ("phq-9", "most: 2", "most: 9", r"total\.missing\.most: 9 must lie between 0 and 8"),
    ("phq-9", "      to: 4\n", "      to: 3\n", r"total\.bands\[1\]: must begin at 4, begins at 5: a gap or an overlap"),
    ("phq-9", "      to: 4\n", "      to: 5\n", r"total\.bands\[1\]: must begin at 6"),
    ("phq-9", "      to: 27\n", "      to: 26\n", r"total\.bands\[4\]: the last band must end at 27"),
    ("phq-9", "      to: 27\n", "      to: 28\n", r"total\.bands\[4\]\.to: 28 must lie between 0 and 27"),
    ("phq-9", "      from: 0\n", "      from: 1\n", r"total\.bands\[0\]: must begin at 0"),
    ("phq-9", "      to: 4\n", "      to: -1\n", r"total\.bands\[0\]\.to: -1 must lie"),
    ("phq-9", "      from: 10\n", "      from: 15\n", r"total\.bands\[2\]\.to: ends before it begins"),
    ("audit-c", "{male: 4, female: 3, unsaid: 3}", "{male: 5, female: 3, unsaid: 3}", r"total\.bands\[1\]: must begin at 4, .*male"),
    ("audit-c", "{male: 4, female: 3, unsaid: 3}", "{male: 4, female: 3}", r"total\.bands\[1\]\.from: unsaid is missing"),
    ("phq-9", "id: minimal", "id: mild", r"total\.bands\[1\]: the band mild stands twice"),
    ("phq-9", "[这两周里，抑郁症状很少，或者没有。,", "[" + "长" * 91 + ",", r"total\.bands\[0\]\.worker\[0\]\[0\]: 91 characters"),
    ("phq-9", "[这两周里，抑郁症状很少，或者没有。,", "[一, 二, 三,", r"total\.bands\[0\]\.worker\[0\]: at most 3 bubbles"),
    ("phq-9", "next: [{exercise: breathing}]", "next: [{exercise: yoga}]", r"bands\[0\]\.next\[0\]\.exercise: must be one of"),
    ("phq-9", "next: [{exercise: breathing}]", "next: [exercise]", r"bands\[0\]\.next\[0\]: exercise needs a value"),
    ("phq-9", "next: [{exercise: breathing}]", "next: [{hospital: near}]", r"next\[0\]\.hospital: hospital takes no value"),
    ("phq-9", "next: [{exercise: breathing}]", "next: [{exercise: breathing, repeat_days: 3}]", r"next\[0\]: must be one step"),
    ("phq-9", "- {scale: total, at_least: 7, sample", "- {scale: sum, at_least: 7, sample", r"cut_offs\[1\]\.scale: sum is no scale"),
    ("phq-9", "level: high, source", "level: imminent, source", r"alerts\[1\]\.level: must be one of"),
    ("phq-9", "at_least: 2}], level: high,", "at_least: 2}],", r"alerts\[1\]: needs level, ask or both"),
    ("phq-9", "[{items: [\"9\"], at_least: 2}]", "[{items: [\"10\"], at_least: 2}]", r"alerts\[1\]\.when\[0\]\.items\[0\]: 10 is no item"),
    ("phq-9", "[{items: [\"9\"], at_least: 2}]", "[{items: [\"9\"]}]", r"alerts\[1\]\.when\[0\]: needs at_least, at_most or both"),
    ("phq-9", "[{items: [\"9\"], at_least: 2}]", "[{at_least: 2}]", r"alerts\[1\]\.when\[0\]: needs items or a scale"),
    ("phq-9", "skipped: true}", "skipped: false}", r"alerts\[2\]\.when\[0\]\.skipped: stands as true"),
    ("phq-9", "at_least: 7, at_most: 9}]", "at_least: 9, at_most: 7}]", r"suggestions\[0\]\.when\[0\]\.at_most: lies below"),
    ("cbi-work", "  method: mean", "  method: mean\n  factor: 2", r"total\.factor: a mean has no factor"),
    ("phq-4", "  anxiety:\n", "  total:\n", r"subscales\.total: total is the name of the whole"),
    ("phq-4", "    items: [\"1\", \"2\"]", "    items: [\"1\", \"1\"]", r"subscales\.anxiety\.items\[1\]: 1 stands twice"),
    ("phq-4", "    items: [\"1\", \"2\"]", "    items: [\"1\", \"7\"]", r"subscales\.anxiety\.items\[1\]: 7 is no item"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "there", "instead", "said"), BROKEN, ids=[f"{name}-{said}" for name, _, _, said in BROKEN])
def test_cannot_load_a_wrong_file_and_the_error_names_its_line(
    tmp_path: Path, name: str, there: str, instead: str, said: str
) -> None:
    text = (FOLDER / f"{name}.yml").read_text("utf-8")
    assert there in text
    path = tmp_path / f"{name}.yml"
    path.write_text(text.replace(there, instead, 1), "utf-8")
    with pytest.raises(ContentError, match=rf"{name}\.yml:\d+: [^ ]*{said}"):
        load_questionnaire(path)


def test_the_line_is_the_one_where_the_fault_stands(tmp_path: Path) -> None:
    lines = (FOLDER / "phq-9.yml").read_text("utf-8").splitlines()
    place = lines.index("minutes: 3")
    lines[place] = "minutes: viel"
    (tmp_path / "phq-9.yml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(ContentError, match=rf"phq-9\.yml:{place + 1}: minutes:"):
        load_questionnaire(tmp_path / "phq-9.yml")


@pytest.mark.parametrize("data", [b"", b"- 1", b"a: [", b"\xff\xfe\xff", b"id: [1", b"? [1]\n: 2"])
def test_cannot_load_what_is_no_mapping_of_names(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "phq-9.yml").write_bytes(data)
    with pytest.raises(ContentError, match=r"phq-9\.yml"):
        load_questionnaire(tmp_path / "phq-9.yml")


def test_a_suggested_questionnaire_must_have_a_file(tmp_path: Path) -> None:
    (tmp_path / "questionnaires").mkdir()
    shutil.copy(FOLDER / "gad-7.yml", tmp_path / "questionnaires" / "gad-7.yml")
    with pytest.raises(ContentError, match=r"gad-7\.yml.*suggests the questionnaire phq-9, which has no file"):
        load_questionnaires(tmp_path)


def test_a_folder_without_questionnaires_is_no_content(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="questionnaires: no questionnaire stands there"):
        load_questionnaires(tmp_path)


def test_two_thousand_items_are_read_and_asked_in_order(tmp_path: Path) -> None:
    text = (FOLDER / "ucla-3.yml").read_text("utf-8").replace("id: ucla-3", "id: long")
    head, tail = text.split("items:\n", 1)[0], text.split("total:\n", 1)[1]
    rows = "".join(f'  - {{link_id: "{n}", text: 第{n}题, options: times, explain: 一样答}}\n' for n in range(1, 2001))
    ids = ", ".join(f'"{n}"' for n in range(1, 2001))
    tail = tail.split("  bands:", 1)[0].replace('["1", "2", "3"]', f"[{ids}]")
    (tmp_path / "long.yml").write_text(f"{head}items:\n{rows}total:\n{tail}", "utf-8")
    found = load_questionnaire(tmp_path / "long.yml")
    assert found.total
    assert (len(found.items), found.total.lowest, found.total.highest) == (2000, 2000, 6000)


# --- switching on --------------------------------------------------------------------------------------------------


def test_what_is_off_stays_off_until_a_named_person_switches_it_on() -> None:
    burnout = scales()["cbi-work"]
    switch = SwitchedOn("cbi-work", "王医生", DAY)
    assert (burnout.offered(()), burnout.is_verified) == (Offer.OFF, False)
    assert burnout.offered([switch]) is Offer.SELF
    assert burnout.offered([SwitchedOn("who-5", "王医生", DAY)]) is Offer.OFF
    assert scales()["dass-21"].offered([SwitchedOn("dass-21", "王医生", DAY)]) is Offer.INVITE


def test_cannot_switch_on_what_has_no_file_or_is_not_off() -> None:
    check_switches(scales(), [SwitchedOn("cbi-work", "王医生", DAY)])
    for name, said in {
        "asq": "no such questionnaire",
        "phq-9": "is not off, its offer is self",
        "dass-21": "its offer is invite",
    }.items():
        with pytest.raises(SettingError, match=rf"SCALES_ON: {name}: .*{said}"):
            check_switches(scales(), [SwitchedOn(name, "王医生", DAY)])
