import { SplitPart } from '../../contracts/dataset.ts';
import { hashIndex } from '../tables/hash-index.ts';

/** Which part of a split contents are in, by their SHA-256; some 50 bytes each, a third of what a map of texts takes. */
export interface PartsByContent extends Iterable<readonly [sha256: string, part: SplitPart]> {
  readonly size: number;
  get(sha256: string): SplitPart | undefined;
  set(sha256: string, part: SplitPart): void;
}

export function partsByContent(): PartsByContent {
  const contents = hashIndex();
  let parts = new Uint8Array(64);

  function partOf(content: number): SplitPart {
    return SplitPart.options[parts[content] ?? 0] ?? 'train';
  }

  return {
    get size() {
      return contents.length;
    },
    *[Symbol.iterator]() {
      for (let content = 0; content < contents.length; content++) yield [contents.at(content), partOf(content)] as const;
    },
    get(sha256) {
      const content = contents.numberOf(sha256);
      return content === undefined ? undefined : partOf(content);
    },
    set(sha256, part) {
      const content = contents.add(sha256);
      if (content === parts.length) parts = new Uint8Array(parts.buffer.transfer(2 * parts.length));
      parts[content] = SplitPart.options.indexOf(part);
    },
  };
}
