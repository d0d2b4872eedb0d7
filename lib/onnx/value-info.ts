import { elementType, type OnnxValueInfo } from './onnx-model.ts';

/** Describes a float32 value. Null stands for a dynamic size; the first is the batch, `N`. Default: any shape. */
export function valueInfo(name: string, shape?: readonly (number | null)[]): OnnxValueInfo {
  const dim = shape?.map((size, axis) =>
    size === null ? { dimParam: axis === 0 ? 'N' : `${name}_${axis}` } : { dimValue: size },
  );
  return { name, type: { tensorType: { elemType: elementType.float32, ...(dim && { shape: { dim } }) } } };
}
