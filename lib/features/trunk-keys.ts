/** Where a trunk lies, and the features that it has made. @param key of the trunk, 64 hexadecimal digits */
export function trunkKeys(key: string) {
  return { description: `trunks/${key}.json`, onnx: `trunks/${key}.onnx`, features: `features/${key}` };
}

/** The trunk whose description, graph or features a key names; undefined for any other key. */
export function trunkOf(key: string): string | undefined {
  return /^(?:trunks\/([0-9a-f]{64})\.(?:json|onnx)|features\/([0-9a-f]{64})(?:\+[^/]*)?\/[0-9a-f]{64})$/
    .exec(key)
    ?.slice(1)
    .find((trunk) => trunk !== undefined);
}
