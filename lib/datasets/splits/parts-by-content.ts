import { SplitPart } from '../../contracts/dataset.ts';
import { hexColumn } from '../tables/hex-column.ts';

/** Which part of a split contents are in, by their SHA-256; some 50 bytes each, a third of what a map of texts takes. */
export interface PartsByContent extends Iterable<readonly [sha256: string, part: SplitPart]> {
  readonly size: number;
  get(sha256: string): SplitPart | undefined;
  set(sha256: string, part: SplitPart): void;
}

/** Digits of a SHA-256 that say where it is looked for first: it is as random as any hash of it. */
const DIGITS = 8;

export function partsByContent(): PartsByContent {
  const contents = hexColumn();
  let parts = new Uint8Array(64);
  // Open addressing: the number of a content plus one, 0 where there is none; at most half are taken.
  let slots = new Uint32Array(128);

  function slotOf(sha256: string): number {
    let slot = Number.parseInt(sha256.slice(0, DIGITS), 16) % slots.length;
    for (let content = slots[slot] ?? 0; content > 0; content = slots[slot] ?? 0) {
      if (contents.at(content - 1) === sha256) break;
      slot = (slot + 1) % slots.length;
    }
    return slot;
  }

  function partOf(content: number): SplitPart {
    return SplitPart.options[parts[content] ?? 0] ?? 'train';
  }

  function grow(): void {
    parts = new Uint8Array(parts.buffer.transfer(parts.length * 2));
    slots = new Uint32Array(slots.length * 2);
    for (let content = 0; content < contents.length; content++) slots[slotOf(contents.at(content))] = content + 1;
  }

  return {
    get size() {
      return contents.length;
    },
    *[Symbol.iterator]() {
      for (let content = 0; content < contents.length; content++) yield [contents.at(content), partOf(content)] as const;
    },
    get(sha256) {
      const content = slots[slotOf(sha256)] ?? 0;
      return content === 0 ? undefined : partOf(content - 1);
    },
    set(sha256, part) {
      const content = slots[slotOf(sha256)] ?? 0;
      const number = content === 0 ? contents.length : content - 1;
      if (number === parts.length) grow();
      parts[number] = SplitPart.options.indexOf(part);
      if (content > 0) return;
      contents.push(sha256);
      slots[slotOf(sha256)] = contents.length;
    },
  };
}
