/** The editor's look, in the studio's own colours. */
import { EditorView } from "@codemirror/view";

export const EDITOR_STYLE = EditorView.theme({
  "&": { height: "100%", maxHeight: "inherit", fontSize: "13.5px", color: "#1f2a2c" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: '"SF Mono", "Cascadia Mono", Consolas, "Noto Sans Mono", monospace', lineHeight: "1.65" },
  ".cm-gutters": { backgroundColor: "#f3f4f1", color: "#56646a", border: "none" },
  ".cm-activeLine": { backgroundColor: "#e3efec66" },
  ".cm-activeLineGutter": { backgroundColor: "#e3efec" },
  ".cm-panels": { backgroundColor: "#f3f4f1", color: "#1f2a2c", fontFamily: "inherit" },
  ".cm-panel.cm-search": { padding: "6px 28px 6px 8px" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "#ffffff", border: "1px solid #c9d0cd", borderRadius: "4px" },
  ".cm-textfield": { border: "1px solid #c9d0cd", borderRadius: "4px" },
  ".cm-tooltip": { border: "1px solid #c9d0cd", borderRadius: "6px", backgroundColor: "#ffffff" },
  ".cm-diagnostic-error": { borderLeftColor: "#a61b29" },
  ".cm-diagnostic-warning": { borderLeftColor: "#a84d00" },
});
