/** The oldest browsers the bundle is written for: in-app browsers on old phones lag years behind. */
export const BUILD_TARGET = ["chrome87", "safari14", "firefox91"];
export const OUTPUT = "../bot/web/static";
