"""Rasa featurizer: sentence vectors of multilingual-e5-small, centred on the mean of the training texts."""

from __future__ import annotations

from typing import Any, Dict, List, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, METADATA, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import vectors
from bot.settings import read_settings
from bot.vector_shelf import vectors_of

_MEAN_FILE = "mean.npy"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class E5Featurizer(DenseFeaturizer, GraphComponent):
    """Sets one sentence feature of shape (1, 384) and no sequence features.

    `weight` multiplies the centred vector, whose length is otherwise about 0.4.
    A vector that the gateway computed travels in the message's metadata as `vector`; it is taken from there and removed,
    so that neither the tracker nor an action ever sees it.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "weight": 2.0}

    def __init__(self, config: Dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._mean = np.zeros(vectors.DIMENSION, dtype=np.float32)

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> E5Featurizer:
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> E5Featurizer:
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._mean = np.load(folder / _MEAN_FILE)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the mean vector of the training texts."""
        texts = [message.get(TEXT) for message in training_data.training_examples if message.get(TEXT)]
        if texts:
            found = vectors_of(texts, read_settings().models_dir / "vectors.npz")
            vectors.SHARED.remember(texts, found)
            self._mean = found.mean(axis=0)
        with self._model_storage.write_to(self._resource) as folder:
            np.save(folder / _MEAN_FILE, self._mean)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the feature to each message that has a text."""
        for message in messages:
            if message.get(TEXT):
                self._set_feature(message)
        return messages

    def _set_feature(self, message: Message) -> None:
        metadata = message.get(METADATA)
        packed = metadata.pop("vector", None) if isinstance(metadata, dict) else None
        vector = vectors.unpack(packed) if isinstance(packed, str) else None
        if vector is None:
            vector = vectors.SHARED.of(message.get(TEXT))
        centred = ((vector - self._mean) * float(self._config["weight"])).reshape(1, -1)
        message.add_features(Features(centred, FEATURE_TYPE_SENTENCE, TEXT, self._config[FEATURIZER_CLASS_ALIAS]))

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        if float(config.get("weight", 1)) <= 0:
            raise ValueError("E5Featurizer: weight must be above 0")
