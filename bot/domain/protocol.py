"""What the gateway itself says and asks when a life may be in danger, with Rasa up or down; pure.

One message goes in with what is known of the worker; out comes what is found now, what is said at once, what follows Rasa's
answer, and how much Rasa is to say. Levels and order: CLINICAL.md; the direct questions: `bot.domain.asq`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeVar

from bot.domain import asq as questions
from bot.domain import safety, safety_plan
from bot.domain.asq import Asq, Verdict
from bot.domain.asq_words import Reading, may_be_tiredness, read_answer, said_already, weary_words
from bot.domain.conversation import ASK_DIRECTLY, OFFER_PLAN, Author, Button, Reply
from bot.domain.hotline import EmergencyNumbers, Hotline, ShownLine, is_mainland, lines_for, tells_abroad
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.domain.safety_plan_state import PlanMessages, PlanState, PlanStatus
from bot.domain.safety_plan_talk import PAYLOAD as PLAN_PAYLOAD

ASQ_PAYLOAD = "/asq"
_RESTS = dt.timedelta(hours=12)  # policy: as long after the direct questions they are not opened again
_LINE_KINDS = frozenset({"emergency", "psychological"})
OWN_KINDS = frozenset({RiskKind.SUICIDE, RiskKind.SELF_HARM, RiskKind.NONE})
_CARD_LINES = 4
_ARRANGEMENTS = frozenset({"farewell", "last_arrangements"})  # cues of content/risk/lexicon.yml
_SHORT_ANSWER = 12  # characters
ABROAD = "abroad"  # no time zone: the country is not known, so 当地急救电话 comes first
NO_PLAN = PlanState(PlanStatus.DECLINED)  # never offered: a bare 好 begins nothing
T = TypeVar("T")


class Voice(str, Enum):
    """How much Rasa says in a turn: its whole answer, one line of hearing before our question, or nothing beside ours."""

    WHOLE = "whole"
    BRIEF = "brief"
    SILENT = "silent"


@dataclass(frozen=True)
class AsqMessages:
    """The texts of content/asq.yml: wordings by question or moment, and the titles of the buttons."""

    version: str
    lead_in: Sequence[str]
    questions: Mapping[str, Sequence[str]]
    again: Mapping[str, Sequence[str]]
    heard: Mapping[str, Sequence[str]]
    help: Sequence[str]
    closing: Mapping[str, Sequence[Sequence[str]]]
    buttons: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Known:
    """What the database knows of the worker before this message; `asq_at` is when the questions last moved.

    `is_shown`: the open question stands in the thread; while it waits for Rasa's words nothing that is typed answers it.
    `is_abroad`: said so once, whatever the phone's clock says.
    """

    asq: Asq | None = None
    asq_at: dt.datetime | None = None
    plan: PlanState = field(default_factory=lambda: NO_PLAN)
    level: RiskLevel = RiskLevel.NONE
    safety_turns: int = 0
    is_shown: bool = True
    is_abroad: bool = False


@dataclass(frozen=True)
class Step:
    """What one message leads to. `finding` is what is stored, `told` what Rasa hears; None for asq or plan leaves it as it is."""

    finding: RiskFinding
    told: RiskFinding
    first: tuple[Reply, ...] = ()
    after: tuple[Reply, ...] = ()
    voice: Voice = Voice.WHOLE
    asq: Asq | None = None
    plan: PlanState | None = None
    safety_set: str | None = None
    tells_abroad: bool = False


@dataclass(frozen=True)
class Place:
    """Where and when the worker is, for the lines that can be dialled there and are open."""

    timezone: str
    now: dt.datetime


class SafetyDesk:
    """Decides for one message; holds texts and numbers, no state."""

    def __init__(
        self, messages: safety.SafetyMessages, asq: AsqMessages, plan: PlanMessages, hotlines: Sequence[Hotline],
        emergency_by_timezone: Mapping[str, EmergencyNumbers],
    ) -> None:  # fmt: skip
        self._messages = messages
        self._asq = asq
        self._plan = plan
        self._hotlines = hotlines
        self._emergency = emergency_by_timezone

    def step(self, text: str, payload: str | None, finding: RiskFinding, known: Known, place: Place) -> Step:
        """The way through one message: danger first, then an open question, then a new one, then the plan, then the talk."""
        place, told_now = self._place(text, known, place)
        return replace(self._step(text, payload, finding, known, place), tells_abroad=told_now)

    def _place(self, text: str, known: Known, place: Place) -> tuple[Place, bool]:
        """Where the worker is by their own words, and whether this message says that it is abroad."""
        told_now = is_mainland(place.timezone) and tells_abroad(text)
        is_abroad = is_mainland(place.timezone) and (known.is_abroad or told_now)
        return (replace(place, timezone=ABROAD) if is_abroad else place), told_now

    def _step(self, text: str, payload: str | None, finding: RiskFinding, known: Known, place: Place) -> Step:
        is_answer = payload is not None and payload.startswith(ASQ_PAYLOAD)  # it names its question, however late it comes
        asq = known.asq if is_answer else self._current(known, place.now)
        finding = _in_context(text, finding, known, asq)
        if asq is not None and asq.open is not None and finding.level < RiskLevel.HIGH:
            if payload is None and not known.is_shown:
                return Step(finding, finding, voice=Voice.BRIEF)
            return self._in_questions(text, payload, finding, known, asq, place)
        if payload is not None and is_answer:
            return self._pressed_late(text, payload, finding, known, asq or Asq(), place)
        return self._found(text, payload, finding, known, place) or self._in_plan(text, payload, finding, known, place)

    def late(self, text: str, finding: RiskFinding, known: Known, place: Place) -> Step:
        """What a finding adds that came after its message was dealt with: its words are no answer a second time."""
        place, _ = self._place(text, known, place)
        known = replace(known, plan=safety_plan.pause(known.plan)) if finding.level >= RiskLevel.HIGH else known
        return self._found(text, None, finding, known, place) or Step(finding, finding)

    def beside_counsellor(
        self, text: str, payload: str | None, finding: RiskFinding, known: Known, place: Place, level: RiskLevel
    ) -> Step:
        """A message while a counsellor leads: screened, and nothing said or asked, but the fixed text where danger rises above `level`.

        A button of a direct question counts for the level as anywhere; other words are for the counsellor alone.
        """
        is_answer = payload is not None and payload.startswith(ASQ_PAYLOAD)
        quiet = known if is_answer else replace(known, asq=None, plan=NO_PLAN)
        step = self.step(text if is_answer or payload is None else "", payload, finding, quiet, place)
        rises = step.finding.level >= RiskLevel.HIGH and step.finding.level > level
        return replace(
            step, told=step.finding, first=tuple(each for each in step.first if each.author is Author.SAFETY) if rises else (),
            after=(), voice=Voice.SILENT, asq=step.asq if is_answer else None, plan=None,
            safety_set=step.safety_set if rises else None,
        )  # fmt: skip

    def _found(self, text: str, payload: str | None, finding: RiskFinding, known: Known, place: Place) -> Step | None:
        """The step that the finding itself calls for: the fixed text, or a new row of questions; None for neither."""
        if finding.level >= RiskLevel.HIGH:
            return self._in_danger(text, finding, known, place)
        if payload is None and known.level < RiskLevel.HIGH and self._calls_for_question(text, finding, known, place.now):
            asq = self._begin(text, finding)
            return Step(
                finding, finding, after=self._question(asq, text, opens=True), voice=Voice.BRIEF, asq=asq,
                plan=safety_plan.pause(known.plan),
            )  # fmt: skip
        return None

    def signalled(self, signals: frozenset[str], text: str, known: Known, now: dt.datetime) -> Step | None:
        """What a signal of the dialogue adds after Rasa's answer: the direct question, or the offer of a plan."""
        nothing = RiskFinding()
        if ASK_DIRECTLY in signals and known.level < RiskLevel.HIGH and self._may_open(known, now, is_wish=True):
            asq = self._begin(text, nothing)
            return Step(nothing, nothing, after=self._question(asq, text, opens=True), asq=asq)
        if OFFER_PLAN in signals and known.level is not RiskLevel.IMMINENT and known.plan.status is not PlanStatus.BUILDING:
            turn = safety_plan.offer(known.plan, self._plan)
            return Step(nothing, nothing, after=turn.bubbles, plan=turn.state)
        return None

    def asked_by_screening(self, finding: RiskFinding, known: Known, place: Place, *, asks: bool) -> Step:
        """What an alert of a questionnaire's answer opens: the fixed text from high up, the direct questions where it asks."""
        if finding.level >= RiskLevel.HIGH:
            return self._in_danger("", finding, known, self._place("", known, place)[0])
        if not asks or self.rests(known, place.now):
            return Step(finding, finding)
        asq = questions.begin(is_tiredness=False)
        return Step(finding, finding, after=self._question(asq, "", opens=True), asq=asq, plan=safety_plan.pause(known.plan))

    def fixed(self, text: str, finding: RiskFinding, turn: int, place: Place, name: str | None = None) -> tuple[Reply, ...]:
        """The fixed bubbles for a finding, from the reviewed texts, the last with the numbers as a card; none below `high`."""
        name = name or safety.safety_set(finding)
        if name is None:
            return ()
        texts = safety.bubbles(self._messages, name, turn, words=safety.quotable(text, finding), **self._spoken(place))  # fmt: skip
        last = len(texts) - 1
        return tuple(
            Reply(each, Author.SAFETY, custom=self.card(place) if at == last else None) for at, each in enumerate(texts)
        )

    def rests(self, known: Known, now: dt.datetime) -> bool:
        """Whether the dialogue is to go on without asking directly: it was asked lately, or a human is on the case."""
        return known.level >= RiskLevel.HIGH or not self._may_open(known, now, is_wish=True)

    def is_asking(self, known: Known, now: dt.datetime) -> bool:
        """Whether a direct question waits for its answer."""
        asq = self._current(known, now)
        return asq is not None and asq.open is not None

    def _in_danger(self, text: str, finding: RiskFinding, known: Known, place: Place) -> Step:
        plan, asq = known.plan, known.asq
        if finding.subject is RiskSubject.OTHER:
            asq = None  # somebody else's danger ends no question about the worker's own life
        if plan.status is PlanStatus.BUILDING:  # a warning sign told in these words is kept; the plan waits all the same
            plan = safety_plan.advance(plan, safety_plan.Said(words=text), self._plan, self._lines(place)).state
        is_new = bool(finding.cues) or finding.level > known.level  # a sentence without a cue gets no second safety text
        return Step(
            finding, finding, first=self.fixed(text, finding, known.safety_turns, place) if is_new else (),
            safety_set=safety.safety_set(finding) if is_new else None,
            asq=replace(asq, open=None) if asq is not None and asq.open is not None else None, plan=safety_plan.pause(plan),
        )  # fmt: skip

    def _in_questions(
        self, text: str, payload: str | None, finding: RiskFinding, known: Known, asq: Asq, place: Place
    ) -> Step:  # fmt: skip
        question, reading = _pressed(payload) if payload else (asq.open, read_answer(asq.open or "", text))
        if payload is not None and question is None:
            return self._in_plan(text, payload, finding, known, place)
        if reading is None:
            return self._passed(text, finding, known, asq, place)
        if payload is not None and question != asq.open:  # a button further up
            return self._pressed_late(text, payload, finding, known, asq, place)
        new = questions.answered(asq, reading)
        alarm = self._alarm(text, finding, known, asq, new, place)
        if alarm.asq is not None and alarm.asq.open is None and new.open is not None:
            return alarm  # imminent: nothing more is asked
        heard = alarm.first or (self._heard(asq, reading),)
        if new.open is None:
            is_high = questions.verdict(new) in (Verdict.HIGH, Verdict.IMMINENT)  # Rasa goes on with what keeps safe
            ending = () if alarm.first else self._closing(new, place)
            voice = Voice.WHOLE if is_high else Voice.SILENT
            return replace(alarm, first=alarm.first or ending, voice=voice)
        help_line = (self._help(asq, place),) if asq.turns == 1 and not (alarm.first or asq.passed) else ()
        return replace(alarm, first=(*heard, *help_line, *self._question(new, text)), voice=Voice.SILENT)

    def _pressed_late(
        self, text: str, payload: str, finding: RiskFinding, known: Known, asq: Asq, place: Place
    ) -> Step:  # fmt: skip
        """A button of a question that is not the open one, or of a row that is over: a yes still counts, nothing else does."""
        question, reading = _pressed(payload)
        if question is None or reading is None:
            return Step(finding, finding)
        new, heard = questions.corrected(asq, question, reading), (self._heard(asq, reading),)
        if new == asq:
            return Step(finding, finding, first=heard, voice=Voice.SILENT)
        alarm = self._alarm(text, finding, known, asq, new, place)
        return replace(alarm, first=alarm.first or heard, voice=Voice.SILENT)

    def _alarm(self, text: str, finding: RiskFinding, known: Known, before: Asq, new: Asq, place: Place) -> Step:
        """The step when answers have moved from `before` to `new`: where they raise the level, the fixed text for that."""
        level, was = questions.level_of(new), questions.level_of(before)
        told = _raised(finding, level, before.open or "") if level > finding.level else finding
        if level <= was:
            return Step(finding, told, asq=new)
        if level < RiskLevel.HIGH:  # the answer itself makes it a case to be read
            return Step(told, told, asq=new)
        is_imminent = level is RiskLevel.IMMINENT
        said_yes = sum(each == "yes" for each in new.answers.values()) > sum(each == "yes" for each in before.answers.values())
        name = safety.safety_set(told) if is_imminent else "asq_high" if said_yes else "asq_unsaid"
        return Step(
            told, told, first=self.fixed(text, told, known.safety_turns, place, name), safety_set=name,
            asq=replace(new, open=None) if is_imminent else new, plan=safety_plan.pause(known.plan),
        )  # fmt: skip

    def _passed(self, text: str, finding: RiskFinding, known: Known, before: Asq, place: Place) -> Step:
        """Something else was told: heard by Rasa; the question comes again when its time is there."""
        new = questions.passed_over(before)
        step = self._alarm(text, finding, known, before, new, place)
        if new.open is None or new.turns == before.turns:
            if new.passed and before.turns == 1:  # the numbers come with the question or in the next turn (CLINICAL.md)
                return replace(step, after=(self._help(before, place),))
            return step
        return replace(step, after=self._question(new, text), voice=Voice.BRIEF)

    def _in_plan(self, text: str, payload: str | None, finding: RiskFinding, known: Known, place: Place) -> Step:
        if payload is not None and not payload.startswith(PLAN_PAYLOAD):
            return Step(finding, finding)
        if max(known.level, finding.level) is RiskLevel.IMMINENT:  # CLINICAL.md: means and company come first
            return Step(finding, finding)
        said = safety_plan.Said(words="" if payload else text, payload=payload)
        turn = safety_plan.advance(known.plan, said, self._plan, self._lines(place))
        if not turn.is_handled:
            return Step(finding, finding, plan=turn.state if turn.state != known.plan else None)
        raised = finding
        if turn.tells_means and finding.level < RiskLevel.HIGH:
            level = RiskLevel.HIGH if known.level >= RiskLevel.WATCH else RiskLevel.WATCH
            raised = _raised(finding, level, "means")
        first = self.fixed(text, raised, known.safety_turns, place) if raised is not finding else ()
        name = safety.safety_set(raised) if first else None
        return Step(raised, raised, first=(*first, *turn.bubbles), voice=Voice.SILENT, plan=turn.state, safety_set=name)

    def _current(self, known: Known, now: dt.datetime) -> Asq | None:
        """The row of questions that is under way; one left lying for hours is over: nobody answers it out of the blue."""
        if known.asq is None or known.asq_at is None or now - known.asq_at > _RESTS:
            return None
        return known.asq

    def _calls_for_question(self, text: str, finding: RiskFinding, known: Known, now: dt.datetime) -> bool:
        is_own = finding.subject is not RiskSubject.OTHER and finding.kind in OWN_KINDS
        if finding.level is not RiskLevel.WATCH or not is_own:
            return False
        return self._may_open(known, now, is_wish=not _is_tiredness(text, finding))

    def _may_open(self, known: Known, now: dt.datetime, *, is_wish: bool) -> bool:
        """Not while a row is under way nor soon after one; a wish is asked about also soon after words of tiredness."""
        asq = self._current(known, now)
        if asq is None:
            return True
        return asq.open is None and is_wish and questions.verdict(asq) is Verdict.TIRED

    def _begin(self, text: str, finding: RiskFinding) -> Asq:
        return questions.begin(is_tiredness=_is_tiredness(text, finding), said=said_already(text))

    def _question(self, asq: Asq, text: str, *, opens: bool = False) -> tuple[Reply, ...]:
        """The open question in its next wording with its buttons; before the first of the row what these questions are."""
        question = asq.open or ""
        words = weary_words(text) or ""
        times = asq.asked[question] - 1
        plain = [each for each in self._asq.questions[question] if "{words}" not in each]
        quoting = [each for each in self._asq.questions[question] if "{words}" in each and words and not times]
        worded = quoting[0].format_map({"words": words}) if quoting else plain[times % len(plain)]
        kind = question if question in self._asq.buttons else "answer"
        buttons = tuple(
            Button(title, ASQ_PAYLOAD + json.dumps({"question": question, "answer": answer}))
            for answer, title in self._asq.buttons[kind].items()
        )
        asked = Reply(worded, buttons=buttons)
        leads = opens and question != questions.TIRED
        return (Reply(_turned(self._asq.lead_in, 0)), asked) if leads else (asked,)

    def _heard(self, before: Asq, reading: Reading) -> Reply:
        moments = {Reading.UNSURE: self._asq.again["unsure"], Reading.JOKE: self._asq.again["joke"]}
        kinds = {Reading.NO: "no", Reading.REFUSED: "refused", Reading.RECENT: "no", Reading.OLDER: "no"}
        wordings = moments.get(reading) or self._asq.heard[kinds.get(reading, "yes")]
        return Reply(_turned(wordings, before.turns))

    def _help(self, asq: Asq, place: Place) -> Reply:
        return Reply(self.filled(_turned(self._asq.help, asq.turns + len(asq.answers)), place), custom=self.card(place))

    def _closing(self, asq: Asq, place: Place) -> tuple[Reply, ...]:
        texts = _turned(self._asq.closing[questions.verdict(asq).value], asq.turns)
        return tuple(Reply(self.filled(each, place)) for each in texts)

    def filled(self, text: str, place: Place) -> str:
        """The text with the numbers for this place."""
        return text.format_map(self._spoken(place))

    def _lines(self, place: Place) -> tuple[ShownLine, ...]:
        local = self._emergency.get(place.timezone)
        return lines_for(self._hotlines, local, place.timezone, place.now, kinds=_LINE_KINDS)

    def _spoken(self, place: Place) -> dict[str, str]:
        return safety.spoken_numbers(self._lines(place), is_mainland(place.timezone))

    def card(self, place: Place) -> dict[str, object]:
        """The numbers that can be dialled here now, as a card of docs/protocol.md."""
        rows = [{"number": line.number, "name": line.name, "hours": line.hours} for line in self._lines(place) if line.number]
        return {"kind": "hotlines", "lines": rows[:_CARD_LINES]}


