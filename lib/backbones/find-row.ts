import { SpecError } from '../errors.ts';
import type { BackboneRow, Variant } from './catalogue/backbone-row.ts';
import { catalogue } from './catalogue.ts';

/** The catalogue's row of this name. @throws SpecError BACKBONE_UNKNOWN, with the nearest name */
export function findRow(name: string): BackboneRow {
  const row = catalogue.find((candidate) => candidate.name === name);
  if (row) return row;
  const names = catalogue.map((candidate) => candidate.name);
  throw new SpecError('BACKBONE_UNKNOWN', {
    at: 'backbone.name',
    expected: `one of ${names.join(', ')}`,
    received: name,
    fix: `did you mean ${nearest(name, names)}?`,
  });
}

/** The row's variant of this width; without `alpha` the default one. @throws SpecError BACKBONE_ALPHA_UNKNOWN */
export function findVariant(row: BackboneRow, alpha?: number): Variant {
  const [first] = row.variants;
  const variant = alpha === undefined ? first : row.variants.find((candidate) => candidate.alpha === alpha);
  if (variant) return variant;
  throw new SpecError('BACKBONE_ALPHA_UNKNOWN', {
    at: 'backbone.alpha',
    expected: `one of ${row.variants.map((candidate) => candidate.alpha).join(', ')} for ${row.name}`,
    received: alpha,
    fix: `leave alpha out for ${first.alpha}`,
  });
}

/**
 * The input size in pixels, [height, width]: what is wanted, as a square's side or both, or else the row's default.
 * @throws SpecError BACKBONE_INPUT_TOO_SMALL, with backbones that take it
 */
export function checkInputSize({ name, inputSize }: BackboneRow, wanted?: number | readonly [number, number]): [number, number] {
  const [height, width] = typeof wanted === 'object' ? wanted : [wanted ?? inputSize.default, wanted ?? inputSize.default];
  const smaller = Math.min(height, width);
  if (smaller >= inputSize.minimum) return [height, width];
  const others = catalogue.filter((row) => row.inputSize.minimum <= smaller).map((row) => row.name);
  throw new SpecError('BACKBONE_INPUT_TOO_SMALL', {
    at: 'backbone.inputSize',
    expected: `at least ${inputSize.minimum} for ${name}`,
    received: wanted,
    fix: `use ${inputSize.minimum} or more${others.length > 0 ? `, or a backbone that takes it: ${others.slice(0, 5).join(', ')}` : ''}`,
  });
}

function nearest(name: string, names: readonly string[]): string {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const distances = names.map((candidate) => ({ candidate, distance: editDistance(plain(name), plain(candidate)) }));
  return distances.reduce((best, next) => (next.distance < best.distance ? next : best)).candidate;
}

/** Levenshtein: how many letters must be put in, taken out or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const [above = 0, aboveRight = 0, left = 0] = [row[j], row[j + 1], next[j]];
      next.push(Math.min(aboveRight + 1, left + 1, above + (letter === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
