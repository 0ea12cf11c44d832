/** The look of the button and the panel on the host's page, inside the element's own shadow: one rule an entry. */
const SAFE_BOTTOM = "env(safe-area-inset-bottom, 0px)";

export const ELEMENT_RULES = [
  `:host { all: initial; position: fixed; right: 20px; bottom: calc(20px + ${SAFE_BOTTOM}); z-index: 2147483000; }`,
  `:host([position="left"]) { right: auto; left: 20px; }`,
  `:host([hidden]) { display: none; }`,
  `button { all: unset; box-sizing: border-box; position: relative; display: grid; place-items: center;
    width: 60px; height: 60px; border-radius: 50%; cursor: pointer; color: #fff3dc; background: #7a4318;
    border: 1px solid #fff3dc44; box-shadow: 0 6px 20px #3a230f59, 0 0 0 6px #e9a24a33;
    transition: transform .2s, box-shadow .2s; }`,
  `button:hover { transform: translateY(-2px); box-shadow: 0 8px 24px #3a230f66, 0 0 0 9px #e9a24a3d; }`,
  `button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #7a4318; }`,
  `svg { width: 32px; height: 32px; }`,
  `.badge { position: absolute; top: -4px; right: -4px; min-width: 24px; height: 24px; box-sizing: border-box;
    padding: 0 6px; border-radius: 12px; background: #1f5b57; color: #fff; border: 2px solid #fff;
    font: 700 13px/20px system-ui, sans-serif; text-align: center; }`,
  `.badge[hidden], .panel[hidden] { display: none; }`,
  `.panel { position: fixed; right: 20px; bottom: calc(94px + ${SAFE_BOTTOM}); width: 400px;
    height: min(680px, calc(100vh - 120px)); border-radius: 22px; overflow: hidden; background: #f6efe2;
    box-shadow: 0 18px 60px #3a230f4d, 0 0 0 1px #3a230f1f; }`,
  `:host([position="left"]) .panel { right: auto; left: 20px; }`,
  `iframe { display: block; width: 100%; height: 100%; border: 0; }`,
  `@media (prefers-color-scheme: dark) { .panel { background: #1d1817; } }`,
  `@media (max-width: 520px), (max-height: 480px) {
    .panel, :host([position="left"]) .panel { top: 0; right: 0; bottom: 0; left: 0; width: auto; height: 100%; border-radius: 0; }
    button.is-open { display: none; }
  }`,
  `@media (prefers-reduced-motion: reduce) { button { transition: none; } button:hover { transform: none; } }`,
];
