/** The names that the domain knows, for the fields of the picture; given by the page to all of it. */
import { computed, type ComputedRef, inject, type InjectionKey, provide, watch } from "vue";
import { useLoaded } from "../../staff/loaded";
import { api } from "../api";
import { draft, inDraft } from "../draft";
import type { Domain, ResponseList } from "../protocol";
import { intentWord } from "../words";
import type { Option } from "./choosing";
import { RASA_ACTIONS } from "./words";

export interface Known {
  intents: Option[];
  entities: Option[];
  slots: Option[];
  actions: Option[];
  forms: Option[];
  /** False while nothing is known yet: nothing is marked then. */
  isRead: boolean;
}

const KEY: InjectionKey<ComputedRef<Known>> = Symbol("known");
const NOTHING: Known = { intents: [], entities: [], slots: [], actions: [], forms: [], isRead: false };

const plain = (names: readonly string[]): Option[] => names.map((name) => ({ name, word: "" }));

const SLOT_TYPES: Record<string, string> = { text: "文字", bool: "是或否", float: "数", list: "几样", categorical: "几种之一", any: "什么都行" };

/** `firstWords`: the first wording of each response. */
export function knownFrom(domain: Domain, firstWords: ReadonlyMap<string, string>): Known {
  const intentNames = [...new Set([...domain.intents, "nlu_fallback"])];
  const actions = [...new Set([...domain.actions, ...domain.responses, ...domain.forms])];
  return {
    intents: intentNames.map((name) => ({ name, word: intentWord(name) === name ? "" : intentWord(name) })),
    entities: plain(domain.entities),
    slots: [...domain.slots.map(({ name, type }) => ({ name, word: SLOT_TYPES[type] ?? type })), { name: "requested_slot", word: "表单正在问的" }],
    actions: [...actions.map((name) => ({ name, word: firstWords.get(name) ?? (domain.forms.includes(name) ? "表单" : "") })), ...RASA_ACTIONS],
    forms: plain(domain.forms),
    isRead: true,
  };
}

/** Reads them and gives them to the parts below; again when another change set is chosen. */
export function provideKnown(): ComputedRef<Known> {
  const { data, reload } = useLoaded(async () => {
    const [domain, responses] = await Promise.all([api.get<Domain>(`domain${inDraft()}`), api.get<ResponseList>(`responses${inDraft()}`)]);
    return knownFrom(domain, new Map(responses.responses.map(({ name, wordings }) => [name, wordings[0]?.text ?? ""])));
  });
  watch(() => draft.id, reload);
  const known = computed(() => data.value ?? NOTHING);
  provide(KEY, known);
  return known;
}

export const useKnown = (): ComputedRef<Known> => inject(KEY, computed(() => NOTHING));
