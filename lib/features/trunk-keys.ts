import { storeKeys } from '../store/store-keys.ts';

const { features, trunks } = storeKeys;
const TRUNK = new RegExp(
  `^(?:${trunks.prefix}([0-9a-f]{64})\\.(?:json|onnx)|${features.prefix}([0-9a-f]{64})(?:\\+[^/]*)?/[0-9a-f]{64})$`,
);

/**
 * Returns the keys of a trunk and of its features.
 * @param key identifies the trunk, 64 hexadecimal digits
 */
export function trunkKeys(key: string) {
  return {
    description: `${trunks.prefix}${key}.json`,
    onnx: `${trunks.prefix}${key}.onnx`,
    features: `${features.prefix}${key}`,
  };
}

/**
 * Returns the prefix of the shards of a trunk's features.
 * @param device that computes them: those of other devices have other last digits
 * @param variant name of a random variant of the images; default: the images themselves
 */
export function featuresPrefix(key: string, device: string, variant?: string): string {
  const of = variant === undefined ? '' : `+${variant}`;
  const by = device === 'cpu' ? '' : `+${device}`;
  return `${trunkKeys(key).features}${of}${by}/`;
}

/** Returns the trunk that the key of a description, a graph or features belongs to; undefined for any other key. */
export function trunkOf(key: string): string | undefined {
  return TRUNK.exec(key)
    ?.slice(1)
    .find((trunk) => trunk !== undefined);
}
