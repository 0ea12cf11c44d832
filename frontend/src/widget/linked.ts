/** Styles of parts that are fetched: each linked once, before its part shows. */

const loading = new Map<string, Promise<void>>();

/** Resolves when the style is there, or can't be had: what is drawn can be read without it. */
export function linked(address: string): Promise<void> {
  const known = loading.get(address);
  if (known) return known;
  const found = new Promise<void>((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.onload = link.onerror = () => {
      done();
    };
    document.head.append(link);
  });
  loading.set(address, found);
  return found;
}
