"""`python -m bot.nlu.train`: trains a model when none belongs to today's data; its last line is one JSON object."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

from bot.nlu.fingerprint import component_fingerprint, current_archive, fingerprint, note_of, record
from bot.nlu.places import Places
from bot.nlu.progress import JobError, Progress, refuse, write
from bot.nlu.work_folder import work_folder
from bot.settings import ROOT, read_settings

log = logging.getLogger(__name__)

_CORE = {"augmentation_factor": 0}  # rules decide here; glueing stories together only made TED slow (ADR 0003)
_SHARES = {"importing": 0.15, "reading": 0.1, "dialogue": 0.35, "vectors": 0.1, "understanding": 0.25, "packing": 0.05}
_FEW_EXAMPLES = 5  # below, an intent is hardly recognised; it is said, not forbidden


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--force", action="store_true", help="train even when a current model exists")
    parser.add_argument("--out", type=Path, help="folder of the archive (default: MODELS_DIR)")
    parser.add_argument(
        "--project", type=Path, default=ROOT, help="folder with config.yml, domain.yml, data/ and content/jieba"
    )
    parser.add_argument("--cached", action="store_true", help="train only the components whose data changed")
    parser.add_argument("--cache", type=Path, help="folder of what --cached remembers (default: VAR_DIR/training-cache)")
    parser.add_argument("--progress", action="store_true", help="tell the phases as JSON lines")
    sys.exit(_run(parser.parse_args()))


def _run(arguments: argparse.Namespace) -> int:
    from bot.nlu.quiet import hide_texts, set_up_logging, stdout_for_json

    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TQDM_MININTERVAL", "10")
    settings = read_settings()
    project, models = arguments.project.resolve(), (arguments.out or settings.models_dir).resolve()
    cache = (arguments.cache or settings.var_dir / "training-cache").resolve() if arguments.cached else None
    wanted = fingerprint(project)
    found = None if arguments.force or arguments.progress else current_archive(models, wanted)
    if found is not None:
        write(sys.stdout, {"model": str(found), "trained": False, "seconds": 0.0})
        return 0
    set_up_logging()
    if arguments.progress:
        hide_texts()
    with stdout_for_json() as out:
        try:
            training = Training(project, models, cache, Progress(out, _SHARES, is_shown=arguments.progress))
            write(out, training.run(wanted))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the one boundary of this process
            return refuse(out, error)
    return 0


class Training:
    """One training of a project folder, whose archive appears whole or not at all."""

    def __init__(self, project: Path, models: Path, cache: Optional[Path], progress: Progress) -> None:
        self._project = project
        self._models = models
        self._cache = cache
        self._progress = progress
        self._places = Places()
        self._clock = _ComponentClock(progress)

    def run(self, wanted: str) -> Dict[str, Any]:
        """Train, and give what came of it: archive, seconds, version, fingerprint, warnings in Chinese."""
        started = time.monotonic()
        warnings = self._look_before()
        self._progress.tell("importing")
        with work_folder(self._models) as work:
            self._use_cache()
            import rasa.model_training

            imported = time.monotonic()
            self._progress.finish("importing")
            archive = self._train(work, wanted)
        return {
            "model": str(archive), "archive": str(archive), "trained": True, "fingerprint": wanted,
            "rasa_version": rasa.__version__, "import_seconds": round(imported - started, 1),
            "nlu_seconds": round(self._clock.seconds, 1), "seconds": round(time.monotonic() - started, 1),
            "restored": self._clock.restored, "warnings": warnings, "examples": self._places.examples,
        }  # fmt: skip

    def _look_before(self) -> List[str]:
        """What can be known without Rasa: broken files and missing examples; gives warnings."""
        self._places.read(self._project)
        for broken in self._places.broken:
            raise JobError("broken_yaml", f"{broken.place.path}：{broken.message}")
        counts = self._places.examples
        if not sum(counts.values()):
            raise JobError("no_examples", "训练资料里一条例句也没有，没法训练。请先给意图添上例句。")
        few = sorted((count, name) for name, count in counts.items() if count < _FEW_EXAMPLES)
        log.info("%d examples of %d intents, %d of them with few", sum(counts.values()), len(counts), len(few))
        return [f"「{name}」只有 {count} 条例句，太少了，很难认得准。" for count, name in few]

    def _use_cache(self) -> None:
        """Rasa's own cache of trained components, or none at all.

        Its keys hold the source of a component's class and its data, not the functions, dictionaries and libraries below it:
        those stand in the folder's name.
        """
        if self._cache is None:
            os.environ["RASA_MAX_CACHE_SIZE"] = "0"
            return
        current = self._cache / component_fingerprint(self._project)[:16]
        current.mkdir(parents=True, exist_ok=True)
        for older in self._cache.iterdir():
            if older != current:
                shutil.rmtree(older, ignore_errors=True)
        os.environ["RASA_CACHE_DIRECTORY"] = str(current)

    def _train(self, work: Path, wanted: str) -> Path:
        import rasa

        os.chdir(self._project)
        logging.getLogger("rasa.engine.training.hooks").addHandler(self._clock)
        _tell_epochs(self._progress)
        self._progress.tell("reading")
        from bot.nlu.complaints import as_job_error

        try:
            result = rasa.train(
                "domain.yml", "config.yml", "data", output=str(work), force_training=self._cache is None,
                core_additional_arguments=_CORE,
            )  # fmt: skip
        except (Exception, SystemExit) as error:
            raise as_job_error(error, self._places) from error
        if not result.model or result.code != 0:
            raise JobError("failed", "Rasa 没有训练出模型，请看这次的日志。")
        for phase in _SHARES:
            if phase != "packing":
                self._progress.close(phase)
        self._progress.tell("packing")
        made = Path(result.model)
        archive = self._models / made.name
        record(made, wanted)
        os.replace(note_of(made), note_of(archive))
        os.replace(made, archive)
        self._progress.finish("packing")
        return archive


def _tell_epochs(progress: Progress) -> None:
    """Follow the epochs of the dialogue policy, which takes most of the time."""
    from rasa.utils.tensorflow.callback import RasaTrainingLogger

    original = RasaTrainingLogger.on_epoch_end

    def on_epoch_end(self: Any, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        original(self, epoch, logs)
        progress.tell("dialogue", (epoch + 1) / max(1, int((self.params or {}).get("epochs") or 1)))

    RasaTrainingLogger.on_epoch_end = on_epoch_end


class _ComponentClock(logging.Handler):
    """Reads Rasa's own lines: adds up the seconds of every component that is no policy, and tells the phase."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self.seconds = 0.0
        self.restored: List[str] = []
        self._started = 0.0
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        name = line.partition("'")[2].partition("'")[0]
        phase = _phase_of(name)
        if line.startswith("Starting to train"):
            self._started = record.created
            self._progress.close("reading")
            self._progress.tell(phase, 0.05)
        elif line.startswith("Finished training"):
            self.seconds += 0.0 if phase == "dialogue" else record.created - self._started
            self._progress.tell(phase, 1.0 if name in _LAST else 0.5)
        elif line.startswith("Restored"):
            self.restored.append(name)
            if name == _LAST[0]:
                self._progress.close("dialogue")


_LAST = ("TEDPolicy", "E5Featurizer", "KernelRidgeIntentClassifier")  # of their phase


def _phase_of(component: str) -> str:
    if "Policy" in component:
        return "dialogue"
    return "understanding" if "Classifier" in component else "vectors"


if __name__ == "__main__":
    main()