def _is_tiredness(text: str, finding: RiskFinding) -> bool:
    return may_be_tiredness(text, tuple(cue.name for cue in finding.cues))


def _in_context(text: str, finding: RiskFinding, known: Known, asq: Asq | None) -> RiskFinding:
    """The finding as what was said before makes it: last arrangements beside an own cue are a farewell (CLINICAL.md, imminent),
    and a short plain answer to an open question is that answer, not what a sentence without any cue looks like."""
    names = {cue.name for cue in finding.cues}
    is_recent = known.level >= RiskLevel.HIGH or (known.level is RiskLevel.WATCH and asq is not None)
    if is_recent and names & _ARRANGEMENTS and finding.level < RiskLevel.IMMINENT:
        return replace(finding, level=RiskLevel.IMMINENT, subject=RiskSubject.SELF, kind=RiskKind.SUICIDE)
    is_answer = asq is not None and asq.open is not None and known.is_shown and read_answer(asq.open, text) is not None
    if not names and finding.level >= RiskLevel.HIGH and is_answer and len(text) <= _SHORT_ANSWER:
        return RiskFinding(score=finding.score, model_version=finding.model_version, lexicon_version=finding.lexicon_version)
    return finding


def _pressed(payload: str) -> tuple[str | None, Reading | None]:
    """Question and answer of a button of ours; (None, None) for any other button."""
    if not payload.startswith(ASQ_PAYLOAD):
        return None, None
    data = json.loads(payload.removeprefix(ASQ_PAYLOAD))
    answer = {"unsaid": "refused"}.get(data["answer"], data["answer"])
    return str(data["question"]), Reading(answer)


def _raised(finding: RiskFinding, level: RiskLevel, question: str) -> RiskFinding:
    """The finding at the level that an answer gives; the cue names the question, and quotes nothing."""
    kind = finding.kind if finding.kind in (RiskKind.SUICIDE, RiskKind.SELF_HARM) else RiskKind.SUICIDE
    cue = Cue(f"asq_{question}", 0, 0)
    return replace(finding, level=level, subject=RiskSubject.SELF, kind=kind, cues=(*finding.cues, cue))


def _turned(wordings: Sequence[T], count: int) -> T:
    return wordings[count % len(wordings)]
