import { DataError } from '../../errors.ts';

/** The contents of a pickle as plain data. Names are strings, and calls are never executed. */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

/** A value of a pickle that is not a primitive. */
export type PickleNode =
  /** A Python global: `torch.FloatStorage`. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tuple'; readonly items: readonly PickleValue[] }
  | { readonly kind: 'list'; readonly items: PickleValue[] }
  | { readonly kind: 'dict'; readonly entries: Map<string, PickleValue> }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly PickleValue[] }
  /** A reference to an object outside the pickle. */
  | { readonly kind: 'reference'; readonly id: PickleValue };

/** Tells whether a value is a node of this kind. */
export function isKind<K extends PickleNode['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleNode, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** Names a value in a message. Values themselves are not for messages: lists may hold themselves, and JSON has no bigint. */
export function wordOf(value: PickleValue): string {
  return typeof value === 'object' ? (value?.kind ?? 'none') : `${value}`.slice(0, 50);
}

/** Creates the error for a pickle that is not safe to read. */
export function pickleRefused(at: number, received: string): DataError {
  return new DataError('WEIGHTS_PICKLE_REFUSED', {
    at: `byte ${at}`,
    expected: 'tensors alone: a pickle that asks for anything else may run code where Python loads it',
    received,
    fix: 'save the state dict alone, best as safetensors; load no such file from people you do not trust',
  });
}

/** Creates the error for a damaged pickle. */
export function pickleDamaged(at: number, expected: string, received: string | undefined): DataError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at: `byte ${at}`,
    expected,
    received,
    fix: 'download the file again, or save it again',
  });
}
