import { attributeType, type OnnxAttribute } from './onnx-model.ts';

/** The value of an attribute. Plain numbers are written as integers; `float` marks floats. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** Marks an attribute as float. ONNX distinguishes 1 from 1.0, JavaScript does not. */
export function float(value: number): AttributeValue {
  return { float: value };
}

/** Writes an attribute of a node. */
export function writeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value };
  if (typeof value === 'string') return { name, type: attributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: attributeType.float, f: value.float };
  return { name, type: attributeType.ints, ints: value };
}
