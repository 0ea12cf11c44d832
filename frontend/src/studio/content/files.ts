/** Files of the folder in the groups that people know them by. */
import type { FileRow } from "../protocol";

export interface FileGroup {
  title: string;
  files: FileRow[];
}

const GROUPS: readonly (readonly [string, (path: string) => boolean])[] = [
  ["安全的话和热线", (path) => /^content\/(safety_messages|hotlines|emergency_numbers|safety_plan|handoff|canned_replies)\.yml$/.test(path)],
  ["问卷", (path) => path.startsWith("content/questionnaires/") || /^content\/(asq|screening)\.yml$/.test(path)],
  ["风险词和例子", (path) => path.startsWith("content/risk/")],
  ["安全测试里的人", (path) => path.startsWith("tests/dialogue/safety/")],
  ["其他内容", (path) => path.startsWith("content/")],
  ["领域：意图、槽位、回复", (path) => path === "domain.yml"],
  ["例句", (path) => path.startsWith("data/nlu/")],
  ["故事、规则和测试", () => true],
];

const TITLES: Record<string, string> = {
  "content/safety_messages.yml": "安全的话", "content/hotlines.yml": "热线", "content/emergency_numbers.yml": "急救号码", "content/safety_plan.yml": "安全计划",
  "content/handoff.yml": "转真人", "content/canned_replies.yml": "咨询师常用语", "content/asq.yml": "自杀风险提问（ASQ）", "content/screening.yml": "测评怎么开始",
  "content/risk/lexicon.yml": "风险词表", "content/risk/calm_texts.yml": "不该报警的话", "content/risk/regression.yml": "必须看对的话", "content/jieba/words.txt": "分词词典",
};

/** What a file is called; its own name where nobody gave it one. */
export const titleOf = (path: string): string => TITLES[path] ?? (path.split("/").pop() ?? path).replace(/\.(yml|txt)$/, "");

/** Each file in the first group that it belongs to; groups without files are left out. */
export function groupsOf(files: readonly FileRow[], typed: string): FileGroup[] {
  const pieces = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = files.filter(({ path }) => pieces.every((piece) => `${path} ${titleOf(path)}`.toLowerCase().includes(piece)));
  const groups = GROUPS.map(([title]): FileGroup => ({ title, files: [] }));
  for (const file of found) groups[GROUPS.findIndex(([, holds]) => holds(file.path))]?.files.push(file);
  return groups.filter((group) => group.files.length > 0);
}
