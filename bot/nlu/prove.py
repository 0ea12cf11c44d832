"""`python -m bot.nlu.prove`: measures a trained model; its last line is one JSON object (bot.domain.model_figures)."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from bot.domain.figures import percentile
from bot.domain.model_figures import CrisisGroup, FailedStory, Figures, IntentFigures, Row, Score, figures_by_label, score
from bot.nlu.progress import JobError, Progress, refuse, write
from bot.nlu.work_folder import work_folder
from bot.services import archives
from bot.settings import ROOT, read_settings

_SHARES = {"loading": 0.25, "cross_validation": 0.3, "held_back": 0.1, "crisis": 0.25, "stories": 0.1}
_TOLD_EVERY = 25
SAFETY_INTENTS = frozenset({"disclose_self_harm", "worry_about_other", "report_violence", "report_work_injury"})
TITLES = {
    "imminent": "马上要出事", "active": "想死、想自杀", "self_harm": "伤害自己", "passive": "活着没意思", "past": "以前试过",
    "third_party": "担心别人想不开", "third_party_imminent": "别人马上要出事", "violence_suffered": "被人打、被人害",
    "violence_to_others": "想伤害别人", "medical_emergency": "身体急症", "idiom": "夸张的口头话", "ordinary": "平常话",
    "work_talk": "说工作的话", "in_domain": "说心事、没有危险", "denial": "说明自己没有想死", "curse": "骂人、赌气的话",
    "death_talk": "说到死，但没有危险", "news_fiction": "新闻、小说里的事", "about_the_topic": "谈论这个话题",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, default=ROOT, help="folder with data/, tests/ and content/ to measure on")
    parser.add_argument("--model", "--archive", dest="archive", type=Path, required=True, help="archive to measure")
    parser.add_argument("--progress", action="store_true", help="tell the phases as JSON lines")
    sys.exit(_run(parser.parse_args()))


def _run(arguments: argparse.Namespace) -> int:
    from bot.nlu.quiet import hide_texts, set_up_logging, stdout_for_json

    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    models = read_settings().models_dir
    set_up_logging()
    hide_texts()
    with stdout_for_json() as out, work_folder(models):
        try:
            archive, project = arguments.archive.resolve(), arguments.project.resolve()
            proof = Proof(project, archive, models, Progress(out, _SHARES, is_shown=arguments.progress))
            write(out, asyncio.run(proof.measure()).as_json())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the one boundary of this process
            return refuse(out, error)
    return 0


class Proof:
    """Measures one archive on the texts and stories of a project; the model is loaded once."""

    def __init__(self, project: Path, archive: Path, models: Path, progress: Progress) -> None:
        self._project = project
        self._archive = archive
        self._shelf = models / "vectors.npz"
        self._models = models
        self._progress = progress
        self._agent: Any = None
        self._milliseconds: List[float] = []

    async def measure(self) -> Figures:
        """Everything; raises JobError for an archive that can't run here."""
        self._progress.tell("loading")
        known = archives.look(self._archive.parent, self._archive.name)
        if known.unfit is not None:
            raise JobError("version" if known.rasa_version else "archive", known.unfit)
        from rasa.core.agent import Agent

        self._agent = Agent.load(model_path=str(self._archive))
        self._progress.finish("loading")
        cross, intents, right, wrong = self._cross_validation()
        held_back = await self._held_back()
        crisis = await self._crisis()
        total, failed = await self._stories()
        times = sorted(self._milliseconds) or [0.0]
        return Figures(
            rasa_version=known.rasa_version, cross_validation=cross, intents=intents, cross_right=right, cross_wrong=wrong,
            held_back=tuple(held_back), crisis=tuple(crisis), stories_total=total, stories_failed=tuple(failed),
            p50_ms=round(percentile(times, 0.5), 1), p95_ms=round(percentile(times, 0.95), 1),
        )  # fmt: skip

    def _cross_validation(self) -> Tuple[Optional[Score], Dict[str, IntentFigures], frozenset[str], Dict[str, Row]]:
        """What the archive's own examples say of it when left out; of those taken wrongly with the text, where the project has it."""
        self._progress.tell("cross_validation")
        classifier = _kernel_classifier(self._agent)
        rows = classifier.cross_validated() if classifier is not None else []
        if not rows:
            self._progress.finish("cross_validation")
            return None, {}, frozenset(), {}
        pairs = [(intent, got) for _, intent, got in rows]
        texts = self._texts_by_key()
        right = frozenset(f"{key} {intent}" for key, intent, got in rows if intent == got)
        wrong = {f"{key} {intent}": Row(texts.get(key, ""), intent, got) for key, intent, got in rows if intent != got}
        self._progress.finish("cross_validation")
        return score(pairs), figures_by_label(pairs), right, wrong

    def _texts_by_key(self) -> Dict[str, str]:
        from bot.nlu.cross_validation import key_of
        from bot.training.examples import examples
        from bot.training.folder import TrainingFolder

        return {key_of(each.plain): each.plain for each in examples(TrainingFolder(self._project).view())}

    async def _held_back(self) -> List[Row]:
        """The rows of tests/understanding/held_back.yml as the model takes them."""
        from bot.training.examples import held_back
        from bot.training.folder import TrainingFolder

        wanted = held_back(TrainingFolder(self._project).view())
        found = await self._parse([each.plain for each in wanted], "held_back")
        return [
            Row(each.plain, each.intent, intent, round(confidence, 4))
            for each, (intent, confidence) in zip(wanted, found, strict=True)
        ]

    async def _crisis(self) -> List[CrisisGroup]:
        """The texts that neither screen nor model ever learned from, by group, most dangerous first."""
        from bot.risk.gate import kept_apart, level_of
        from bot.risk.screen import RiskScreen
        from bot.vectors import SHARED

        folder = self._project / "content" / "risk" / "texts"
        texts = kept_apart(folder if folder.is_dir() else ROOT / "content" / "risk" / "texts")
        found = await self._parse([item.text for item in texts], "crisis")
        content = folder.parents[1] if folder.is_dir() else ROOT / "content"
        screen = RiskScreen.open(content, self._models)
        groups: Dict[str, List[Tuple[Any, bool, bool]]] = {}
        for item, (intent, _) in zip(texts, found, strict=True):
            level = level_of(screen, item.text, SHARED.of)
            if item.is_risky:
                seen, understood = level.rank >= item.level.rank, intent in SAFETY_INTENTS
            else:
                seen, understood = level.rank <= item.level.rank, intent not in SAFETY_INTENTS
            groups.setdefault(item.label, []).append((item, seen, understood))
        ordered = sorted(groups.items(), key=lambda each: (-each[1][0][0].level.rank, each[0]))
        return [_group(label, rows) for label, rows in ordered]

    async def _parse(self, texts: Sequence[str], phase: str) -> List[Tuple[str, float]]:
        """Intent and confidence of each text by the model alone: no risk in the metadata, vectors from the shelf."""
        from bot.vector_shelf import vectors_of
        from bot.vectors import SHARED

        self._progress.tell(phase)
        SHARED.remember(texts, vectors_of(texts, self._shelf))
        found: List[Tuple[str, float]] = []
        for place, text in enumerate(texts):
            started = time.perf_counter()
            parsed = await self._agent.parse_message(text.lstrip("/") or " ")
            self._milliseconds.append((time.perf_counter() - started) * 1000)
            intent = parsed["intent"]
            found.append((intent.get("name") or "out_of_scope", float(intent.get("confidence") or 0.0)))
            if place % _TOLD_EVERY == 0:
                self._progress.tell(phase, place / len(texts))
        self._progress.finish(phase)
        return found

    async def _stories(self) -> Tuple[int, List[FailedStory]]:
        """The test stories as `rasa test core` predicts them: how many, and those that go another way."""
        from rasa.core.test import WronglyPredictedAction, _predict_tracker_actions
        from rasa.shared.core.generator import TrainingDataGenerator
        from rasa.shared.core.training_data.loading import load_data_from_files
        from rasa.shared.core.training_data.structures import StoryGraph

        from bot.nlu.places import story_lines

        self._progress.tell("stories")
        total, failed = 0, []
        for path in sorted((self._project / "tests" / "dialogue").glob("*.yml")):
            graph = StoryGraph(load_data_from_files([str(path)], self._agent.domain))
            made = TrainingDataGenerator(graph, self._agent.domain, use_story_concatenation=False, augmentation_factor=0)
            lines = story_lines(path)
            for tracker in made.generate_story_trackers():
                total += 1
                results, walked, _, _ = await _predict_tracker_actions(tracker, self._agent)
                if results.check_prediction_target_mismatch():
                    wrong = next((event for event in walked.events if isinstance(event, WronglyPredictedAction)), None)
                    expected, got = (wrong.action_name, wrong.action_name_prediction) if wrong else ("", "")
                    name, shown = tracker.sender_id, str(path.relative_to(self._project))
                    failed.append(FailedStory(name, shown, lines.get(name, 1), str(expected or ""), str(got or "")))
        self._progress.finish("stories")
        return total, failed


def _group(label: str, rows: Sequence[Tuple[Any, bool, bool]]) -> CrisisGroup:
    is_risky = rows[0][0].is_risky
    caught = sum((seen or understood) if is_risky else (seen and understood) for _, seen, understood in rows)
    seen, understood = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return CrisisGroup(label, TITLES.get(label, label), is_risky, len(rows), seen, understood, caught)


def _kernel_classifier(agent: Any) -> Any:
    """Our classifier as it stands in the loaded model, None in a model with another one."""
    from bot.nlu.kernel_classifier import KernelRidgeIntentClassifier

    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    return next((node._component for node in nodes if isinstance(node._component, KernelRidgeIntentClassifier)), None)


if __name__ == "__main__":
    main()
