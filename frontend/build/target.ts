/** The oldest browsers the bundle is written for: in-app browsers on old phones lag years behind. */
export const BUILD_TARGET = ["chrome87", "safari14", "firefox91"];
/** Staff sit at desktops that are kept up to date. */
export const STAFF_TARGET = ["chrome105", "safari16", "firefox110"];
export const OUTPUT = "../bot/web/static";
