import { wholeNumber } from './place.ts';

/** What the page of a version shows, as its address says it, so that reload and Back keep it. */
export interface LookState {
  readonly version: number | undefined;
  readonly view: 'pictures' | 'numbers';
  /** The chosen cell, row or column of the confusion matrix. */
  readonly label: string | undefined;
  readonly predicted: string | undefined;
  /** In percent. */
  readonly threshold: number | undefined;
  /** The label whose threshold is moved. */
  readonly of: string | undefined;
  readonly list: 'worst' | 'unsure';
  /** The row of the open picture. */
  readonly image: number | undefined;
}

/** Reads the query of an address; what it cannot mean is left out. */
export function lookStateOf(query: URLSearchParams): LookState {
  const threshold = rowOf(query.get('threshold'));
  return {
    version: wholeNumber(query.get('version')),
    view: query.get('view') === 'numbers' ? 'numbers' : 'pictures',
    label: query.get('label') || undefined,
    predicted: query.get('predicted') || undefined,
    threshold: threshold === undefined ? undefined : Math.min(threshold, 100),
    of: query.get('of') || undefined,
    list: query.get('list') === 'unsure' ? 'unsure' : 'worst',
    image: rowOf(query.get('image')),
  };
}

/** A number from 0. */
export function rowOf(text: string | null): number | undefined {
  return text === '0' ? 0 : wholeNumber(text);
}
