import { leafMembers } from '../../contracts/explain/leaf-members.ts';
import type { ModelCard } from '../../contracts/model-card.ts';
import type { ModelDiff } from '../../contracts/model-diff.ts';

/** Members that are results, or that a diff has elsewhere. */
const LEFT_OUT: readonly (keyof ModelCard)[] = [
  'model',
  'labels',
  'job',
  'createdAt',
  'modelDigest',
  'files',
  'temperature',
  'calibration',
  'thresholds',
  'novelty',
  'abstention',
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
  const members = leafMembers(
    Object.fromEntries(Object.entries(card).filter(([name]) => !LEFT_OUT.some((left) => left === name))),
  );
  for (const path of members.keys())
    if (RESULTS_OF_STRATEGY.some((result) => path === result || path.startsWith(`${result}.`))) members.delete(path);
  return members;
}
