/** The editor's own words in Chinese (CodeMirror's phrases). */
export const PHRASES: Record<string, string> = {
  "Find": "查找", "Replace": "换成", "next": "下一个", "previous": "上一个", "all": "全选", "match case": "区分大小写", "by word": "整词", "regexp": "正则",
  "replace": "替换", "replace all": "全部替换", "close": "关闭", "Go to line": "去第几行", "go": "去", "current match": "当前这处", "on line": "在第几行",
  "replaced match on line $": "第 $ 行已替换", "replaced $ matches": "替换了 $ 处", "Diagnostics": "问题", "No diagnostics": "没有问题",
  "Folded lines": "折起的行", "Unfolded lines": "展开的行", "to": "到", "folded code": "折起的内容", "unfold": "展开", "Fold line": "折起", "Unfold line": "展开",
  "Control character": "控制字符", "Selection deleted": "选中的已删掉", "$ unchanged lines": "$ 行没变",
};
