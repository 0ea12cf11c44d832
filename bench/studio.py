"""Measures the studio's bars, one function a bar, beside the plain way of doing the same; `python -m bench.studio [bar ...]`."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import yaml

from bench.training import retrain, validate
from bot.training.checks import check
from bot.training.edits import apply_edit
from bot.training.examples import plain_text
from bot.training.folder import TrainingFolder
from bot.training.search import Hit, index_of
from bot.vector_shelf import vectors_of
from bot.vectors import SHARED

ROOT = Path(__file__).resolve().parents[1]
SHELF = ROOT / "models" / "vectors.npz"
QUERIES = (
    "夜班倒得人都傻了，白天躺下也睡不着", "组长当着大家的面说我干活像没吃饭", "孩子一写作业我就想发火", "想找个活人说两句",
    "工伤认定要准备什么", "过年回不去家，听见别人买票心里发酸", "他又喝酒了，我躲在厕所不敢出声", "干什么都提不起劲，饭也懒得做",
    "跟老公一说钱就吵", "总觉得自己哪儿都不如人",
)  # fmt: skip


def main() -> None:
    """Run the named bars, all by default; each prints its lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bars", nargs="*", choices=[[], *BARS], help="which bars (default: all)")
    chosen = parser.parse_args().bars or list(BARS)
    for name in chosen:
        print(f"== {name}")
        BARS[name]()


def search() -> None:
    """Search by meaning over all examples, the query's vector included; bar: under 300 ms. Beside it: a scan of files and vectors."""
    folder = TrainingFolder(ROOT)
    index = index_of(folder.view(), SHELF)
    SHARED.of("先热一下身")
    taken = [_milliseconds(partial(_by_meaning, folder, query)) for query in QUERIES]
    print(f"by meaning over {len(index.examples)} examples: {_spread(taken)}; bar 300")
    taken = [_milliseconds(partial(_by_word, folder, query[:2])) for query in QUERIES]
    print(f"by word: {_spread(taken)}")
    taken = [_milliseconds(partial(_plain_scan, query + "。")) for query in QUERIES[:3]]
    print(f"plain scan (files read as YAML, vectors from the shelf, one cosine an example): {_spread(taken)}")
    view = folder.view()
    path = "data/nlu/anxiety.yml"
    longer = folder.view({path: (view.text(path) or "") + "    - 一到开会手心就出汗，话都说不利索\n"})
    print(f"index after one more example: {_milliseconds(lambda: index_of(longer, SHELF)):.0f} ms")
    print(f"neighbours, first time: {_milliseconds(index.neighbours):.0f} ms")


def _by_meaning(folder: TrainingFolder, query: str) -> list[Hit]:
    return index_of(folder.view(), SHELF).by_meaning(query)


def _by_word(folder: TrainingFolder, query: str) -> list[Hit]:
    return index_of(folder.view(), SHELF).by_word(query)


def _plain_scan(query: str) -> list[tuple[float, str]]:
    texts: list[str] = []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for item in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            if "intent" in item:
                texts += [plain_text(line[1:].strip()) for line in item["examples"].splitlines()]
    vectors = vectors_of(texts, SHELF)
    asked = SHARED.of(query)
    return sorted(((float(np.dot(vector, asked)), text) for vector, text in zip(vectors, texts, strict=True)), reverse=True)[
        :50
    ]


def edits() -> None:
    """An edit and the check without Rasa, over our own folder; each below a second."""
    folder = TrainingFolder(ROOT)
    print(f"first check of a process: {_milliseconds(lambda: check(folder.view())):.0f} ms")
    for edit in (
        {"edit": "add_examples", "intent": "anxiety", "examples": ["一到开会手心就出汗，话都说不利索"]},
        {"edit": "rename_intent", "intent": "start_exercise", "to": "begin_exercise"},
        {"edit": "set_response", "response": "utter_stop", "wordings": [{"text": "好，不说了。"}]},
    ):
        started = time.perf_counter()
        done = apply_edit(folder.view(), edit)
        edited = time.perf_counter()
        check(folder.view(done.files))
        print(
            f"{edit['edit']}: {(edited - started) * 1000:.0f} ms, the check after it {(time.perf_counter() - edited) * 1000:.0f} ms"
        )
    with tempfile.TemporaryDirectory() as target:
        print(f"materialise: {_milliseconds(lambda: folder.view().materialise(Path(target) / 'project')):.0f} ms")


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _spread(taken: list[float]) -> str:
    return f"median {statistics.median(taken):.0f} ms, most {max(taken):.0f} ms"


BARS: Mapping[str, Callable[[], None]] = {"search": search, "edits": edits, "validate": validate, "retrain": retrain}


if __name__ == "__main__":
    main()
