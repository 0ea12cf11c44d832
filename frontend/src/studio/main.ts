/** Entry of the trainers' studio: the page, its addresses, and what happens when a session is over. */
import { provideGlobalConfig } from "element-plus";
import zhCn from "element-plus/es/locale/lang/zh-cn";
import { createApp } from "vue";
import { onSignedOut } from "../staff/api";
import { resume, sessionEnded } from "../staff/session";
import App from "./App.vue";
import { router } from "./router";
import "element-plus/theme-chalk/base.css";
import "../staff/style/tokens.css";
import "../staff/style/base.css";
import "../staff/style/shell.css";
import "../staff/style/pages.css";
import "../staff/style/dialogs.css";
import "../staff/style/levels.css";
import "./style/studio.css";

onSignedOut(sessionEnded);
void resume().finally(() => {
  const app = createApp(App).use(router);
  // Element Plus types the field by its declaration and not by its value.
  provideGlobalConfig({ locale: zhCn as never }, app, true);
  app.mount("#app");
});
