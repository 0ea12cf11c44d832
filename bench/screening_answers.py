"""Measures how free words are read as answers of the questionnaires; `python -m bench.screening_answers`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.domain.questionnaire_definition import Questionnaire
from bot.domain.screening_answers import option_of
from bot.domain.screening_talk import Nearest
from bot.questionnaires.files import load_questionnaires
from bot.questionnaires.nearest import nearest_by

ROOT = Path(__file__).resolve().parents[1]
SAYINGS = ROOT / "tests" / "data" / "screening_answers.jsonl"
TUNED, FRESH = "tuned", "fresh"


@dataclass(frozen=True)
class Saying:
    """Free words at an item; `score` is the option they mean, None where the item must be asked again.

    `set`: `tuned` rows were looked at while the reader was written; `fresh` ones were written before it was looked at.
    """

    family: str
    questionnaire: str
    item: str
    voice: str
    says: str
    score: int | None
    set: str = TUNED


@dataclass(frozen=True)
class Read:
    """How one saying was read: right is the option meant or asking again; wrong is another option, or one where none was meant."""

    saying: Saying
    score: int | None

    @property
    def is_right(self) -> bool:
        return self.score == self.saying.score

    @property
    def is_wrong(self) -> bool:
        return self.score is not None and not self.is_right


def sayings(path: Path = SAYINGS) -> list[Saying]:
    """The file's rows, in its order."""
    return [Saying(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def read_all(rows: Iterable[Saying], questionnaires: dict[str, Questionnaire], nearest: Nearest | None) -> list[Read]:
    """Each saying as the conversation reads it."""
    found: list[Read] = []
    for row in rows:
        item = questionnaires[row.questionnaire].by_link_id[row.item]
        option = option_of(item, row.says, nearest)
        found.append(Read(row, option.score if option else None))
    return found


def of_set(read: Iterable[Read], name: str) -> list[Read]:
    """The sayings of one set."""
    return [each for each in read if each.saying.set == name]


def main() -> None:
    """Print right and wrong a family, and each saying that was not read right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-vectors", action="store_true", help="read by words alone")
    options = parser.parse_args()
    read = read_all(sayings(), load_questionnaires(ROOT / "content"), None if options.no_vectors else nearest_by())
    tuned, fresh = (of_set(read, name) for name in (TUNED, FRESH))
    for family in dict.fromkeys(each.saying.family for each in tuned):
        _print_row(family, [each for each in tuned if each.saying.family == family])
    _print_row("all", tuned)
    _print_row(FRESH, fresh)
    for each in read:
        if not each.is_right:
            mark = f"{FRESH} " if each.saying.set == FRESH else ""
            print(f"{mark}{each.saying.family}: {each.saying.says}: meant {each.saying.score}, read {each.score}")


def _print_row(name: str, read: list[Read]) -> None:
    right, wrong = sum(each.is_right for each in read), sum(each.is_wrong for each in read)
    print(f"{name:14} {len(read):4}  right {right / len(read):6.1%}  wrong {wrong / len(read):6.1%}")


if __name__ == "__main__":
    main()
