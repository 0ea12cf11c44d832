/** Sentences that stand in more than one place. */
export const WHO_WE_ARE = "给干活的人歇脚说话的地方。先陪你说话的是程序，需要的时候，后面有真人咨询师。";
export const A_PROGRAM = "我是程序，不是真人";

/** Shown until the gateway's own notice has come; the gateway's words count. */
export const NOTICE_BEFORE_CONNECTED = [
  "你在这里说的话，单位看不到。",
  "你或别人有生命危险时，我们会让值班咨询师介入，必要时联系你留下的紧急联系人、120 或 110。",
];
