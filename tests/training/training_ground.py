"""A small training folder, written by hand, with the looks that trainers' files have."""

from __future__ import annotations

from pathlib import Path

from bot.training.folder import TrainingFolder

FILES = {
    "config.yml": "language: zh\npipeline: []\npolicies: []\n",
    "domain.yml": """version: "3.1"

intents:
# what is told
- night_shift: {use_entities: []}
- homesick: {use_entities: []}  # far away
# talk
- greet: {use_entities: []}
- stop: {use_entities: []}
- out_of_scope: {use_entities: []}

entities:
- duration

slots:
  topic:
    type: text
    mappings:
    - type: custom
  reply:
    type: text
    mappings:
    - type: from_text
      not_intent:
      - stop
      - night_shift
      conditions:
      - active_loop: talk_form

forms:
  talk_form:
    required_slots:
    - reply

actions:
- action_support

responses:
  # the first words
  utter_greet:
  - text: "你好，我在。"
    buttons:
    - {title: 夜班的事, payload: /night_shift}
    - {title: 先停一下, payload: '/stop{{"topic": "none"}}'}
  - text: "嗯，来了。"  # short
  - text: "在的，慢慢说。"
    condition:
    - type: slot
      name: topic
      value: night_shift
  utter_stop:
  - text: "好，停在这儿。"
  # nobody says this one
  utter_lost:
  - text: "这句没人说。"
""",
    "data/nlu/telling.yml": """version: "3.1"

# What is told.
nlu:
- intent: night_shift
  examples: |
    - 夜班上到天亮
    - 倒班倒了[三年](duration)
    - 白天睡不着，晚上要上工

# far from home
- intent: homesick
  examples: |
    - 想家了
    - 好久没回老家
- lookup: duration
  examples: |
    - 三年
""",
    "data/nlu/talk.yml": """version: "3.1"
nlu:
- intent: greet
  examples: |
    - 你好
    - 在吗
- intent: stop
  examples: |
    - 别说了
    - 停
- intent: out_of_scope
  examples: |
    - 今天买什么菜
    - 球赛几比几
""",
    "data/rules/talk.yml": """version: "3.1"

rules:
- rule: hello
  steps:
  - intent: greet
  - action: utter_greet

- rule: the form begins
  steps:
  - intent: night_shift
  - action: action_support
  - action: talk_form
  - active_loop: talk_form
""",
    "data/stories/talk.yml": """version: "3.1"

stories:
- story: a night told
  steps:
  - intent: greet
  - action: utter_greet
  - intent: night_shift
  - action: action_support
  - action: talk_form
  - active_loop: talk_form
  - action: talk_form
  - active_loop: null
  - or:
    - intent: stop
    - intent: homesick
  - action: utter_stop  # the end
""",
    "tests/dialogue/talk.yml": """version: "3.1"

stories:
- story: only hello
  steps:
  - user: |
      /greet
    intent: greet
  - action: utter_greet
""",
    "content/hotlines.yml": "hotlines: []\n",
    "content/jieba/words.txt": "夜班 5 n\n",
    "actions/support.py": 'NAME = "action_support"\nLISTENED = {"night_shift": "support"}\n',
}


def lay_out(root: Path, files: dict[str, str] | None = None) -> TrainingFolder:
    """The files (FILES with these over it) on disk."""
    for path, text in {**FILES, **(files or {})}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode("utf-8"))
    return TrainingFolder(root)
