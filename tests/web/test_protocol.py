"""docs/protocol.md, bot/channels/envelope.py and frontend/src/shared/protocol.ts name the same frames, fields and codes."""

from __future__ import annotations

import re

from bot.channels import envelope, websocket
from bot.domain.conversation import MAX_TEXT_CHARACTERS, Author
from bot.settings import ROOT
from bot.web.worker import COOKIE

DOCS = (ROOT / "docs" / "protocol.md").read_text("utf-8")
TYPESCRIPT = re.sub(
    r"/\*.*?\*/|//[^\n]*", "", (ROOT / "frontend" / "src" / "shared" / "protocol.ts").read_text("utf-8"), flags=re.S
)


def _docs_table(heading: str) -> dict[str, set[str]]:
    """type -> fields of the table below this heading."""
    part = DOCS.split(f"### {heading}\n", 1)[1].split("\n###", 1)[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]
    return {row[0].strip().strip("`"): set(re.findall(r"`([a-z_]+\??)`", row[1])) for row in rows}


def _interfaces() -> dict[str, str]:
    return dict(re.findall(r"export\s+interface\s+(\w+)\s*\{(.*?)\}", TYPESCRIPT, flags=re.S))


def _typescript_union(name: str) -> dict[str, set[str]]:
    """type -> fields of the interfaces that make up this union."""
    members = re.findall(r"\w+", re.search(rf"export\s+type\s+{name}\s*=(.*?);", TYPESCRIPT, flags=re.S)[1])
    frames: dict[str, set[str]] = {}
    for member in members:
        fields = dict(re.findall(r"(\w+\??)\s*:\s*([^;]+);", _interfaces()[member]))
        kind = fields.pop("type").strip().strip("\"'")
        frames[kind] = set(fields)
    return frames


def _constant(name: str) -> int:
    return int(re.search(rf"export\s+const\s+{name}\s*=\s*(\d+)", TYPESCRIPT)[1])


def test_frames_from_the_page_are_the_same_everywhere() -> None:
    ours = {kind: set(fields) for kind, fields in envelope.FROM_PAGE.items()}
    assert _docs_table("From the page") == ours
    assert _typescript_union("PageFrame") == ours


def test_frames_from_the_gateway_are_the_same_everywhere() -> None:
    ours = {kind: set(fields) for kind, fields in envelope.FROM_GATEWAY.items()}
    assert _docs_table("From the gateway") == ours
    assert _typescript_union("GatewayFrame") == ours


def test_field_types_of_the_page_are_the_same_in_typescript() -> None:
    words = {"string": str, "number": int, "boolean": bool}
    members = re.findall(r"\w+", re.search(r"export\s+type\s+PageFrame\s*=(.*?);", TYPESCRIPT, flags=re.S)[1])
    for member in members:
        fields = dict(re.findall(r"(\w+\??)\s*:\s*([^;]+);", _interfaces()[member]))
        kind = fields.pop("type").strip().strip("\"'")
        assert {name: words[value.strip()] for name, value in fields.items()} == envelope.FROM_PAGE[kind], kind


def test_error_codes_are_the_same_everywhere() -> None:
    docs = re.findall(r"`([a-z_]+)`", re.search(r"^Error codes:(.*)$", DOCS, flags=re.M)[1])
    listed = re.search(r"export\s+const\s+ERROR_CODES\s*=\s*\[(.*?)\]", TYPESCRIPT, flags=re.S)[1]
    assert docs == list(envelope.ERROR_CODES)
    assert re.findall(r"[\"']([a-z_]+)[\"']", listed) == list(envelope.ERROR_CODES)


def test_every_error_code_a_reader_can_meet_is_in_the_protocol() -> None:
    from bot.domain import errors

    reader = {errors.InvalidInput, errors.EmptyText, errors.TextTooLong, errors.UnknownChoice, errors.NotSignedIn,
              errors.ConsentRequired, errors.RateLimited, errors.StorageUnavailable, errors.KeyMissing}  # fmt: skip
    assert {each.code for each in reader} <= set(envelope.ERROR_CODES)


def test_close_codes_are_the_same_everywhere() -> None:
    documented = set(map(int, re.findall(r"\b(4\d{3})\b", DOCS.split("Close codes:")[1].split("\n")[0])))
    ours = {websocket._NOT_SIGNED_IN, websocket._WRONG_ORIGIN, websocket._NO_HELLO, websocket._REPLACED}
    assert documented == ours
    names = ("CLOSE_NOT_SIGNED_IN", "CLOSE_WRONG_ORIGIN", "CLOSE_NO_HELLO", "CLOSE_REPLACED")
    assert {_constant(name) for name in names} == ours
    assert _constant("CLOSE_OVERLOADED") == 1013


def test_limits_version_and_authors_are_the_same_everywhere() -> None:
    assert _constant("PROTOCOL") == envelope.PROTOCOL == int(re.search(r"protocol, version (\d+)", DOCS)[1])
    assert _constant("MAX_TEXT_LENGTH") == MAX_TEXT_CHARACTERS
    assert f"{MAX_TEXT_CHARACTERS:,} characters" in DOCS
    assert envelope.MAX_FRAME_BYTES == 64 * 1024
    assert "64 KiB" in DOCS
    authors = set(re.findall(r"\"(\w+)\"", re.search(r"export\s+type\s+Author\s*=(.*?);", TYPESCRIPT, flags=re.S)[1]))
    assert authors == {author.value for author in Author}
    assert f"`{COOKIE}`" in DOCS


def test_every_route_of_the_protocol_is_served(sqlite_root) -> None:
    from bot.web.app import make_app

    served = {
        (route.method, route.resource.canonical) for route in make_app(sqlite_root.settings, sqlite_root).router.routes()
        if route.resource is not None
    }  # fmt: skip
    named = re.findall(r"^\| `(GET|POST|PUT|DELETE) (/[^`?]*)", DOCS, flags=re.M)
    assert len(named) >= 7
    assert set(named) <= served
