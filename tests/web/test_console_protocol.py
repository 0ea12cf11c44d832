"""docs/console.md, bot/channels/console_envelope.py, bot/web and frontend/src/console/protocol.ts name the same calls, frames and fields."""

from __future__ import annotations

import dataclasses
import re

from ground import NOW

from bot.channels import console_envelope as envelope
from bot.channels import console_socket
from bot.domain.brief_facts import FACTS
from bot.domain.handoff import HandoffOutcome, HandoffReason
from bot.domain.risk import RiskLevel
from bot.services.case_threads import Bubble
from bot.services.handoff_rows import Row
from bot.services.threads import StoredMessage
from bot.settings import ROOT

DOCS = (ROOT / "docs" / "console.md").read_text("utf-8")
SOURCE = ROOT / "frontend" / "src"
TYPESCRIPT = re.sub(
    r"/\*.*?\*/|//[^\n]*",
    "",
    "".join((SOURCE / room / "protocol.ts").read_text("utf-8") for room in ("staff", "console")),
    flags=re.S,
)


def _docs_table(heading: str) -> dict[str, set[str]]:
    """type -> fields of the table below this heading."""
    part = DOCS.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]
    return {row[0].strip().strip("`"): set(re.findall(r"`([a-z_]+)`", row[1])) for row in rows}


def _fields(interface: str) -> dict[str, str]:
    body = re.search(rf"export\s+interface\s+{interface}\s*\{{(.*?)\n\}}", TYPESCRIPT, flags=re.S)[1]
    return {name.rstrip("?"): kind.strip() for name, kind in re.findall(r"^  (\w+\??)\s*:\s*(.+?);$", body, flags=re.M)}


def _union(name: str) -> list[str]:
    return re.findall(r"\w+", re.search(rf"export\s+type\s+{name}\s*=(.*?);", TYPESCRIPT, flags=re.S)[1])


def _typescript_frames(name: str) -> dict[str, set[str]]:
    frames: dict[str, set[str]] = {}
    for member in _union(name):
        fields = _fields(member)
        kind = fields.pop("type").strip("\"'")
        frames[kind] = set(fields)
    return frames


def _strings(name: str) -> set[str]:
    return set(re.findall(r"\"(\w+)\"", re.search(rf"export\s+type\s+{name}\s*=(.*?);", TYPESCRIPT, flags=re.S)[1]))


def test_frames_from_the_page_are_the_same_everywhere() -> None:
    ours = {kind: set(fields) for kind, fields in envelope.FROM_CONSOLE.items()}
    assert _docs_table("From the page") == ours
    assert _typescript_frames("PageFrame") == ours


def test_frames_from_the_gateway_are_the_same_everywhere() -> None:
    ours = {kind: set(fields) for kind, fields in envelope.TO_CONSOLE.items()}
    assert _docs_table("From the gateway") == ours
    assert _typescript_frames("GatewayFrame") == ours


def test_field_types_of_the_page_are_the_same_in_typescript() -> None:
    words = {"string": str, "number": int, "boolean": bool}
    for member in _union("PageFrame"):
        fields = _fields(member)
        kind = fields.pop("type").strip("\"'")
        assert {name: words[value] for name, value in fields.items()} == envelope.FROM_CONSOLE[kind], kind


def test_a_row_has_the_fields_of_the_docs_in_python_and_typescript() -> None:
    named = re.findall(r"\"(\w+)\"", re.search(r"A \*\*row\*\* of the queue: `\{(.*?)\}`", DOCS, flags=re.S)[1])
    ours = [field.name for field in dataclasses.fields(Row)]
    assert named == ours
    assert list(_fields("Row")) == ours


def test_a_bubble_is_what_the_frame_says() -> None:
    bubble = Bubble("c", StoredMessage(1, 2, "worker", "累", (), None, NOW, "e1"), None, "none", None)
    assert set(envelope.bubble_frame(1, bubble)) == {"type", *envelope.TO_CONSOLE["message"]}


def test_the_brief_of_the_docs_is_that_of_the_page() -> None:
    text = re.search(r"The \*\*brief\*\*: (.*?)\n\n", DOCS, flags=re.S)[1]
    for name in _fields("Brief"):
        assert f'"{name}"' in text, name
    facts = re.findall(r"\"(\w+)\"", re.search(r"SAFETY_FACTS\s*=\s*\[(.*?)\]", TYPESCRIPT, flags=re.S)[1])
    assert set(facts) == set(FACTS)
    assert set(re.findall(r"\"(\w+)\"", re.search(r"\"safety\": \{(.*?)\}", text, flags=re.S)[1])) >= set(FACTS)


def test_words_for_levels_reasons_and_outcomes_are_the_same() -> None:
    assert _strings("Level") == {each.value for each in RiskLevel}
    assert _strings("Reason") == {each.value for each in HandoffReason}
    assert _strings("Outcome") == {each.value for each in HandoffOutcome}


def test_the_version_is_the_same_everywhere() -> None:
    assert int(re.search(r"protocol, version (\d+)", DOCS)[1]) == envelope.PROTOCOL
    assert int(re.search(r"export const PROTOCOL = (\d+)", TYPESCRIPT)[1]) == envelope.PROTOCOL
    for code in (console_socket._NOT_SIGNED_IN, console_socket._WRONG_ORIGIN, console_socket._NO_HELLO):
        assert str(code) in DOCS


def test_every_call_of_the_protocol_is_served(sqlite_root) -> None:
    from bot.web.app import make_app

    routes = make_app(sqlite_root.settings, sqlite_root).router.routes()
    served = {
        (route.method, re.sub(r"\{[^}]*\}", "{id}", route.resource.canonical)) for route in routes if route.resource is not None
    }  # fmt: skip
    named = set()
    for methods, path in re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE)(?:/(?:POST|PUT))?) (/api/[^`?]*)", DOCS):
        named |= {(method, re.sub(r"\{[^}]*\}", "{id}", path)) for method in methods.split("/")}
    named = {(method, path) for method, path in named if ".." not in path}
    assert len(named) > 30
    assert named <= served, named - served
