import { describe, expect, it } from 'vitest';
import { CapacityError } from '../../../lib/errors.ts';
import { splitToFit } from '../../../lib/tensor/split-to-fit.ts';

/** Work of which the device has room for so many rows at once. */
function workWithRoomFor(room: number): (start: number, end: number) => number[] {
  return (start, end) => {
    if (end - start > room) throw new CapacityError('DEVICE_OUT_OF_MEMORY');
    return Array.from({ length: end - start }, (_, row) => start + row);
  };
}

describe('partsThatFit', () => {
  it('does all rows at once where there is room', () => {
    const inParts = splitToFit(() => {});
    expect(inParts(4, workWithRoomFor(4))).toEqual([[0, 1, 2, 3]]);
  });

  it.each([
    { count: 8, room: 3, sizes: [2, 2, 2, 2], said: [4, 2] },
    { count: 7, room: 4, sizes: [4, 3], said: [4] },
    { count: 5, room: 1, sizes: [1, 1, 1, 1, 1], said: [3, 2, 1] },
  ])('does $count rows where there is room for $room: every row once, in order', ({ count, room, sizes, said }) => {
    const heard: number[] = [];
    const parts = splitToFit((rows) => heard.push(rows))(count, workWithRoomFor(room));
    expect(parts.map((part) => part.length)).toEqual(sizes);
    expect(parts.flat()).toEqual([...Array(count).keys()]);
    expect(heard).toEqual(said);
  });

  it('remembers what did fit', () => {
    const heard: number[] = [];
    const inParts = splitToFit((rows) => heard.push(rows));
    inParts(8, workWithRoomFor(4));
    expect(inParts(8, workWithRoomFor(4)).map((part) => part.length)).toEqual([4, 4]);
    expect(heard).toEqual([4]);
  });

  it('gives up where not even one row has room', () => {
    expect(() => splitToFit(() => {})(4, workWithRoomFor(0))).toThrow(expect.objectContaining({ code: 'DEVICE_OUT_OF_MEMORY' }));
  });

  it('halves for no other error', () => {
    const heard: number[] = [];
    const fails = (): never => {
      throw new Error('Incompatible shapes');
    };
    expect(() => splitToFit((rows) => heard.push(rows))(4, fails)).toThrow('Incompatible shapes');
    expect(heard).toEqual([]);
  });
});
