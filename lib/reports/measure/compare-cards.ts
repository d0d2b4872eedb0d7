import type { ModelCard } from '../../contracts/model.ts';
import type { ModelDiff } from '../../contracts/model-diff.ts';

/** Members that are results, or that a diff has elsewhere. */
const LEFT_OUT: readonly (keyof ModelCard)[] = [
  'model',
  'labels',
  'job',
  'createdAt',
  'modelDigest',
  'temperature',
  'calibration',
  'thresholds',
  'metrics',
  'crossValidation',
  'backbones',
  'search',
  'bestEpoch',
];

/** Members of the strategy that are results. */
const RESULTS_OF_STRATEGY = ['strategy.reason', 'strategy.evidence'];

/**
 * Lists the members in which the cards of two versions differ, by path. A list is compared as a whole.
 * @returns in the order of the card, such as `spec.training.epochs`
 */
export function compareCards(before: ModelCard, after: ModelCard): ModelDiff['settings'] {
  const [first, second] = [membersOf(before), membersOf(after)];
  const paths = [...new Set([...second.keys(), ...first.keys()])];
  return paths.flatMap((path) => {
    const [was, is] = [first.get(path), second.get(path)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ path, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

function membersOf(card: ModelCard): Map<string, unknown> {
  const members = new Map<string, unknown>();
  const visit = (value: unknown, path: string): void => {
    if (RESULTS_OF_STRATEGY.includes(path)) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) members.set(path, value);
    else for (const [name, member] of Object.entries(value)) visit(member, `${path}.${name}`);
  };
  for (const [name, value] of Object.entries(card)) if (!LEFT_OUT.some((left) => left === name)) visit(value, name);
  return members;
}
