/** What is fetched with the first sign of a human: how their coming and going looks, and that the worker's writing is told. */
import { Writing } from "../../shared/writing";
import type { Chat } from "../chat";
import { linked } from "../linked";
import address from "../style/human.css?url";
import TurnLine from "./TurnLine.vue";

export async function load(): Promise<{ default: typeof TurnLine }> {
  await linked(address);
  return { default: TurnLine };
}

export async function writingTo(chat: Chat): Promise<Writing> {
  await linked(address);
  return new Writing((active) => {
    chat.send({ type: "typing", active });
  });
}
