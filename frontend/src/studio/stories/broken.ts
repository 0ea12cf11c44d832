/** What is wrong with a YAML text, in plain Chinese, with line and column from 1. */
import { type Document, type ErrorCode, LineCounter, parseDocument, visit, type YAMLError } from "yaml";

export interface Trouble {
  line: number;
  column: number;
  message: string;
}

const WORDS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "引用（*名字）后面不能再加别的。",
  BAD_ALIAS: "这个引用（*名字）没有写对，或者前面没有它。如果只是星号，请用引号括起来。",
  BAD_COLLECTION_TYPE: "这里的类型和内容对不上。",
  BAD_DIRECTIVE: "以 % 开头的行没有写对。",
  BAD_DQ_ESCAPE: "双引号里的反斜杠“\\”没有写对，可以换成单引号。",
  BAD_INDENT: "缩进不对：同一层的内容要左边对齐，用空格。",
  BAD_PROP_ORDER: "标记的次序不对。",
  BAD_SCALAR_START: "这一句不能用这个符号开头，请用引号把它括起来。",
  BLOCK_AS_IMPLICIT_KEY: "这一行里有两个冒号，或者上一行少了引号：内容里有“: ”的要用引号括起来。",
  BLOCK_IN_FLOW: "方括号、花括号里面要写在一行里。",
  DUPLICATE_KEY: "同一个名字在这里写了两次。",
  KEY_OVER_1024_CHARS: "冒号前面的名字太长了。",
  MISSING_CHAR: "少了一个符号：引号、括号或冒号没有写全。",
  MULTILINE_IMPLICIT_KEY: "冒号前面的名字要写在一行里。",
  MULTIPLE_ANCHORS: "一处只能有一个 &名字。",
  MULTIPLE_DOCS: "一个文件里只能有一份内容，请去掉中间的“---”。",
  MULTIPLE_TAGS: "一处只能有一个标记。",
  RESOURCE_EXHAUSTION: "引用套得太多了。",
  TAB_AS_INDENT: "缩进里有制表符（Tab），请换成空格。",
  TAG_RESOLVE_FAILED: "这个标记（!名字）不认识。",
  UNEXPECTED_TOKEN: "这里多了一个符号，或者上一行没有写完。",
};

/** In the order of the text; the first is the one to look at, what follows often comes of it. */
export function troublesOf(errors: readonly YAMLError[]): Trouble[] {
  return errors.map((error) => {
    const [at] = error.linePos ?? [{ line: 1, col: 1 }];
    return { line: at.line, column: at.col, message: WORDS[error.code] ?? "这里不合 YAML 的写法。" };
  });
}

/** References (`*name`) to nothing, which the parser itself lets pass. */
export function danglingIn(doc: Document, counter: LineCounter): Trouble[] {
  const found: Trouble[] = [];
  visit(doc, {
    Alias(_key, alias) {
      if (alias.resolve(doc) !== undefined) return;
      const { line, col } = counter.linePos(alias.range?.[0] ?? 0);
      found.push({ line, column: col, message: WORDS.BAD_ALIAS ?? "" });
    },
  });
  return found;
}

/** References that go round in a circle or multiply without end. */
export const TANGLED: Trouble = { line: 1, column: 1, message: WORDS.RESOURCE_EXHAUSTION ?? "" };

/** What is wrong with any YAML text; empty where it can be read. */
export function yamlTroubles(text: string): Trouble[] {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter, logLevel: "silent" });
  return doc.errors.length > 0 ? troublesOf(doc.errors) : danglingIn(doc, counter);
}
