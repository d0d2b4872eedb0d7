/** Decodes model and runtime, which are gzip in base64 inside this page. */
export async function loadFiles() {
  const [model, wasm] = await Promise.all(['model', 'wasm'].map(unpack));
  return { model, wasm };
}

async function unpack(id) {
  const element = document.getElementById(id);
  const text = atob(element.textContent);
  element.remove();
  const packed = Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}
