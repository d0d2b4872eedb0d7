import { SpecError } from '../errors.ts';

/** Bytes [start, end) of an object, cut off at its end. @throws SpecError RANGE_NOT_SATISFIABLE where that holds no byte */
export function rangeOf(key: string, size: number, start: number, end: number): [start: number, end: number] {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end && start < size)
    return [start, Math.min(end, size)];
  throw new SpecError('RANGE_NOT_SATISFIABLE', {
    at: key,
    expected: `a range that starts within ${size} bytes`,
    received: [start, end],
  });
}
