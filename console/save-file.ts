/** Milliseconds for which a file stays readable after the click: Safari reads it only then. */
const READABLE_MS = 60_000;

/** Saves a file as a download of the browser. */
export function saveFile(name: string, content: Blob): void {
  const href = URL.createObjectURL(content);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), READABLE_MS);
}
