"""The sentence classifier: trained once a content, kept on disk, and never in the way when it is broken."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import joblib
import numpy as np
import pytest
from risk_ground import CONTENT, TEXTS, few_texts, small_classifier, vector_by_hash, vectors_by_hash
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.risk import classifier as module
from bot.risk.classifier import classifier_path, content_version, load, read_classifier, readable, train
from bot.risk.texts import read_texts
from bot.vector_shelf import vectors_of
from bot.vectors import SHARED


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content" / "risk"
    shutil.copytree(TEXTS, folder / "texts")
    shutil.copy(CONTENT / "risk" / "lexicon.yml", folder / "lexicon.yml")
    return folder / "texts"


def stored(folder: Path, models: Path) -> Path:
    models.mkdir(exist_ok=True)
    path = classifier_path(folder, models)
    joblib.dump(small_classifier(), path)
    return path


def test_it_tells_plain_risk_from_plain_calm() -> None:
    risky, calm = small_classifier().quick_chances(["我真的不想活了，想自杀", "中午吃什么，食堂有红烧肉"])
    assert risky.risk > 0.8
    assert risky.high > 0.5
    assert calm.risk < 0.3


def test_grams_are_weighed_as_scikit_learn_weighs_them() -> None:
    trained = small_classifier()
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
    rows = grams.fit_transform([readable(item.text, trained.masks) for item in few_texts()])
    assert grams.vocabulary_ == trained.places
    for place in range(0, len(few_texts()), 40):
        expected = 1 / (1 + np.exp(-(rows[place] @ trained.quick.coefficients + trained.quick.intercepts)))[0]
        found = trained.quick_chances([few_texts()[place].text])[0]
        assert [found.risk, found.high, found.imminent, found.other] == pytest.approx(list(expected[:4]))


def test_a_text_of_unknown_characters_has_chances() -> None:
    assert 0 < small_classifier().quick_chances(["ꙮ"])[0].risk < 1


def test_the_vector_counts() -> None:
    text = "有点累"
    one = small_classifier().full_chances([text], vector_by_hash("a").reshape(1, -1))[0]
    two = small_classifier().full_chances([text], vector_by_hash("b").reshape(1, -1))[0]
    assert one != two


def test_a_set_of_texts_without_a_class_still_trains() -> None:
    texts = [item for item in read_texts(TEXTS) if item.label in ("ordinary", "passive")][:60]
    texts += [item for item in read_texts(TEXTS) if item.label == "passive"][:20]
    trained = train(texts, vectors_by_hash([item.text for item in texts]), small_classifier().masks, "tiny")
    assert trained.quick_chances(["活着没意思"])[0].high < 0.01


def test_its_name_follows_the_content(content: Path) -> None:
    before = content_version(content)
    assert before == content_version(content)
    (content / "active.yml").open("a", encoding="utf-8").write("  - 新写的一句，不想活了\n")
    assert content_version(content) != before


def test_it_is_trained_once_for_a_content(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "vectors_of", lambda texts, shelf: vectors_by_hash(texts))
    for path in content.glob("*.yml"):
        if path.stem not in ("ordinary", "active", "third_party", "self_harm"):
            path.unlink()
    path, is_new = module.train_if_needed(content, tmp_path / "models")
    assert is_new
    assert path.exists()
    assert module.train_if_needed(content, tmp_path / "models") == (path, False)
    loaded = load(content, tmp_path / "models")
    assert loaded is not None
    assert loaded.version == content_version(content)


def test_without_a_file_there_is_none(content: Path, tmp_path: Path) -> None:
    assert load(content, tmp_path / "models") is None


@pytest.mark.parametrize("broken", [b"", b"no pickle at all", b"\x80\x04N."])
def test_a_broken_file_gives_none(content: Path, tmp_path: Path, broken: bytes) -> None:
    stored(content, tmp_path / "models").write_bytes(broken)
    assert load(content, tmp_path / "models") is None


def test_after_an_edit_the_older_one_serves_until_the_new_is_trained(content: Path, tmp_path: Path) -> None:
    path = stored(content, tmp_path / "models")
    os.utime(path, (1, 1))
    (content / "active.yml").open("a", encoding="utf-8").write("  - 新写的一句，不想活了\n")
    assert load(content, tmp_path / "models") is not None


def test_a_file_of_another_shape_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "risk-3-x.joblib"
    joblib.dump({"labels": []}, path)
    assert read_classifier(path) is None


def test_the_shelf_computes_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def of_many(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return vectors_by_hash(texts)

    monkeypatch.setattr(SHARED, "of_many", of_many)
    shelf = tmp_path / "vectors.npz"
    vectors_of(["一", "二", "一"], shelf)
    again = vectors_of(["二", "三"], shelf)
    assert asked == ["一", "二", "三"]
    assert np.allclose(again, vectors_by_hash(["二", "三"]), atol=1e-3)
    shelf.write_bytes(b"broken")
    assert vectors_of(["二"], shelf).shape == (1, 384)
    assert vectors_of([], shelf).shape == (0, 384)
