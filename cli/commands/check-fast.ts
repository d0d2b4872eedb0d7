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
}

/**
 * Checks the flags of a command with `--fast`, or `--effort fast`: it chooses the strategy itself, and fits a linear
 * head in closed form.
 * @param head the value of `--head`, or the content of the file that it names
 * @throws UsageError USAGE, which names both flags, if another flag contradicts it
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
}

function conflict(flag: string, other: string, why: string): UsageError {
  return new UsageError('USAGE', {
    at: flag,
    expected: `${flag} without ${other.split(' ')[0]}, because it ${why}`,
    received: `${flag} ${other}`,
    fix: 'leave one of them out',
  });
}
