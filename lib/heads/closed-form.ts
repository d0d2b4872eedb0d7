import { isDeepStrictEqual } from 'node:util';
import type { JobSpec } from '../contracts/job-spec.ts';
import { SpecError } from '../errors.ts';
import { type Head, headLayers, presets } from './presets.ts';

type Settings = Pick<JobSpec, 'head' | 'task' | 'training'>;

/**
 * Tells whether a spec's head can be fitted in closed form: a linear head, with no setting that changes the likelihood.
 */
export function hasClosedForm(spec: Settings): boolean {
  return obstacleOf(spec) === undefined;
}

/**
 * Checks that a head with these settings can be fitted in closed form.
 * @param by the setting that requires the closed form
 * @param searched the paths of a search, if the spec is that of a trial
 * @throws SpecError CLOSED_FORM_UNSUPPORTED if it cannot
 */
export function requireClosedForm(spec: Settings, by: string, searched: readonly string[] = []): void {
  const obstacle = obstacleOf(spec);
  if (obstacle === undefined) return;
  const path = searched.find((it) => it === obstacle.at || it.startsWith(`${obstacle.at}.`));
  const at = path === undefined ? obstacle.at : `search.over.${path}`;
  throw new SpecError('CLOSED_FORM_UNSUPPORTED', {
    at,
    expected: `${obstacle.expected}, because ${by} fits the head in closed form`,
    received: obstacle.received,
    fix: `leave ${at} or ${by} out`,
  });
}

/** Whether a head is the linear one, by name or written out. */
export function isLinear(head: Head): boolean {
  return isDeepStrictEqual(headLayers(head), presets.linear);
}

interface Obstacle {
  readonly at: string;
  readonly expected: string;
  readonly received: unknown;
}

function obstacleOf({ head, task, training }: Settings): Obstacle | undefined {
  const { loss, labelSmoothing, mix, augment, classWeights } = training;
  if (!isLinear(head)) return { at: 'head', expected: 'linear', received: head };
  if (loss.name !== 'crossEntropy') return { at: 'training.loss', expected: 'crossEntropy', received: loss.name };
  if (labelSmoothing !== 0) return { at: 'training.labelSmoothing', expected: '0', received: labelSmoothing };
  if (mix !== undefined) return { at: 'training.mix', expected: 'none', received: mix.name };
  if (augment !== 'none') return { at: 'training.augment', expected: 'none', received: augment };
  if (task === 'multi-label' && classWeights !== 'none')
    return { at: 'training.classWeights', expected: 'none for multi-label', received: classWeights };
  return undefined;
}
