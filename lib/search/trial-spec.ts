import { isDeepStrictEqual } from 'node:util';
import { contractError } from '../contracts/explain/contract-error.ts';
import { JobSpec } from '../contracts/job-spec.ts';
import type { SearchSpec } from '../contracts/search-spec.ts';
import { SpecError } from '../errors.ts';
import { drawTrials, type TrialValues } from './draw-trials.ts';
import { searchablePaths } from './spec-paths.ts';

/** Searched by default: the learning rate and the head, which are cheap to try on features that exist already. */
const DEFAULT_SEARCH: SearchSpec['over'] = {
  'training.optimizer.learningRate': { min: 0.0003, max: 0.03, scale: 'log' },
  head: ['linear', 'mlp'],
};

/** Fills in the default of `over`. */
export function resolveSearch(search: SearchSpec): SearchSpec {
  return { ...search, over: Object.keys(search.over).length === 0 ? DEFAULT_SEARCH : search.over };
}

/**
 * Returns the specs of a search's trials, each without a search of its own. Validates every possible value alone first.
 * @param spec with a search whose `over` is filled in
 * @throws SpecError SEARCH_PATH_UNKNOWN, which lists the valid paths; SEARCH_VALUE_INVALID
 */
export function trialsOf(spec: JobSpec): { readonly values: TrialValues; readonly spec: JobSpec }[] {
  const { search } = spec;
  if (search === undefined) return [];
  const paths = searchablePaths();
  for (const [path, values] of Object.entries(search.over)) {
    if (!paths.has(path)) throw unknownPath(path, [...paths.keys()]);
    const integer = paths.get(path)?.integer === true;
    const each = Array.isArray(values)
      ? values
      : integer
        ? [Math.ceil(values.min), Math.floor(values.max)]
        : [values.min, values.max];
    for (const value of each) parseWith(spec, { [path]: value }, path);
  }
  const isInteger = (path: string): boolean => paths.get(path)?.integer === true;
  return drawTrials(search, spec.training.seed, isInteger).map((values) => ({ values, spec: parseWith(spec, values) }));
}

/** The spec of a trial. */
export interface TriedSpec {
  /** The values that it changes, by path. */
  readonly values: TrialValues;
  readonly spec: JobSpec;
  /** Whether this is the default: the spec without the search, which all others are compared with. */
  readonly isDefault: boolean;
}

/**
 * Returns the specs of a search's trials and the default, which comes last unless a trial equals it.
 * @param spec with a search whose `over` is filled in
 * @returns an empty list without a search
 * @throws as trialsOf
 */
export function trialsWithDefault(spec: JobSpec): TriedSpec[] {
  const { search, ...rest } = spec;
  if (search === undefined) return [];
  const defaultSpec = JobSpec.parse(rest);
  const trials = trialsOf(spec).map((trial) => ({ ...trial, isDefault: isDeepStrictEqual(trial.spec, defaultSpec) }));
  if (trials.some(({ isDefault }) => isDefault)) return trials;
  const values = Object.fromEntries(Object.keys(search.over).map((path) => [path, valueAt(defaultSpec, path.split('.'))]));
  return [...trials, { values, spec: defaultSpec, isDefault: true }];
}

/**
 * Returns the value at a path.
 * @returns null if there is none, since a record stores no undefined value
 */
function valueAt(tree: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return tree ?? null;
  return typeof tree === 'object' && tree !== null ? valueAt(Reflect.get(tree, name), rest) : null;
}

/**
 * Parses a spec with changed values.
 * @param path the path to report if parsing fails; default: all of them
 */
function parseWith(spec: JobSpec, values: TrialValues, path?: string): JobSpec {
  const { search: _, ...whole } = spec;
  // Sets an object before its members.
  const paths = Object.keys(values).sort((a, b) => a.split('.').length - b.split('.').length);
  const tried = paths.reduce<object>((tree, at) => put(tree, at.split('.'), values[at]), whole);
  const parsed = JobSpec.safeParse(tried);
  if (parsed.success) return parsed.data;
  const why = contractError(parsed.error, tried, { page: 'docs/job-spec.md', schema: JobSpec });
  throw new SpecError('SEARCH_VALUE_INVALID', {
    at: path === undefined ? 'search.over' : `search.over.${path}`,
    expected: `values that fit into the spec; there, at ${why.at}: ${why.expected}`,
    received: path === undefined ? values : values[path],
    fix: why.fix?.endsWith('?') ? why.fix : 'remove the value, or correct it: docs/job-spec.md describes the member',
  });
}

/** Returns a copy of a tree with a new value at a path. Creates missing objects. */
function put(tree: unknown, [name = '', ...rest]: readonly string[], value: unknown): object {
  const members = typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
  const inner: unknown = Reflect.get(members, name);
  return { ...members, [name]: rest.length === 0 ? value : put(inner, rest, value) };
}

function unknownPath(path: string, known: readonly string[]): SpecError {
  return new SpecError('SEARCH_PATH_UNKNOWN', {
    at: `search.over.${path}`,
    expected: `one of ${known.join(', ')}`,
    received: path,
    fix: 'name a member of the spec by its path, as docs/job-spec.md does; a search must not change the images of its trials',
  });
}
