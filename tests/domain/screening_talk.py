"""A screening as a person goes through it, for tests: saying, pressing by the number of an option, and what came of it."""

from __future__ import annotations

import json
from functools import lru_cache

from bot.content import load_content
from bot.domain.conversation import Button, Reply
from bot.domain.questionnaire_definition import AlertRule, Questionnaire
from bot.domain.screening import Said, advance, begin, resume
from bot.domain.screening_state import RunStatus, ScreeningMessages, ScreeningState
from bot.domain.screening_talk import Nearest, Paper, ScreeningTurn
from bot.questionnaires.files import load_questionnaires
from bot.settings import ROOT


@lru_cache(maxsize=1)
def texts() -> ScreeningMessages:
    return load_content(ROOT / "content").screening


@lru_cache(maxsize=1)
def scales() -> dict[str, Questionnaire]:
    return load_questionnaires(ROOT / "content")


def paper(name: str, nearest: Nearest | None = None) -> Paper:
    return Paper(scales()[name], texts(), nearest)


class Run:
    """One run; its state goes through JSON at each turn, as a restart of every process would have it."""

    def __init__(
        self, name: str = "phq-9", *, run_id: str = "r1", has_consent: bool = True, is_invited: bool = False,
        nearest: Nearest | None = None,
    ) -> None:  # fmt: skip
        self.paper = paper(name, nearest)
        self.alerts: list[AlertRule] = []
        self.result = ""
        self.turn = ScreeningTurn(ScreeningState(run_id, name, self.paper.questionnaire.version))
        self._note(begin(self.paper, run_id, has_consent=has_consent, is_invited=is_invited))

    def _note(self, turn: ScreeningTurn) -> ScreeningTurn:
        if turn.state.status is RunStatus.FINISHED and self.turn.state.status is not RunStatus.FINISHED:
            self.result = "\n".join(bubble.text for bubble in turn.bubbles)
        self.turn = turn
        self.alerts += turn.alerts
        if turn.bubbles:
            self.shown = turn.bubbles
        return turn

    @property
    def state(self) -> ScreeningState:
        return ScreeningState.from_json(json.loads(json.dumps(self.turn.state.to_json())))

    @property
    def buttons(self) -> list[Button]:
        return [button for bubble in self.shown for button in bubble.buttons]

    @property
    def text(self) -> str:
        return "\n".join(bubble.text for bubble in self.turn.bubbles)

    def say(self, words: str) -> ScreeningTurn:
        return self._note(advance(self.state, Said(words), self.paper))

    def press(self, payload: str) -> ScreeningTurn:
        return self._note(advance(self.state, Said(payload=payload), self.paper))

    def button(self, place: int) -> ScreeningTurn:
        """Presses the button of this number, of those shown last."""
        return self.press(self.buttons[place].payload)

    def titled(self, title: str) -> ScreeningTurn:
        """Presses the button with this title, of those shown last."""
        return self.press(next(each.payload for each in self.buttons if each.title == title))

    def answer(self, *scores: int) -> ScreeningTurn:
        """Presses these options of the items as they are asked."""
        for score in scores:
            self.press(next(each.payload for each in self.buttons if json.loads(each.payload[10:]).get("score") == score))
        return self.turn

    def resume(self) -> ScreeningTurn:
        return self._note(resume(self.state, self.paper))


def asks(bubble: Reply, link_id: str) -> bool:
    """Whether this bubble holds the buttons of an item."""
    return any(
        json.loads(button.payload[10:]).get("item") == link_id for button in bubble.buttons if "/screening" in button.payload
    )
