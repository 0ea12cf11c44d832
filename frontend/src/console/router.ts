/** Where things are: the desk with its cases, and a page for each other kind of work; by role. */
import { type Component, markRaw } from "vue";
import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import type { Role } from "./protocol";
import Desk from "./Desk.vue";

export interface Place {
  path: string;
  title: string;
  /** Name of the drawn sign in parts/Sign.vue. */
  sign: string;
  roles: readonly Role[];
  page: Component | (() => Promise<Component>);
}

const STAFF: readonly Role[] = ["counsellor", "supervisor"];
const HEADS: readonly Role[] = ["supervisor", "admin"];
const EVERYBODY: readonly Role[] = ["counsellor", "supervisor", "trainer", "clinician", "admin"];

/** In the order of the navigation. */
export const PLACES: readonly Place[] = [
  { path: "/cases", title: "接待", sign: "desk", roles: STAFF, page: markRaw(Desk) },
  { path: "/follow-ups", title: "待办", sign: "tasks", roles: STAFF, page: () => import("./pages/FollowUps.vue") },
  { path: "/search", title: "搜索", sign: "search", roles: STAFF, page: () => import("./pages/Search.vue") },
  { path: "/team", title: "团队", sign: "team", roles: ["supervisor"], page: () => import("./pages/Team.vue") },
  { path: "/accounts", title: "账号", sign: "accounts", roles: ["admin"], page: () => import("./pages/Accounts.vue") },
  { path: "/shifts", title: "排班", sign: "shifts", roles: HEADS, page: () => import("./pages/Shifts.vue") },
  { path: "/hotlines", title: "热线", sign: "phone", roles: HEADS, page: () => import("./pages/Hotlines.vue") },
  { path: "/retention", title: "保存期限", sign: "retention", roles: ["admin"], page: () => import("./pages/Retention.vue") },
  { path: "/notifications", title: "未送达", sign: "letters", roles: HEADS, page: () => import("./pages/Notifications.vue") },
  { path: "/audit", title: "审计", sign: "audit", roles: HEADS, page: () => import("./pages/Audit.vue") },
  { path: "/me", title: "我的", sign: "me", roles: EVERYBODY, page: () => import("./pages/Me.vue") },
];

export function placesOf(role: Role): Place[] {
  return PLACES.filter((place) => place.roles.includes(role));
}

const routes: RouteRecordRaw[] = [
  ...PLACES.map((place): RouteRecordRaw => {
    const path = place.path === "/cases" ? "/cases/:id(\\d+)?" : place.path;
    return { path, component: place.page, meta: { roles: place.roles } };
  }),
  { path: "/:rest(.*)*", redirect: "/cases" },
];

export const router = createRouter({ history: createWebHashHistory(), routes });

// A page that can't be fetched any more belongs to an older release: everything is fetched anew there, but not again and again.
router.onError((_error, to) => {
  if (router.currentRoute.value.matched.length === 0) return;
  location.hash = to.fullPath;
  location.reload();
});

/** Sends who may not see a place to the first one of their role; `roleOf` is null while nobody is signed in. */
export function guard(roleOf: () => Role | null): void {
  router.beforeEach((to) => {
    const role = roleOf();
    const allowed = to.meta["roles"] as readonly Role[] | undefined;
    if (role === null || allowed === undefined || allowed.includes(role)) return true;
    return placesOf(role)[0]?.path ?? "/me";
  });
}
