"""`python -m bot.nlu.parse`: understands JSONL lines of stdin with the newest model, without database or actions."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import IO, Any, Dict, List

from bot.nlu.fingerprint import newest_archive
from bot.settings import read_settings


def main() -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    from bot.nlu.quiet import set_up_logging, stdout_for_json

    set_up_logging("WARNING")
    archive = newest_archive(read_settings().models_dir)
    if archive is None:
        raise SystemExit("no model: run `make model` first")
    rows = [json.loads(line) for line in sys.stdin if line.strip()]
    with stdout_for_json() as out:
        from rasa.core.agent import Agent

        agent = Agent.load(model_path=str(archive))
        asyncio.run(_parse(agent, rows, out))


async def _parse(agent: Any, rows: List[Dict[str, Any]], out: IO[str]) -> None:
    for row in rows:
        parsed = await agent.parse_message(str(row["text"]).lstrip("/") or " ")
        intent = parsed["intent"]
        line = {
            "id": row["id"],
            "intent": intent.get("name") or "out_of_scope",
            "confidence": round(float(intent.get("confidence") or 0.0), 4),
            "entities": [{"entity": found["entity"], "value": found["value"]} for found in parsed.get("entities", [])],
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
