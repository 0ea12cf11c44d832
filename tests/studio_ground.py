"""A small training folder for tests, and trainers who call the studio."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from console_ground import Staff
from ground import Gateway

SLEEP = """version: "3.1"

# 睡眠
nlu:
- intent: sleep_problem
  examples: |
    - 晚上翻来覆去睡不着
    - 凌晨三点又醒了
    - 夜班回来白天睡不实
"""
STRESS = """version: "3.1"
nlu:
- intent: work_stress
  examples: |
    - 活太多了，干不完
    - 天天加班到十一点
    - 组长又加了一条线给我
"""
DISCLOSE = """version: "3.1"
nlu:
- intent: disclose_self_harm
  examples: |
    - 这句只给测试用，说的是不想撑了
    - 这句也只给测试用，说的是撑不下去
"""
DOMAIN = """version: "3.1"

intents:
- sleep_problem
- work_stress
- disclose_self_harm

responses:
  # 失眠
  utter_listen:
  - text: "嗯，我听着。"
  - text: "你慢慢说。"
  - text: "我在。"
  utter_safety_stay:
  - text: "我在这儿，不走开。"
  - text: "我们一句一句说。"
  - text: "先停在这一会儿。"
"""
STORIES = """version: "3.1"
stories:
- story: 说睡不着
  steps:
  - intent: sleep_problem
  - action: utter_listen
"""
RULES = """version: "3.1"
rules:
- rule: 自己的命
  steps:
  - intent: disclose_self_harm
  - action: utter_safety_stay
"""
COURTESY = """version: "3.1"
rules:
- rule: 活太多
  steps:
  - intent: work_stress
  - action: utter_listen
"""
TEST_STORY = """version: "3.1"
stories:
- story: 考睡不着
  steps:
  - user: |
      晚上又睡不着了
    intent: sleep_problem
  - action: utter_listen
"""
NLU, DOMAIN_PATH = "data/nlu/sleep_problem.yml", "domain.yml"
FILES = {
    NLU: SLEEP,
    "data/nlu/work_stress.yml": STRESS,
    "data/nlu/disclose.yml": DISCLOSE,
    DOMAIN_PATH: DOMAIN,
    "data/stories/sleep.yml": STORIES,
    "data/rules/safety.yml": RULES,
    "data/rules/courtesy.yml": COURTESY,
    "tests/dialogue/sleep.yml": TEST_STORY,
    "config.yml": "recipe: default.v1\nassistant_id: xinyi\nlanguage: zh\n",
}


def training_folder(place: Path) -> Path:
    """A small folder that is in order; it has no content/, so the clinicians' check has nothing to say."""
    for path, text in FILES.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return place


def git(folder: Path, *arguments: str) -> str:
    """Git in this folder, as somebody who is not a trainer."""
    command = ["git", "-C", str(folder), "-c", "user.name=Editor", "-c", "user.email=editor@invalid", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def make_repository(folder: Path) -> None:
    """Make a repository of the folder with one commit."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "begin")


class Trainer(Staff):
    """A trainer or clinician who calls the studio."""

    api = "/api/studio"

    def __init__(self, gateway: Gateway, name: str, role: str = "trainer", **fields: Any) -> None:
        super().__init__(gateway, name, role, **fields)

    async def draft(self, title: str = "补几句睡眠") -> int:
        """A new, empty draft; gives its id."""
        return int((await self.post("change-sets", title=title))["id"])

    async def put(self, change_set_id: int, path: str, text: str | None, **body: Any) -> Any:
        """A file's whole text, made from what the draft says now."""
        if "digest" not in body:
            shown = await self.call("GET", f"file?path={path}&change_set={change_set_id}")
            body["digest"] = (await shown.json())["digest"] if shown.status == 200 else ""
        return await self.call("PUT", f"change-sets/{change_set_id}/file", path=path, text=text, **body)

    async def edit(self, change_set_id: int, edit: str, **body: Any) -> Any:
        return await self.post(f"change-sets/{change_set_id}/edits", edit=edit, **body)

    async def error(self, method: str, path: str, /, **body: Any) -> tuple[int, dict[str, Any]]:
        """A call that is refused: status and error."""
        response = await self.call(method, path, **body)
        return response.status, (await response.json())["error"]
