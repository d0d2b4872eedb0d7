/** Downloads model and runtime from the folder of this page. */
export async function loadFiles() {
  const [model, wasm] = await Promise.all(['model.onnx', 'onnxruntime.wasm'].map(download));
  return { model, wasm };
}

async function download(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
