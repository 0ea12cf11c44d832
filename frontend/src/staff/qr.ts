/** The QR picture of a second factor's secret, drawn on this page: the secret goes to no other server. */
import qrcode from "qrcode-generator";

export interface QrPicture {
  /** Modules on a side, the quiet edge of four included. */
  size: number;
  /** An SVG path of all dark modules. */
  path: string;
}

const QUIET = 4;

export function qrPicture(text: string): QrPicture {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
    }
  }
  return { size: count + 2 * QUIET, path };
}
