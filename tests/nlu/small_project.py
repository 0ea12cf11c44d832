"""A training folder as small as Rasa takes one, to be broken in one place at a time."""

from __future__ import annotations

from pathlib import Path

CONFIG = """recipe: default.v1
assistant_id: small
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
    analyzer: char
  - name: LogisticRegressionClassifier
policies:
  - name: RulePolicy
    enable_fallback_prediction: False
  - name: MemoizationPolicy
    max_history: 3
"""
DOMAIN = """version: "3.1"
intents:
  - greet
  - bye
  - ask_sleep
entities: []
slots:
  is_tired:
    type: bool
    mappings:
      - type: custom
actions:
  - action_note
forms:
  sleep_form:
    required_slots:
      - is_tired
responses:
  utter_greet:
    - text: 你好
  utter_bye:
    - text: 再见
  utter_sleep:
    - text: 睡得怎么样？
session_config:
  session_expiration_time: 0
  carry_over_slots_to_new_session: true
"""
NLU = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - 你好
    - 您好呀
- intent: bye
  examples: |
    - 再见
    - 回头聊
- intent: ask_sleep
  examples: |
    - 睡不着
    - 昨晚又失眠
"""
RULES = """version: "3.1"
rules:
- rule: 说再见
  steps:
  - intent: bye
  - action: utter_bye
"""
STORIES = """version: "3.1"
stories:
- story: 先问好再说睡眠
  steps:
  - intent: greet
  - action: utter_greet
  - intent: ask_sleep
  - action: utter_sleep
"""
FILES = {
    "config.yml": CONFIG, "domain.yml": DOMAIN, "data/nlu.yml": NLU, "data/rules.yml": RULES, "data/stories.yml": STORIES,
}  # fmt: skip


def write_project(folder: Path, **changed: str | None) -> Path:
    """The sound project with some files changed (named without folder and ending) or, by None, left out."""
    for path, text in FILES.items():
        given = changed.get(Path(path).stem, text)
        if given is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(given, "utf-8")
    return folder
