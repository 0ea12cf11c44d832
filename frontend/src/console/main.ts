/** Entry of the staff's console: the page, its addresses, and what happens when a session is over. */
import { provideGlobalConfig } from "element-plus";
import zhCn from "element-plus/es/locale/lang/zh-cn";
import { createApp } from "vue";
import App from "./App.vue";
import { onSignedOut } from "../staff/api";
import { guard, router } from "./router";
import { resume, session, sessionEnded } from "../staff/session";
import "element-plus/theme-chalk/base.css";
import "../staff/style/tokens.css";
import "../staff/style/base.css";
import "../staff/style/shell.css";
import "../staff/style/levels.css";
import "./style/shell.css";
import "./style/queue.css";
import "./style/case.css";
import "./style/brief.css";
import "../staff/style/dialogs.css";

onSignedOut(sessionEnded);
guard(() => session.signed?.me.role ?? null);
void resume().finally(() => {
  const app = createApp(App).use(router);
  // Element Plus types the field by its declaration and not by its value.
  provideGlobalConfig({ locale: zhCn as never }, app, true);
  app.mount("#app");
});
