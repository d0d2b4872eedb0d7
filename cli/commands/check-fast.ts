import { HeadSpec } from '../../lib/contracts/head-spec.ts';
import { UsageError } from '../../lib/errors.ts';
import { isLinear } from '../../lib/heads/closed-form.ts';

/** The flags of graft train that `--fast` may contradict. */
export interface FastOptions {
  /** The same as `effort: "fast"`. */
  readonly fast?: boolean;
  readonly effort?: string;
  readonly strategy?: string;
  readonly freeze?: string;
  readonly head?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly optimizer?: string;
  readonly learningRate?: number;
}

/**
 * Checks the flags of a command with `--fast`, or `--effort fast`: it chooses the strategy itself, and fits a linear
 * head in closed form, without epochs, batches or an optimizer.
 * @param head the value of `--head`, or the content of the file that it names
 * @throws UsageError USAGE, which names both flags, if another flag contradicts it or would have no effect
 */
export function checkFast(options: FastOptions, head: unknown): void {
  const { fast = false, effort } = options;
  if (!fast && effort !== 'fast') return;
  const flag = fast ? '--fast' : '--effort fast';
  if (effort !== undefined && effort !== 'fast') throw conflict(flag, `--effort ${effort}`, 'has an effort of its own');
  const { strategy, freeze } = options;
  if (strategy !== undefined && strategy !== 'auto') {
    throw conflict(flag, `--strategy ${strategy}`, 'chooses the strategy itself');
  }
  if (freeze !== undefined) throw conflict(flag, `--freeze ${freeze}`, 'freezes the whole backbone');
  // The API explains a head that is invalid.
  const parsed = HeadSpec.safeParse(head);
  if (parsed.success && !isLinear(parsed.data)) throw conflict(flag, `--head ${options.head}`, 'fits a linear head');
  const { epochs, batchSize, optimizer, learningRate } = options;
  const unused = Object.entries({
    '--epochs': epochs,
    '--batch-size': batchSize,
    '--optimizer': optimizer,
    '--learning-rate': learningRate,
  }).find(([, value]) => value !== undefined);
  if (unused !== undefined) throw conflict(flag, unused.join(' '), 'fits the head in closed form, without steps of an optimizer');
}

function conflict(flag: string, other: string, why: string): UsageError {
  return new UsageError('USAGE', {
    at: flag,
    expected: `${flag} without ${other.split(' ')[0]}, because it ${why}`,
    received: `${flag} ${other}`,
    fix: 'leave one of them out',
  });
}
