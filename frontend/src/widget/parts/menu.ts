/** What is fetched only when the worker opens the menu. */
export { default as ErasedView } from "./ErasedView.vue";
export { default as MenuDialog } from "./MenuDialog.vue";
