"""One turn of the safety plan as it is put together: the next wording of each text, the buttons, the card, and the state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from bot.domain.conversation import Button, Reply
from bot.domain.hotline import ShownLine
from bot.domain.safety_plan_state import STEPS, PlanMessages, PlanState, PlanStatus, PlanStep
from bot.domain.safety_plan_words import Wish

PAYLOAD = "/plan"
CARD = "safety_plan"
_MAX_BUBBLE = 90  # CLINICAL.md
Filled = Optional[Mapping[str, str]]  # what stands in a text's blanks
_OF_ONE_STEP = frozenset({Wish.SKIP, Wish.DONE, Wish.CLEAR, Wish.KEEP})


@dataclass(frozen=True)
class PlanTurn:
    """What to say and where the plan stands after it; at most three bubbles.

    Where `is_handled` is False the message belongs to the conversation and `bubbles` is empty. `tells_means` is True when the
    worker says that something to hurt themselves with is at hand, and not that it is out of reach.
    """

    state: PlanState
    bubbles: tuple[Reply, ...] = ()
    is_handled: bool = True
    tells_means: bool = False


class Talk:
    """Collects the bubbles of one turn; `state` is where the plan stands after what was said so far."""

    def __init__(self, state: PlanState, messages: PlanMessages, lines: Sequence[ShownLine]) -> None:
        self.state = state
        self.messages = messages
        self.tells_means = False
        self._lines = lines
        self._bubbles: list[Reply] = []

    def turn(self) -> PlanTurn:
        return PlanTurn(self.state, tuple(self._bubbles), tells_means=self.tells_means)

    def change(self, **values: Any) -> None:
        self.state = replace(self.state, **values)

    def say(
        self, name: str, *, buttons: Sequence[Wish] = (), card: dict[str, object] | None = None, filled: Filled = None
    ) -> None:
        """The next wording of a set of lines."""
        self.say_one_of(name, self.messages.lines[name], buttons=buttons, card=card, filled=filled)

    def say_one_of(
        self, name: str, wordings: Sequence[str], *, buttons: Sequence[Wish] = (), card: dict[str, object] | None = None,
        filled: Filled = None,
    ) -> None:  # fmt: skip
        """The next of these wordings, counted under `name`, so that none comes twice running."""
        count = self.state.asked.get(name, 0)
        text = wordings[count % len(wordings)].format_map(filled or {})
        self.change(asked={**self.state.asked, name: count + 1})
        self._bubbles.append(Reply(text, buttons=tuple(map(self._button, buttons)), custom=card))

    def ask(self, extra: tuple[Wish, ...] = ()) -> None:
        """The question of the step in its next wording; the lines to call come with it the first time."""
        step = self.state.place
        if step is PlanStep.PROFESSIONALS and step.value not in self.state.asked:
            self._say_numbers()
        buttons = self.answered() if self.state.pieces(step) else (Wish.SKIP, Wish.STOP)
        self.say_one_of(step.value, self.messages.steps[step].questions, buttons=(*extra, *buttons))

    def answered(self) -> tuple[Wish, ...]:
        """The buttons where something stands in the step."""
        return (Wish.DONE, Wish.CLEAR, Wish.STOP)

    def where(self) -> dict[str, str]:
        """The blanks that say where the plan stands."""
        return {"number": str(self.state.place.number), "step": self.messages.steps[self.state.place].title}

    def add(self, piece: str) -> None:
        """One more answer to the step; said twice it stands once."""
        pieces = self.state.pieces(self.state.place)
        self.put(pieces if piece in pieces else (*pieces, piece))

    def put(self, pieces: tuple[str, ...]) -> None:
        others = {step: said for step, said in self.state.answers.items() if step is not self.state.place}
        self.change(answers={**others, self.state.place: pieces} if pieces else others, pending="")

    def move(self, step: PlanStep) -> None:
        """Opens a step, also one that was done."""
        self.change(place=step, closed=self.state.closed - {step}, has_asked_more=False, pending="")

    def close(self) -> None:
        """The step is done: the next open one after it is asked, else one before it, else the plan is whole."""
        place = self.state.place
        self.change(closed=self.state.closed | {place})
        after = STEPS[place.number :] + STEPS[: place.number]
        following = next((step for step in after if step not in self.state.closed), None)
        self.move(following or place)
        if following:
            self.ask()
        else:
            self._finish()

    def _finish(self) -> None:
        self.change(status=PlanStatus.FINISHED, closed=frozenset(STEPS))
        self.say("finished" if self.state.pieces_count else "finished_empty", card=self.card())
        self.say("keeping", buttons=(Wish.SHOW,))

    def card(self) -> dict[str, object]:
        """The plan as docs/protocol.md names it; the extra step stands there only when something was said to it."""
        steps: list[dict[str, object]] = []
        for step in STEPS:
            answers = list(self.state.pieces(step))
            if step is PlanStep.WORTH_LIVING and not answers:
                continue
            row: dict[str, object] = {"title": self.messages.steps[step].title}
            if step is PlanStep.PROFESSIONALS:
                row["lines"] = [
                    {"number": each.number, "name": each.name, "hours": each.hours} for each in self._lines if each.number
                ]
                answers = [*(f"{each.name}（{each.hours}）" for each in self._lines if not each.number), *answers]
            row["answers"] = answers or ([] if row.get("lines") else [self.messages.card["empty"]])
            steps.append(row)
        return {"kind": CARD, "title": self.messages.card["title"], "note": self.messages.card["note"], "steps": steps}

    def _say_numbers(self) -> None:
        """As many of the lines as a bubble holds, in their order: emergency numbers come first."""
        shown = [f"{line.name}{line.number}（{line.hours}）" for line in self._lines]
        room = _MAX_BUBBLE - max(map(len, self.messages.lines["numbers"])) + len("{lines}")
        while len("、".join(shown)) > room:
            shown.pop()
        if shown:
            self.say("numbers", filled={"lines": "、".join(shown)})

    def _button(self, wish: Wish) -> Button:
        data = {"do": wish.value, "at": self.state.place.value} if wish in _OF_ONE_STEP else {"do": wish.value}
        return Button(self.messages.buttons[wish.value], PAYLOAD + json.dumps(data, separators=(",", ":")))
