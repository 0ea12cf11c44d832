"""jieba's part-of-speech tagger with the places of its words, loaded when first needed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from bot.settings import ROOT

_OWN_WORDS = ROOT / "content" / "jieba" / "words.txt"


@dataclass(frozen=True)
class Token:
    """A word with its tag and where it begins (characters)."""

    word: str
    flag: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.word)


class Tagger:
    """jieba's part-of-speech tagger, loaded when first needed (about a second) and shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tagger: Any = None
        self._counts: dict[str, int] = {}
        self._own: frozenset[str] = frozenset()

    def load(self) -> None:
        """Load it now; calling it again does nothing."""
        with self._lock:
            if self._tagger is None:
                import jieba
                import jieba.posseg

                jieba.setLogLevel(60)
                jieba.initialize()
                self._counts = jieba.dt.FREQ
                self._own = frozenset(line.split()[0] for line in _OWN_WORDS.read_text("utf-8").splitlines() if line.strip())
                self._tagger = jieba.posseg.POSTokenizer(jieba.dt)

    def tokens(self, text: str) -> list[Token]:
        """The words of a text with their tags and places."""
        self.load()
        found, place = [], 0
        for pair in self._tagger.cut(text):
            found.append(Token(pair.word, pair.flag or "x", place))
            place += len(pair.word)
        return found

    def count(self, word: str) -> int:
        """How often jieba's dictionary counts a word; 0 for one it does not have."""
        return self._counts.get(word, 0)

    def is_own(self, word: str) -> bool:
        """Whether our own dictionary has it: words of the trade, nobody's name."""
        return word in self._own


TAGGER = Tagger()
