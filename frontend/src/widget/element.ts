/** <xinyi-widget>: a round button on the host's page that opens our frame; it never sees what is written there. */
import { asFrameSignal, frameAddress, type HostSignal } from "../shared/panel_messages";
import { ELEMENT_RULES } from "./element_style";

const TAG = "xinyi-widget";
const SVG = "http://www.w3.org/2000/svg";
const LANTERN = [
  "M16 3v4M11 7h10",
  "M11 9.5C7.5 12 7.5 20 11 22.5h10c3.5-2.5 3.5-10.5 0-13z",
  "M11 25h10M16 25v4",
];
const FLAME = "M16 12c2 2.2 2.7 3.6 2.7 4.9a2.7 2.7 0 0 1-5.4 0c0-1.3.7-2.7 2.7-4.9z";

/** Our origin is where this script came from; currentScript is only known while it first runs. */
function scriptOrigin(): string | null {
  const script =
    document.currentScript instanceof HTMLScriptElement
      ? document.currentScript
      : document.querySelector<HTMLScriptElement>('script[src$="/widget.js"], script[src*="/widget.js?"]');
  return script?.src ? new URL(script.src).origin : null;
}

const OUR_ORIGIN = scriptOrigin();

function path(d: string, fill: string, stroke: string): SVGPathElement {
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("d", d);
  node.setAttribute("fill", fill);
  node.setAttribute("stroke", stroke);
  node.setAttribute("stroke-width", "2");
  node.setAttribute("stroke-linecap", "round");
  node.setAttribute("stroke-linejoin", "round");
  return node;
}

function lantern(): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  for (const d of LANTERN) svg.append(path(d, "none", "currentColor"));
  svg.append(path(FLAME, "#ffc46b", "none"));
  return svg;
}

/** No inline style anywhere: the host's policy may forbid it, and script-made sheets are allowed. */
function dress(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(ELEMENT_RULES.join("\n"));
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement("style");
    root.append(style);
    for (const rule of ELEMENT_RULES) style.sheet?.insertRule(rule, style.sheet.cssRules.length);
  }
}

class XinyiWidget extends HTMLElement {
  private readonly root = this.attachShadow({ mode: "closed" });
  private readonly button = document.createElement("button");
  private readonly badge = document.createElement("span");
  private readonly panel = document.createElement("div");
  private frame: HTMLIFrameElement | null = null;
  private isFrameReady = false;

  constructor() {
    super();
    dress(this.root);
    this.button.type = "button";
    this.badge.className = "badge";
    this.panel.className = "panel";
    this.panel.hidden = true;
    this.button.append(lantern(), this.badge);
    this.root.append(this.panel, this.button);
    this.button.addEventListener("click", () => {
      if (this.panel.hidden) this.open();
      else this.close();
    });
  }

  connectedCallback(): void {
    this.count(0);
    window.addEventListener("message", this.heard);
  }

  disconnectedCallback(): void {
    window.removeEventListener("message", this.heard);
    this.removeFrame();
  }

  open(): void {
    if (OUR_ORIGIN === null) return;
    if (this.frame === null) {
      this.frame = document.createElement("iframe");
      this.frame.title = "心驿";
      this.frame.referrerPolicy = "origin";
      this.frame.src = frameAddress(OUR_ORIGIN, location.origin);
      this.panel.append(this.frame);
    }
    this.show(true);
    this.tell({ xinyi: "shown" });
    this.frame.focus();
  }

  close(): void {
    this.show(false);
    this.tell({ xinyi: "hidden" });
    this.button.focus();
  }

  private removeFrame(): void {
    this.frame?.remove();
    this.frame = null;
    this.isFrameReady = false;
    this.show(false);
    this.count(0);
  }

  private show(isOpen: boolean): void {
    this.panel.hidden = !isOpen;
    this.button.classList.toggle("is-open", isOpen);
    this.button.setAttribute("aria-expanded", String(isOpen));
  }

  private count(unread: number): void {
    this.badge.hidden = unread === 0;
    this.badge.textContent = unread > 99 ? "99+" : String(unread);
    const label = this.getAttribute("label") ?? "心驿，找人说说话";
    this.button.setAttribute("aria-label", unread === 0 ? label : `${label}，${unread} 条未读`);
  }

  private tell(signal: HostSignal): void {
    if (OUR_ORIGIN === null || !this.isFrameReady) return;
    this.frame?.contentWindow?.postMessage(signal, OUR_ORIGIN);
  }

  private readonly heard = (event: MessageEvent): void => {
    if (event.origin !== OUR_ORIGIN || this.frame === null || event.source !== this.frame.contentWindow) return;
    const signal = asFrameSignal(event.data);
    if (signal === null) return;
    if (signal.xinyi === "ready") {
      this.isFrameReady = true;
      this.tell({ xinyi: this.panel.hidden ? "hidden" : "shown" });
    } else if (signal.xinyi === "unread") this.count(signal.count);
    else if (signal.xinyi === "close") this.close();
    else this.leave();
  };

  /** The quick exit: the frame goes, and the page that knows what to show instead is told. */
  private leave(): void {
    this.removeFrame();
    this.dispatchEvent(new CustomEvent("xinyi-leave", { bubbles: true }));
  }
}

if (OUR_ORIGIN !== null && customElements.get(TAG) === undefined) customElements.define(TAG, XinyiWidget);
