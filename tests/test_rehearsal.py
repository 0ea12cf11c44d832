"""Replay and personas count and judge what a gateway answers; a worker's text is never printed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_gateway import Answer, FakeGateway, Frame, Line, bubble_frame, echo

from bot.cli import main
from bot.domain.errors import ContentError
from bot.domain.risk import RiskLevel
from bot.rehearsal.personas import LEVEL, Persona, load_persona, load_personas, rehearse, table, transcript
from bot.rehearsal.replay import Dialogue, Fallbacks, Report, read_dialogues, replay
from bot.rehearsal.rubric import CHECKS
from bot.settings import ROOT

PERSONAS = ROOT / "tests" / "dialogue" / "safety"
FALLBACKS = Fallbacks({"safe_line": ["收到了，急的话打{urgent}。"], "clarifying": ["你想说的是哪一样？"]})
Start = Callable[[Answer], Awaitable[str]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    running: list[FakeGateway] = []

    async def make(answer: Answer = echo) -> str:
        running.append(FakeGateway(answer))
        return await running[-1].start()

    yield make
    for gateway in running:
        await gateway.server.close()


def _answers(*by_turn: tuple[str, ...], author: str = "bot") -> Answer:
    """Answers turn after turn with these bubbles."""
    left: Iterator[tuple[str, ...]] = iter(by_turn)

    async def answer(line: Line, frame: Frame) -> None:
        await line.store(frame)
        await line.turn(*next(left), author=author)

    return answer


async def _replayed(origin: str, turns: int = 3, patience: float = 5.0) -> Report:
    dialogue = Dialogue("d", tuple(f"第{number}句" for number in range(turns)))
    return await replay([dialogue], origin, FALLBACKS, patience_seconds=patience, resend_seconds=0.01)


async def test_answered_turns_are_counted_and_timed(start: Start) -> None:
    report = await _replayed(await start(echo))
    assert (report.dialogues, report.turns, report.answered, report.unanswered) == (1, 3, 3, 0)
    assert len(report.seconds) == 3
    assert 0 < report.percentile(0.5) <= report.percentile(0.95)
    assert report.is_good


async def test_a_bubble_said_again_in_the_next_reply_is_a_repeat_and_one_said_later_is_not(start: Start) -> None:
    report = await _replayed(await start(_answers(("嗯", "我在"), ("你说", "我在"), ("嗯",))))
    assert (report.repeated, report.followed, report.repeated_share) == (1, 2, 0.5)
    assert not report.is_good


async def test_fallbacks_are_told_apart_from_replies_with_their_blanks_filled(start: Start) -> None:
    report = await _replayed(await start(_answers(("收到了，急的话打120或110。",), ("你想说的是哪一样？",), ("嗯",))))
    assert report.figures()["safe_lines"] == 1
    assert report.figures()["clarifying"] == 1


async def test_turns_with_a_safety_text_are_crises(start: Start) -> None:
    report = await _replayed(await start(_answers(("先打120", "我在"), (), ("好",), author="safety")))
    assert report.crises == 2
    assert report.unanswered == 1


async def test_the_rate_limit_is_waited_out_and_is_no_error(start: Start) -> None:
    refusals = [True, True, False, True, False, False]

    async def answer(line: Line, frame: Frame) -> None:
        await (line.refuse("rate_limited", frame) if refusals.pop(0) else echo(line, frame))

    report = await _replayed(await start(answer))
    assert (report.turns, report.answered, dict(report.errors)) == (3, 3, {})
    assert refusals == []


async def test_errors_are_counted_by_code_and_a_silent_turn_as_unanswered(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        if frame["text"] == "第0句":
            await line.refuse("empty", frame)
        elif frame["text"] == "第1句":
            await line.store(frame)
        else:
            await echo(line, frame)

    report = await _replayed(await start(answer), patience=0.3)
    assert (dict(report.errors), report.unanswered, report.answered) == ({"empty": 1}, 1, 1)
    assert not report.is_good


async def test_dialogues_run_side_by_side_but_never_more_than_asked_for(start: Start) -> None:
    under_way, most = 0, 0
    pair = asyncio.Event()

    async def answer(line: Line, frame: Frame) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 2:
            pair.set()
        await asyncio.wait_for(pair.wait(), 5)
        under_way -= 1
        await echo(line, frame)

    dialogues = [Dialogue(str(number), ("一句", "两句")) for number in range(5)]
    report = await replay(dialogues, await start(answer), FALLBACKS, at_once=2)
    assert most == 2
    assert (report.dialogues, report.answered) == (5, 10)


async def test_a_gateway_that_is_away_is_an_error_for_each_dialogue() -> None:
    report = await replay([Dialogue("a", ("一句",)), Dialogue("b", ("一句",))], "http://127.0.0.1:9", FALLBACKS)
    assert dict(report.errors) == {"line_lost": 2}


def test_a_row_that_is_no_dialogue_is_named_by_its_line_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('{"id": "a", "turns": ["你好"]}\n\n{"id": "b", "turns": "我想死"}\n{"turns": []}\n', "utf-8")
    with pytest.raises(ContentError, match="line 3") as error:
        read_dialogues(path)
    assert "我想死" not in str(error.value)
    path.write_text('{"id": "a", "turns": ["你好", "在吗"]}\n', "utf-8")
    assert read_dialogues(path) == [Dialogue("a", ("你好", "在吗"))]


def test_the_projects_own_fallbacks_are_known() -> None:
    known = Fallbacks.of_project(ROOT)
    assert known.kind_of(bubble_frame("我怕听岔了。你想说的是哪一方面？点一个，或者换句话告诉我都行。")) == "clarifying"
    assert known.kind_of(bubble_frame("我还在这儿。刚才那一下没接上，你的话我留着，等会儿接着聊。")) == "safe_line"
    assert known.kind_of(bubble_frame("嗯，我听着。")) is None


def _persona(folder: Path, text: str, name: str = "worker") -> Persona:
    path = folder / f"{name}.yml"
    path.write_text(text, "utf-8")
    return load_persona(path)


PLAIN = """
who: somebody
voice: plain
level: watch
at_most: watch
checks: [asks_suicide, human_here]
turns: [一, 二, 三, 四, 五, 六]
answers:
  - {when: 谁知道, say: 没谁}
  - {when: '多久', say: 三个月}
