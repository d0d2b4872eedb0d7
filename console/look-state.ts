import type { EvaluatedImageQuery } from '../lib/contracts/evaluated-images.ts';
import type { ModelReport } from '../lib/contracts/model-report.ts';
import { wholeNumber } from './page-address.ts';

/** The lists of pictures on the page: of the confusion matrix, of examples, and of those that a threshold crosses. */
const LISTS = ['cell', 'examples', 'crossing'] as const;
export type PictureList = (typeof LISTS)[number];

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
  /** The list from which the picture was opened, and its index there, from 0. */
  readonly from: PictureList | undefined;
  readonly at: number | undefined;
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
    from: LISTS.find((each) => each === query.get('from')),
    at: rowOf(query.get('at')),
  };
}

/** A number from 0. */
export function rowOf(text: string | null): number | undefined {
  return text === '0' ? 0 : wholeNumber(text);
}

/** A threshold that the page can move. */
export interface MovableThreshold {
  /** The label that it decides on; undefined for the one below which the model abstains. */
  readonly of: string | undefined;
  /** That of the model, 0..1. */
  readonly start: number;
}

/** The threshold that the page moves; undefined if the model has none. */
export function thresholdOf(
  { task, thresholds = [] }: Pick<ModelReport, 'task' | 'thresholds'>,
  { of }: Pick<LookState, 'of'>,
): MovableThreshold | undefined {
  if (task === 'one-class') return undefined;
  if (task === 'single-label') return { of: undefined, start: 0 };
  const chosen = thresholds.find(({ label }) => label === of) ?? thresholds[0];
  return chosen && { of: chosen.label, start: chosen.chosen };
}

/** What the API is asked for to get a list of pictures; undefined if the address shows no such list. */
export function filterOf(
  list: PictureList,
  state: LookState,
  report: Pick<ModelReport, 'task' | 'thresholds'>,
): Partial<EvaluatedImageQuery> | undefined {
  const { label, predicted, threshold } = state;
  if (list === 'examples') return { order: state.list, ...(state.list === 'worst' && { right: false }) };
  if (list === 'cell') {
    if (label === undefined && predicted === undefined) return undefined;
    return { label, predicted, order: label === predicted ? 'unsure' : 'confidence' };
  }
  const movable = thresholdOf(report, state);
  if (movable === undefined || threshold === undefined || threshold === Math.round(movable.start * 100)) return undefined;
  const [from, below] = [Math.min(movable.start, threshold / 100), Math.max(movable.start, threshold / 100)];
  return { of: movable.of, from, below, order: 'confidence' };
}
