/** Words of the staff's pages for codes that come without their Chinese. */
import type { Role } from "./protocol";

export const ROLES: Record<Role, string> = { counsellor: "咨询师", supervisor: "督导", trainer: "训练师", clinician: "临床审核", admin: "管理员" };
