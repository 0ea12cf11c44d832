"""One turn of a screening as it is put together: the next wording of each text, the open question with its buttons, the state."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from bot.domain.conversation import Button, Reply
from bot.domain.questionnaire import progress, score
from bot.domain.questionnaire_definition import AlertRule, Item, Numbers, Option, Questionnaire, Sex
from bot.domain.screening_state import RunStatus, ScreeningMessages, ScreeningState
from bot.domain.screening_words import RunWish

PAYLOAD = "/screening"
_MAX_BUBBLE = 90  # CLINICAL.md
SEX_PLACE = "_sex"  # no link id of a file can begin like this
SEXES = (Sex.MALE, Sex.FEMALE, Sex.UNSAID)
FAILURES_BEFORE_SKIPPING = 2
_SENTENCE = re.compile(r"[^。；;！？?!]*[。；;！？?!]?")
Filled = Optional[Mapping[str, str]]  # what stands in a text's blanks
Nearest = Callable[[str, Sequence[Option]], Optional[tuple[int, float]]]


@dataclass(frozen=True)
class Paper:
    """What a run is led from: its own version of the definition, the texts, and what compares meanings where words do not decide.

    `nearest(words, options)` gives the place of the nearest option and its lead over the next one; None where it is not loaded.
    """

    questionnaire: Questionnaire
    messages: ScreeningMessages
    nearest: Nearest | None = None

    @property
    def name(self) -> str:
        """How the questionnaire is called in talk."""
        return self.messages.names.get(self.questionnaire.id, self.questionnaire.title)

    def item(self, link_id: str) -> Item | None:
        """An item of the definition, or the question about the sex that some bands need."""
        if link_id != SEX_PLACE:
            return self.questionnaire.by_link_id.get(link_id)
        titles = (self.messages.buttons[sex.value] for sex in SEXES)
        options = tuple(Option(title, place) for place, title in enumerate(titles))
        return Item(
            SEX_PLACE, self.messages.lines["sex"][0], options, self.messages.lines["sex"][0], Numbers.NOTHING, is_scored=False
        )


@dataclass(frozen=True)
class ScreeningTurn:
    """What to say and where the run stands after it.

    `is_handled`: the message belonged to the screening, and nobody else answers it. `is_story`: it is to be heard in one line
    first, then come `bubbles`. With neither it belongs to the conversation. `alerts` are rules that fire now and did not before;
    then the run waits, and goes on by `resume`. `is_consent`: the worker has just agreed to assessment; `is_shared`: has just
    decided whether a counsellor may see this result.
    """

    state: ScreeningState
    bubbles: tuple[Reply, ...] = ()
    is_handled: bool = True
    alerts: tuple[AlertRule, ...] = ()
    is_story: bool = False
    is_consent: bool = False
    is_shared: bool | None = None


class Talk:
    """Collects the bubbles of one turn; `state` is where the run stands after what was said so far."""

    def __init__(self, state: ScreeningState, paper: Paper) -> None:
        self.state = state
        self.paper = paper
        self.alerts: tuple[AlertRule, ...] = ()
        self.is_consent = False
        self.is_shared: bool | None = None
        self._bubbles: list[Reply] = []

    def turn(self) -> ScreeningTurn:
        return ScreeningTurn(
            self.state, tuple(self._bubbles), alerts=self.alerts, is_consent=self.is_consent, is_shared=self.is_shared
        )

    def change(self, **values: Any) -> None:
        self.state = replace(self.state, **values)

    def say(self, moment: str, buttons: Sequence[Button] = (), *, counted: str = "", filled: Filled = None) -> None:
        """The next wording of a set of lines, counted under its name so that none comes twice running."""
        wordings = self.paper.messages.lines[moment]
        key = counted or moment
        count = self.state.asked.get(key, 0)
        self.change(asked={**self.state.asked, key: count + 1})
        self.say_text(wordings[(count + self.seed) % len(wordings)].format_map(filled or {}), buttons)

    def say_text(self, text: str, buttons: Sequence[Button] = ()) -> None:
        """A text as it stands, in as many bubbles as its length needs; the buttons under the last."""
        pieces = _pieces(text)
        self._bubbles += [Reply(piece) for piece in pieces[:-1]]
        self._bubbles.append(Reply(pieces[-1], buttons=tuple(buttons)))

    def show(self, card: dict[str, object]) -> None:
        """A card under the last bubble."""
        self._bubbles[-1] = replace(self._bubbles[-1], custom=card)

    @property
    def seed(self) -> int:
        return seed_of(self.state.run_id)

    def button(self, wish: RunWish, **data: object) -> Button:
        """A button of this run that stands for a wish."""
        return Button(self.paper.messages.buttons[wish.value], packed({"do": wish.value, "run": self.state.run_id, **data}))

    @property
    def item(self) -> Item | None:
        return self.paper.item(self.state.place)

    def where(self) -> dict[str, str]:
        """The blanks that say where the run stands."""
        return {
            "number": str(number_of(self.paper, self.state, self.state.place)),
            "of": str(length_of(self.paper, self.state)),
        }

    def ask(self, *, with_lead: bool = False) -> None:
        """The open question in its next form, with a button for each option; after failures also to skip or stop."""
        item = self.item
        if item is None:
            return
        self.change(status=RunStatus.ASKING, pending=None, offers="")
        if item.is_scored and (with_lead or "lead_in" not in self.state.asked):
            self.change(asked={**self.state.asked, "lead_in": 1})
            self.say_text(self.paper.questionnaire.lead_in)
        buttons = [self._option(item, option) for option in item.options]
        if self.state.failures >= FAILURES_BEFORE_SKIPPING:
            buttons += [self.button(RunWish.SKIP, item=item.link_id), self.button(RunWish.STOP)]
        if item.link_id == SEX_PLACE:
            self.say("sex", buttons)
        elif not item.is_scored and item.asked_when is not None:
            self.say("ask_extra", buttons, counted=f"ask {item.link_id}", filled={"item": item.text})
        else:
            self.say("ask", buttons, counted=f"ask {item.link_id}", filled={"item": item.text, **self.where()})

    def _option(self, item: Item, option: Option) -> Button:
        data = {
            "questionnaire": self.state.questionnaire_id,
            "run": self.state.run_id,
            "item": item.link_id,
            "score": option.score,
        }
        return Button(option.text, packed(data))

    def confirm(self, item: Item, option: Option) -> None:
        """Words read as this option of an item that only a button settles."""
        self.change(status=RunStatus.CONFIRMING, pending=option.score, offers="")
        yes = replace(self._option(item, option), title=self.paper.messages.buttons["right"])
        buttons = [yes, self.button(RunWish.NOT_RIGHT, item=item.link_id)]
        if self.state.failures >= FAILURES_BEFORE_SKIPPING:
            buttons += [self.button(RunWish.SKIP, item=item.link_id), self.button(RunWish.STOP)]
        self.say("confirm", buttons, filled={"option": option.text})

    def explain_options(self) -> None:
        """What can be chosen, each with what it means where the content says so."""
        if self.item is not None:
            meant = self.paper.messages.meant
            parts = [f"{each.text}（{meant[each.text]}）" if each.text in meant else each.text for each in self.item.options]
            self.say_text("；".join(parts) + "。")
            if self.item.numbers is Numbers.AMOUNT:
                self.say_text(self.item.explanation)  # an amount means nothing without its measure

    def needs_sex(self) -> bool:
        """Whether the band of this score differs by sex, so that it is asked, for this score alone."""
        if not self.paper.questionnaire.asks_sex or self.state.sex is not None:
            return False
        bands = [score(self.paper.questionnaire, self.state.answers, sex).band for sex in SEXES]
        return len({band.id for band in bands if band is not None}) > 1


def seed_of(run_id: str) -> int:
    """Which wording a run begins with: not the same one every time, and for one run always the same."""
    return sum(map(ord, run_id))


def number_of(paper: Paper, state: ScreeningState, link_id: str) -> int:
    """The number of an item as it is shown, 1 and up; questions outside the score count with the item before them."""
    before = 0
    for item in paper.questionnaire.items:
        if item.link_id == link_id:
            return before + 1 if _is_counted(item) else max(1, before)
        before += _is_counted(item) and item.link_id in state.answers
    return max(1, before)


def length_of(paper: Paper, state: ScreeningState) -> int:
    """How many numbered questions there are, as far as the answers tell."""
    return progress(paper.questionnaire, state.answers).of


def numbered(paper: Paper, state: ScreeningState) -> list[Item]:
    """The items that can be gone back to, in the order of their numbers: answered, skipped or open."""
    return [
        each
        for each in paper.questionnaire.items
        if _is_counted(each) and (each.link_id in state.answers or each.link_id == state.place)
    ]


def _is_counted(item: Item) -> bool:
    return item.is_scored or item.asked_when is None


def packed(data: dict[str, object]) -> str:
    return PAYLOAD + json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _pieces(text: str) -> list[str]:
    """The text in bubbles of at most 90 characters, cut after sentences where it can be."""
    pieces = [""]
    for sentence in filter(None, _SENTENCE.findall(text)):
        if len(pieces[-1] + sentence) <= _MAX_BUBBLE:
            pieces[-1] += sentence
        else:
            pieces += [sentence[start : start + _MAX_BUBBLE] for start in range(0, len(sentence), _MAX_BUBBLE)]
    return [piece for piece in pieces if piece]
