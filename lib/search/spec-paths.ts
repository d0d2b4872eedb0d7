import { z } from 'zod';
import { JobSpec } from '../contracts/job-spec.ts';

/**
 * Members of the spec that a search may not change: they define the job rather than its training, or would make trials
 * incomparable, such as a different validation set.
 */
const FIXED = [
  'name',
  'dataset',
  'task',
  'split',
  'search',
  'compute',
  'webhook',
  'backbone.own',
  'backbone.precision',
  'fineTuning.budgetMinutes',
  'novelty',
  'training.checkpointMinutes',
  'training.findLearningRate',
  'training.folds',
  'training.refit',
  'training.repeats',
  'training.seed',
];

/** Objects that may contain fixed members; every other member has a path of its own. */
const IN_PARTS = ['', 'training', 'fineTuning'];

type SearchablePaths = ReadonlyMap<string, { readonly integer: boolean }>;
/** Cached, since the contract does not change while a process runs. */
let known: SearchablePaths | undefined;

type Schema = z.core.JSONSchema._JSONSchema;

/**
 * Lists the members of a job spec that a search may change, by path, and whether they are integers. Members that depend
 * on a name (of a backbone, an optimizer, a schedule) have no path; a search gives such objects as whole values.
 */
export function searchablePaths(): SearchablePaths {
  known ??= readPaths();
  return known;
}

function readPaths(): SearchablePaths {
  const paths = new Map<string, { integer: boolean }>();
  const visit = (schema: Schema | undefined, path: string): void => {
    if (typeof schema !== 'object' || FIXED.includes(path) || path.endsWith('.name')) return;
    const { type, properties = {}, anyOf = [], oneOf = [] } = schema;
    if (!IN_PARTS.includes(path)) paths.set(path, { integer: type === 'integer' || paths.get(path)?.integer === true });
    // A list, a preset or an object: each choice adds its own members.
    for (const choice of [...anyOf, ...oneOf]) visit(choice, path);
    for (const [name, member] of Object.entries(properties)) visit(member, path === '' ? name : `${path}.${name}`);
  };
  visit(z.toJSONSchema(JobSpec, { io: 'input', reused: 'inline' }), '');
  return paths;
}
