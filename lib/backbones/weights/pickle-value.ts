import { DataError } from '../../errors.ts';

/** What a pickle says, as plain data: a name is a text and a call is never made. */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

export type PickleNode =
  /** A global of Python: `torch.FloatStorage`. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tuple'; readonly items: readonly PickleValue[] }
  | { readonly kind: 'list'; readonly items: PickleValue[] }
  | { readonly kind: 'dict'; readonly entries: Map<string, PickleValue> }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly PickleValue[] }
  /** To something outside the pickle. */
  | { readonly kind: 'reference'; readonly id: PickleValue };

export function isKind<K extends PickleNode['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleNode, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

export function pickleRefused(at: number, received: string): DataError {
  return new DataError('WEIGHTS_PICKLE_REFUSED', {
    at: `byte ${at}`,
    expected: 'tensors alone: a pickle that asks for anything else may run code where Python loads it',
    received,
    fix: 'save the state dict alone, best as safetensors; load no such file from people you do not trust',
  });
}

export function pickleDamaged(at: number, expected: string, received: string | undefined): DataError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at: `byte ${at}`,
    expected,
    received,
    fix: 'download the file again, or save it again',
  });
}
