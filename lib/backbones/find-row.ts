import { nearest } from '../contracts/explain/nearest.ts';
import { SpecError } from '../errors.ts';
import type { BackboneRow, BackboneVariant } from './catalogue/backbone-row.ts';
import { catalogue } from './catalogue.ts';

/**
 * Finds the catalogue's row of a name, which may also be spelled as in Keras (`ResNet50V2`).
 * @throws SpecError BACKBONE_UNKNOWN, with the most similar name
 */
export function findRow(name: string): BackboneRow {
  const row = catalogue.find((candidate) => plain(candidate.name) === plain(name));
  if (row) return row;
  const names = catalogue.map((candidate) => candidate.name);
  const meant = nearest(name, names);
  throw new SpecError('BACKBONE_UNKNOWN', {
    at: 'backbone.name',
    expected: `one of ${names.join(', ')}`,
    received: name,
    fix: meant === undefined ? 'graft backbones lists them' : `did you mean ${meant}?`,
  });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

/** Returns the name of a backbone of this width. The default width has the backbone's own name. */
export function backboneVariantName({ name, variants: [first] }: BackboneRow, { alpha }: BackboneVariant): string {
  return alpha === first.alpha ? name : `${name}-${alpha}`;
}

/** Finds the row's variant of a width, by default the first. @throws SpecError BACKBONE_ALPHA_UNKNOWN */
export function findVariant(row: BackboneRow, alpha?: number): BackboneVariant {
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
 * Returns the input size [height, width] in pixels.
 * @param wanted side of a square or [height, width]; default: from the row
 * @throws SpecError BACKBONE_INPUT_TOO_SMALL, listing backbones that accept the size
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
    fix:
      `use ${inputSize.minimum} or ` +
      `more${others.length > 0 ? `, or a backbone that takes it: ${others.slice(0, 5).join(', ')}` : ''}`,
  });
}
