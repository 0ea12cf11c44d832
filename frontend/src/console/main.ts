/** Entry of the staff's console: the page, its addresses, and what happens when a session is over. */
import { provideGlobalConfig } from "element-plus";
import zhCn from "element-plus/es/locale/lang/zh-cn";
import { createApp } from "vue";
import App from "./App.vue";
import { onSignedOut } from "./api";
import { guard, router } from "./router";
import { resume, session, sessionEnded } from "./session";
import "element-plus/theme-chalk/base.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/queue.css";
import "./style/case.css";
import "./style/brief.css";
import "./style/dialogs.css";

onSignedOut(sessionEnded);
guard(() => session.signed?.me.role ?? null);
void resume().finally(() => {
  const app = createApp(App).use(router);
  // Element Plus types the field by its declaration and not by its value.
  provideGlobalConfig({ locale: zhCn as never }, app, true);
  app.mount("#app");
});
