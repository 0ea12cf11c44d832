declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<object, object, unknown>;
  export default component;
}

declare module "virtual:hotlines" {
  import type { BundledHotline } from "./shared/hotlines";
  export const hotlines: BundledHotline[];
}

declare module "virtual:countries" {
  /** name|police|ambulance|fire|city,city on each line */
  export const countries: string;
}

declare module "virtual:questionnaires" {
  export const questionnaires: { id: string; title: string; count: number }[];
}
