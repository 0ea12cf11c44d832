/** Addresses of the studio, behind the `#`: a place each, and the details that open from them. */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import { DETAILS, pageOf, PLACES } from "./places";

const routes = [...PLACES, ...DETAILS].map((place) => ({
  path: place.path,
  component: pageOf(place.page),
  props: true,
  meta: { title: place.title },
})) as RouteRecordRaw[];

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [...routes, { path: "/:rest(.*)*", redirect: PLACES[0]?.path ?? "/inbox" }],
});

// A page that can't be fetched any more belongs to an older release: everything is fetched anew there, but not again and again.
router.onError((_error, to) => {
  if (router.currentRoute.value.matched.length === 0) return;
  location.hash = to.fullPath;
  location.reload();
});
