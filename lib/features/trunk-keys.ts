import { storeKeys } from '../store/store-keys.ts';

const { features, trunks } = storeKeys;
const TRUNK = new RegExp(
  `^(?:${trunks.prefix}([0-9a-f]{64})\\.(?:json|onnx)|${features.prefix}([0-9a-f]{64})(?:\\+[^/]*)?/[0-9a-f]{64})$`,
);

/** Where a trunk lies, and the features that it has made. @param key of the trunk, 64 hexadecimal digits */
export function trunkKeys(key: string) {
  return {
    description: `${trunks.prefix}${key}.json`,
    onnx: `${trunks.prefix}${key}.onnx`,
    features: `${features.prefix}${key}`,
  };
}

/** The trunk of a key of a description, a graph or features; undefined for any other key. */
export function trunkOf(key: string): string | undefined {
  return TRUNK.exec(key)
    ?.slice(1)
    .find((trunk) => trunk !== undefined);
}
