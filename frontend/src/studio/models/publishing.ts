/** Whether this account may publish a model now, and in words why not. */
import type { Model, ModelList } from "../protocol";

type Place = Pick<ModelList, "can_publish" | "why_not" | "publication">;

/** Empty when publishing may be asked for; the gateway decides in the end. */
export function whyNotPublish(model: Model, place: Place, myName: string): string {
  if (model.role === "live") return "它正在用着。";
  if (!model.is_runnable) return model.why_not ?? "这个模型在这里跑不起来。";
  if (model.trained_by !== null && model.trained_by === myName) return "是你训练的，要请另一位同事来发布。";
  if (model.verdict === "blocked") return "安全这一关没有过，不能发布。";
  if (model.verdict === "unproven") return "还没有验证过，先验证。";
  if (!place.can_publish) return place.why_not ?? "这台机器上现在不能发布。";
  const { publication } = place;
  return publication !== null && publication.state !== "done" && publication.state !== "failed" ? "上一次发布还没完，等它结束。" : "";
}

/** A model as people tell it from others: when it was trained and by whom. */
export function modelName(model: Pick<Model, "created_at" | "trained_by">, moment: (iso: string) => string): string {
  return `${moment(model.created_at)}（${model.trained_by ?? "命令行"}）`;
}
