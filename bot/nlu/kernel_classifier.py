"""Rasa intent classifier: weighted kernel ridge regression over character n-grams and the sentence vector."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple, Type

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from scipy.linalg import lapack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.cross_validation import Numbers, Places, families, folds_of, key_of, left_out_scores

Matrix = NDArray[np.float32]
_GRAMS, _ARRAYS, _NGRAMS = "grams.json", "kernel.npz", "ngrams.npz"
_RANKED = 10  # as many as Rasa's own classifiers name; all 47 in every stored event made long conversations dear
_TEMPERATURES = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KernelRidgeIntentClassifier(IntentClassifier, GraphComponent):
    """Scores an intent by how near the message lies to its examples: a Gaussian kernel over two views of the text.

    Training solves one linear system (seconds for 5,000 examples), and its closed form gives the score of every example with
    itself left out; the temperature that turns scores into confidences is the best one on those. Examples of rare intents
    weigh more. Measured against Rasa's own LogisticRegressionClassifier in docs/adr/0003-understanding.md.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"max_ngram": 3, "gamma": 0.5, "regularisation": 0.6}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._labels: List[str] = []
        self._keys: List[str] = []
        self._column: Places = np.zeros(0, dtype=np.int64)
        self._temperature = 1.0
        self._grams = self._vectorizer()
        self._take_examples(sparse.csr_matrix((0, 0)), np.zeros((0, 0), dtype=np.float32))
        self._weights: Matrix = np.zeros((0, 0), dtype=np.float32)

    def _take_examples(self, grams: sparse.csr_matrix, vectors: Matrix) -> None:
        """The examples in both views, with what every kernel needs of them: the columns by gram and the squared lengths."""
        self._examples, self._vectors = grams, vectors
        self._columns = grams.T.tocsr()
        self._lengths = _squares(grams, vectors)

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> KernelRidgeIntentClassifier:
        return cls(config, model_storage, resource)

    def _vectorizer(self) -> TfidfVectorizer:
        longest = int(self._config["max_ngram"])
        return TfidfVectorizer(analyzer="char", ngram_range=(1, longest), sublinear_tf=True, min_df=2, dtype=np.float32)

    def train(self, training_data: TrainingData) -> Resource:
        """Solve for the weights and store them."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT) and message.get(INTENT)]
        if examples:
            self._fit(
                [str(message.get(TEXT)) for message in examples], [str(message.get(INTENT)) for message in examples], examples
            )
            self._persist()
        return self._resource

    def _fit(self, texts: List[str], intents: List[str], examples: List[Message]) -> None:
        self._labels = sorted(set(intents))
        self._keys = [key_of(text) for text in texts]
        self._take_examples(self._grams.fit_transform(texts), np.vstack([_vector(message) for message in examples]))
        self._column = np.array([self._labels.index(intent) for intent in intents])
        inverse, weights, wanted = self._solve()
        left_out = wanted - weights / np.diag(inverse)[:, None]
        self._weights = weights.astype(np.float32)
        self._temperature = min(_TEMPERATURES, key=lambda each: _loss(left_out * each, self._column))

    def _solve(self) -> Tuple[Numbers, Numbers, Numbers]:
        """Inverse of the system, weights and wanted scores of the examples."""
        count = len(self._column)
        wanted = np.zeros((count, len(self._labels)), dtype=np.float64)
        wanted[np.arange(count), self._column] = 1.0
        rarity = np.bincount(self._column)[self._column] * (len(self._labels) / count)
        system = self._kernel(self._examples, self._vectors).astype(np.float64)
        system[np.diag_indices_from(system)] += float(self._config["regularisation"]) * rarity
        inverse = _inverse(system)
        return inverse, inverse @ wanted, wanted

    def cross_validated(self) -> List[Tuple[str, str, str]]:
        """Key (cross_validation.key_of), intent and intent found of each example by a model that never saw its fold.

        Empty for a model without examples, or trained before they were kept.
        """
        if not len(self._column):
            return []
        fold = folds_of(self._column, families(self._examples, self._column), self._keys)
        scores = left_out_scores(*self._solve(), fold)
        found = scores.argmax(axis=1)
        rows = zip(self._keys, self._column, found, strict=True)
        return [(key, self._labels[int(own)], self._labels[int(got)]) for key, own, got in rows]

    def _kernel(self, grams: sparse.csr_matrix, vectors: Matrix) -> Matrix:
        """Similarity of messages to the examples, shape (messages, examples), 1 for equal ones."""
        products = (grams @ self._columns).toarray() + vectors @ self._vectors.T
        own = _squares(grams, vectors)[:, None] + self._lengths[None, :]
        return np.asarray(np.exp(-float(self._config["gamma"]) * np.maximum(own - 2 * products, 0)), dtype=np.float32)

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and full ranking of each message."""
        for message in messages:
            if message.get(TEXT) and self._labels:
                grams = self._grams.transform([str(message.get(TEXT))])
                scores = (self._kernel(grams, _vector(message)[None, :]) @ self._weights)[0]
                chances = _softmax(scores[None, :] * self._temperature)[0]
                ranking = [
                    {"name": self._labels[place], "confidence": float(chances[place])}
                    for place in np.argsort(-chances)[:_RANKED]
                ]
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _persist(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            facts = {
                "labels": self._labels,
                "temperature": self._temperature,
                "vocabulary": self._grams.vocabulary_,
                "keys": self._keys,
            }
            (folder / _GRAMS).write_text(json.dumps(facts, ensure_ascii=False, default=int), "utf-8")
            sparse.save_npz(folder / _NGRAMS, self._examples)
            vectors = self._vectors.astype(np.float16)
            np.savez(folder / _ARRAYS, vectors=vectors, weights=self._weights, idf=self._grams.idf_, column=self._column)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> KernelRidgeIntentClassifier:
        component = cls.create(config, model_storage, resource, execution_context)
        try:
            with model_storage.read_from(resource) as folder:
                facts = json.loads((folder / _GRAMS).read_text("utf-8"))
                arrays = np.load(folder / _ARRAYS)
                component._labels, component._temperature = facts["labels"], facts["temperature"]
                grams = sparse.load_npz(folder / _NGRAMS).astype(np.float32)
                component._take_examples(grams, arrays["vectors"].astype(np.float32))
                component._weights = arrays["weights"]
                component._grams.vocabulary_ = facts["vocabulary"]
                component._grams.idf_ = arrays["idf"]
                if "column" in arrays:  # archives made before the studio lack it
                    component._keys, component._column = facts["keys"], arrays["column"]
        except ValueError:  # Rasa's word for "nothing was stored": a model without intent examples
            pass
        return component


def _vector(message: Message) -> Matrix:
    features = message.get_dense_features(TEXT)[1]
    if features is None:
        raise ValueError("KernelRidgeIntentClassifier needs a dense featurizer before it")
    return np.asarray(features.features, dtype=np.float32).reshape(-1)


def _inverse(system: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of a symmetric positive definite matrix by Cholesky, in half the time of a general one; `system` is used up."""
    factor, failed = lapack.dpotrf(system.T, lower=0, overwrite_a=True)
    half, failed = (factor, failed) if failed else lapack.dpotri(factor, lower=0, overwrite_c=True)
    if failed:
        raise ValueError("KernelRidgeIntentClassifier: regularisation must be above 0")
    upper = np.triu(half)
    return np.asarray(upper + np.triu(upper, 1).T)


def _squares(grams: sparse.csr_matrix, vectors: Matrix) -> Matrix:
    return np.asarray(grams.multiply(grams).sum(axis=1), dtype=np.float32).ravel() + (vectors**2).sum(axis=1)


def _softmax(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _loss(scores: NDArray[np.float64], column: NDArray[np.int64]) -> float:
    chances = _softmax(scores)[np.arange(len(column)), column]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())
