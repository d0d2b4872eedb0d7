import { useEffect, useRef } from 'preact/hooks';
import { type AnsweredPair, keyOf, type Pair } from './pairs.ts';

/**
 * Asks for the next pairs of a review once they are due. The server returns the first pairs of all. Skipped ones stay among
 * these: if no others come, those behind them do not come before some of them are answered.
 * @param found the pairs that the server returned last
 * @param rest number of pairs that it has besides
 * @param isDue whether all pairs are answered, and the server has the answers
 * @returns whether further pairs may come
 */
export function useNextPairs(props: {
  readonly found: readonly Pair[];
  readonly answers: readonly AnsweredPair[];
  readonly rest: number;
  readonly isDue: boolean;
  readonly onMore: () => void;
}): boolean {
  const { found, answers, rest, isDue, onMore } = props;
  const asked = useRef<{ readonly found: readonly Pair[]; readonly state: string } | undefined>(undefined);
  const given = answers.filter(({ set }) => set !== undefined).length;
  const state = [given, ...found.map(keyOf)].join('\n');
  const isWaiting = asked.current?.found === found;
  const mayFollow = isWaiting || (rest > 0 && asked.current?.state !== state);
  useEffect(() => {
    if (!isDue || isWaiting || !mayFollow) return;
    asked.current = { found, state };
    onMore();
  });
  return mayFollow;
}