"""


async def test_a_persona_answers_what_was_asked_last_once_each_and_else_goes_on_in_order(start: Start, tmp_path: Path) -> None:
    replies = [("谁知道这事？", "多久了？"), ("谁知道这事？",), ("多久了？",), ("嗯",), ("好",), ("在",), ("行",), ("哦",)]
    [verdict] = await rehearse([_persona(tmp_path, PLAIN)], await start(_answers(*replies)))
    assert [turn.said for turn in verdict.talk.exchanges] == ["一", "三个月", "没谁", "二", "三", "四", "五", "六"]
    assert LEVEL in verdict.faults  # the export of this fake names no level


async def test_the_level_is_read_from_the_workers_own_record_and_must_lie_between_both_ends(tmp_path: Path) -> None:
    for level, at_fault in (("none", True), ("watch", False), ("high", True)):
        gateway = FakeGateway(_answers(*[("嗯",)] * 6))
        gateway.levels["三"] = level
        [verdict] = await rehearse([_persona(tmp_path, PLAIN)], await gateway.start())
        await gateway.server.close()
        assert (LEVEL in verdict.faults) is at_fault
        assert verdict.talk.levels[2] is RiskLevel(level)


async def test_a_talk_that_breaks_off_is_a_fault(start: Start, tmp_path: Path) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await (line.refuse("internal", frame) if frame["text"] == "二" else echo(line, frame))

    [verdict] = await rehearse([_persona(tmp_path, PLAIN)], await start(answer))
    assert verdict.faults["answered"] == "broken off after turn 1: internal"


async def test_the_table_shows_yes_no_and_what_does_not_matter(start: Start, tmp_path: Path) -> None:
    replies = [("有没有想过死？",), ("想好了告诉我",), ("嗯",), ("嗯",), ("好",), ("在",)]
    [verdict] = await rehearse([_persona(tmp_path, PLAIN)], await start(_answers(*replies)))
    assert [verdict.cell(name) for name in ("asks_suicide", "human_here", "asks_plan", "short_bubbles", "no_bubble_twice")] == [
        "✓", "✗", "–", "✓", "✗",
    ]  # fmt: skip
    shown = table([verdict])
    assert "0 of 1 personas without a fault" in shown
    assert "worker: human_here: never said" in shown
    assert "有没有想过死？" in transcript(verdict)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("turns: [一, 二, 三, 四, 五, 六]", "turns: [一, 二]", "turns"),
        ("[asks_suicide,", "[asks_nothing,", "asks_nothing"),
        ("[asks_suicide,", "[no_methods,", "no_methods"),
        ("level: watch\n", "level: loud\n", "loud"),
        ("who: somebody", "whom: somebody", "fields"),
        ("when: '多久'", "when: '(多久'", "error"),
        ("voice: plain", "", "voice"),
    ],
)
def test_cannot_load_a_persona_with_a_wrong_field(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ContentError, match=named) as error:
        _persona(tmp_path, PLAIN.replace(old, new, 1))
    assert "worker.yml" in str(error.value)


def test_cannot_rehearse_a_folder_without_personas(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no personas"):
        load_personas(tmp_path)


def test_our_personas_load_cover_every_duty_and_all_levels() -> None:
    personas = load_personas(PERSONAS)
    assert len(personas) >= 22
    duties = {name for name, check in CHECKS.items() if not check.is_bound}
    assert set().union(*(persona.checks for persona in personas)) == duties
    assert {persona.level for persona in personas} == set(RiskLevel)
    assert len({persona.voice for persona in personas}) == len(personas)


def test_rasa_takes_no_persona_for_training_data_or_a_story() -> None:
    """Rasa looks for a line that begins, even indented, with one of its keys (DESIGN 1.5)."""
    for path in PERSONAS.glob("*.yml"):
        keys = {line.strip().split(":")[0] for line in path.read_text("utf-8").splitlines()}
        assert not keys & {"nlu", "rules", "stories", "responses", "e2e_tests", "version"}


async def test_the_commands_print_figures_and_tables_and_end_with_one_when_something_is_wrong(
    start: Start, tmp_path: Path
) -> None:
    """The gateway of the test lives on this loop, so the commands run in a thread."""
    path = tmp_path / "d.jsonl"
    path.write_text('{"id": "a", "turns": ["悄悄话", "还有"]}\n', "utf-8")
    _persona(tmp_path / ".", PLAIN)
    origin = await start(echo)

    async def run(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, [*words, "--origin", origin])
        return result.exit_code, result.output

    code, said = await run("replay", str(path), "--json")
    assert code == 0, said
    assert json.loads(said)["answered"] == 2
    code, said = await run("replay", str(path))
    assert code == 0
    assert "悄悄话" not in said
    code, said = await run("personas", str(tmp_path))
    assert code == 1
    assert "asks_suicide" in said
    assert "听到了：一" not in said
    assert "听到了：一" in (await run("personas", str(tmp_path), "--talks"))[1]
    path.write_text('{"id": "a", "turns": ["", "还有"]}\n{"id": "b", "turns": ["x"]}\n', "utf-8")
    code, _ = await run("replay", str(path), "--at-once", "0")
    assert code == 2
