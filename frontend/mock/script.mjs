/** What the mock answers: a few turns chosen by a word in the message. */
export const NOTICE = {
  version: "2026-11",
  text: [
    "你说的话只用来陪你，单位看不到，也不会拿去考核。",
    "你或别人有生命危险时，我们会让值班咨询师介入，必要时联系你留下的紧急联系人、120 或 110。",
    "用一个称呼就行，不用真名。说过的话你随时可以导出，也可以全部删掉。",
  ],
};

const breathing = { kind: "breathing", inhale: 4, hold: 2, exhale: 6, rest: 0, rounds: 5 };
const hotlines = {
  kind: "hotlines",
  lines: [
    { number: "120", name: "急救", hours: "24小时" },
    { number: "110", name: "报警", hours: "24小时" },
    { number: "12356", name: "全国心理援助热线", hours: null },
  ],
};
const plan = {
  kind: "safety_plan",
  title: "我的安全计划",
  note: "还没有和咨询师一起看过",
  steps: [
    { title: "要不好了的信号", answers: ["晚上睡不着，一个人躺着胡思乱想", "想哭"] },
    { title: "我自己能做的", answers: ["去河边骑两圈"] },
    { title: "能让我分心的人和地方", answers: ["站点旁边的便利店"] },
    { title: "我能开口求助的人", answers: ["先空着，想到了再补"] },
    { title: "专业的人和号码", answers: ["市里医院的王大夫"], lines: hotlines.lines },
    { title: "让身边安全一点", answers: ["放我姐那里"] },
  ],
};

const say = (author, text, extra = {}) => ({ author, text, buttons: [], custom: null, ...extra });

export const GREETING = [
  say("bot", "来了啊。这一路辛苦，先坐会儿。"),
  say("bot", "今天是有什么事压着，还是就想找个地方待一待？", { buttons: ["有件事堵着", "就是累", "说不清"] }),
];

const TURNS = [
  [/不想活|想死/, [
    say("safety", "你说不想活了，我听见了，不会当没看见。"),
    say("safety", "我想直接问一句：你现在是在想结束自己的生命吗？"),
    say("safety", "现在就能打的：120 急救、110 报警；想找人说，打 12356（可能不在服务时间）。要不要我现在就叫值班的真人咨询师进来？", {
      buttons: ["叫真人进来", "先跟你说"],
    }),
  ]],
  [/呼吸|喘/, [say("bot", "先不急着讲。跟着这盏灯喘几口气，慢慢来。", { custom: breathing })]],
  [/安全计划/, [say("bot", "在这儿，从第一步开始看，做到哪步好一点，就停在哪步。还没有和咨询师一起看过。", { custom: plan })]],
  [/热线|电话/, [say("bot", "这几个号码放在这儿，点一下就能打。", { custom: hotlines })]],
  [/累/, [
    say("bot", "累成这样还硬撑着，挺不容易的。"),
    say("bot", "是身子累，还是心里更累？", { buttons: ["身子累", "心里累", "都累"] }),
  ]],
];

const OTHERWISE = [
  [say("bot", "嗯，我在听。接着说。")],
  [say("bot", "这事搁谁身上都不好受。当时你最难咽下去的是哪一下？")],
  [say("bot", "听着像是憋了挺久了。有跟谁说过吗？")],
];

/** The answers to the text number `n` of the conversation. */
export function answersTo(text, n) {
  const turn = TURNS.find(([pattern]) => pattern.test(text));
  return turn ? turn[1] : OTHERWISE[n % OTHERWISE.length];
}

export const isDanger = (text) => /不想活|想死/.test(text);

const LONG = [
  ["bot", "来了啊。先坐会儿，今天跑了一天吧？", -2880],
  ["worker", "跑了十二个小时 刚到家 腿都是软的", -2878],
  ["bot", "十二个小时，腿软是正常的。吃上饭了吗？", -2878],
  ["worker", "泡了碗面", -2876],
  ["worker", "其实不饿就是心里堵得慌 今天有个单子超时两分钟，顾客在电话里骂了我快十分钟，骂得特别难听，我一句没回，挂了电话在楼道里坐了一会才走", -2875],
  ["bot", "骂了十分钟，一句没回，自己在楼道里缓过来再接着跑。", -2875],
  ["bot", "这口气咽下去，肯定硌得慌。", -2875],
  ["worker", "嗯", -2870],
  ["worker", "我要是回了他投诉我 一天白干", -2870],
  ["system", "已经聊了两个小时了。提醒一句：我是程序，不是真人。", -2760],
  ["bot", "昨天睡得怎么样？", -1440],
  ["worker", "躺下就想那个事 两点多才睡着", -1400],
  ["bot", "脑子停不下来的时候，可以试试先把气喘匀。不灵也没关系。", -1399, { custom: breathing }],
  ["worker", "试了两轮 好点", -1380],
  ["safety", "你刚才说有时候觉得活着没意思，我想直接问一句：有没有想过不想活了？", -90],
  ["worker", "没到那份上，就是累", -88],
  ["system", "值班咨询师进来了", -60],
  ["counsellor", "你好，我姓周，是值班的咨询师。前面的话我看了，不用从头再说。", -60],
  ["counsellor", "超时那单，站里后来怎么处理的？", -60],
  ["worker", "扣了五十 站长说下不为例", -58],
  ["bot", "五十块钱是一半，另一半是那十分钟。", -8],
  ["bot", "现在想先说哪一半？", -8, { buttons: ["钱的事", "挨骂的事", "都不想说，待会儿"] }],
];

export function longThread() {
  const now = Date.now();
  return LONG.map(([author, text, minutes, extra]) => ({
    ...say(author, text, extra),
    created_at: new Date(now + minutes * 60_000).toISOString(),
  }));
}
