import { elementType, type OnnxValueInfo } from './onnx-model.ts';

/**
 * Describes a value.
 * @param shape null stands for a dynamic size; the first is the batch, `N`; default: any shape
 */
export function valueInfo(
  name: string,
  shape?: readonly (number | null)[],
  type: keyof typeof elementType = 'float32',
): OnnxValueInfo {
  const dim = shape?.map((size, axis) =>
    size === null ? { dimParam: axis === 0 ? 'N' : `${name}_${axis}` } : { dimValue: size },
  );
  return { name, type: { tensorType: { elemType: elementType[type], ...(dim && { shape: { dim } }) } } };
}

/** Reads the declared sizes of a value; null stands for one that is known only at run time. @returns none for any shape */
export function declaredSizes({ type }: Pick<OnnxValueInfo, 'type'>): (number | null)[] {
  return (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue || null);
}
