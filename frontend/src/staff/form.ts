/** What a form lacks, by the field: its own checks first, then what the server names. */
import { type Ref, ref } from "vue";
import { ApiError, sentence } from "./api";

export interface Form {
  /** One sentence a field. */
  problems: Ref<Record<string, string>>;
  /** What belongs to no field. */
  problem: Ref<string>;
  isSending: Ref<boolean>;
  /** Sends when the checks find nothing; true when the server took it. */
  submit: (check: () => Record<string, string>, send: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

/** The sentence of a refusal at the fields it names among `known`; empty when it names none of them. */
export function byField(error: unknown, known: readonly string[]): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const named = error.fields.filter((field) => known.includes(field));
  const one = named.length === 1 ? error.message : "请检查这一项。";
  return Object.fromEntries(named.map((field) => [field, one]));
}

/** `known`: the fields that the form can show a problem at. */
export function useForm(known: readonly string[]): Form {
  const problems = ref<Record<string, string>>({});
  const problem = ref("");
  const isSending = ref(false);

  function clear(): void {
    problems.value = {};
    problem.value = "";
  }

  async function submit(check: () => Record<string, string>, send: () => Promise<unknown>): Promise<boolean> {
    if (isSending.value) return false;
    problem.value = "";
    problems.value = check();
    if (Object.keys(problems.value).length > 0) return false;
    isSending.value = true;
    try {
      await send();
      return true;
    } catch (error) {
      problems.value = byField(error, known);
      const isOnlyAtOneField = Object.keys(problems.value).length === 1;
      problem.value = isOnlyAtOneField ? "" : sentence(error);
      return false;
    } finally {
      isSending.value = false;
    }
  }

  return { problems, problem, isSending, submit, clear };
}
