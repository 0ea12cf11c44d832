/** The studio's protocol, version 1: the same calls and fields as docs/studio.md, a file for each of its parts. */
export * from "./protocol/inbox";
export * from "./protocol/changes";
export * from "./protocol/models";
