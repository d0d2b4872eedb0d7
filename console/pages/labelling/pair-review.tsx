import { useState } from 'preact/hooks';
import type { DatasetImage } from '../../../lib/contracts/dataset-http.ts';
import { count, counted } from '../../../lib/format.ts';
import { Empty, Panel } from '../../components/basics.tsx';
import { Picture } from '../../components/picture.tsx';
import { Problem } from '../../components/problem.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import {
  type Answer,
  type AnsweredPair,
  answersOf,
  changesOf,
  keyOf,
  type Pair,
  pairsLeft,
  pairsOf,
  progressOf,
} from '../../labelling/pairs.ts';
import { useNextPairs } from '../../labelling/use-next-pairs.ts';
import { useRelabelling } from '../../labelling/use-relabelling.ts';
import { text } from '../../strings.ts';

const ANSWERS: Readonly<Record<string, Answer>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'both', ArrowDown: 'skip' };

/** Two images with different labels, side by side: an arrow key keeps the left or the right label, or confirms both. */
export function PairReview(props: {
  readonly name: string;
  /** The first ones of those that the server knows. */
  readonly found: readonly Pair[];
  /** Number of those that the server knows. */
  readonly total: number;
  /** Whether the server still looks for others. */
  readonly isPreparing: boolean;
  /** Loads the first pairs again, without those that were answered. */
  readonly onMore: () => void;
  /** Begins again, also with the pairs that were skipped. */
  readonly onAgain: () => void;
}) {
  const { name, found, total, isPreparing, onMore, onAgain } = props;
  const [answers, setAnswers] = useState<readonly AnsweredPair[]>([]);
  const [returned, setReturned] = useState<readonly Pair[]>([]);
  const relabelling = useRelabelling(name, () => {});
  const answered = new Set(answers.map(({ pair }) => keyOf(pair)));
  const pairs = pairsOf(found, returned);
  const waiting = pairsLeft(pairs, answered, relabelling.labelsOf);
  const [current] = waiting;
  const rest = Math.max(total - found.length, 0);
  const isSent = relabelling.pending === 0 && !relabelling.isSending;
  const isDue = current === undefined && isSent && !isPreparing;
  const hasNext = useNextPairs({ found, answers, rest, isDue, onMore }) || isPreparing;

  function answer(given: Answer): void {
    if (current === undefined || !answersOf(current.kind).includes(given)) return;
    setAnswers([...answers, { pair: current, set: relabelling.change(changesOf(current, given)) }]);
  }
  function undo(): void {
    const last = answers.at(-1);
    if (last === undefined) return;
    if (last.set !== undefined) relabelling.undo(last.set);
    setAnswers(answers.slice(0, -1));
    setReturned([...returned, last.pair]);
  }
  useKeys((event) => {
    const given = ANSWERS[event.key];
    if (given !== undefined) answer(given);
    else if (event.key.toLowerCase() === 'z') undo();
    else return;
    event.preventDefault();
  });

  if (current === undefined) {
    const skipped = answers.flatMap(({ pair, set }) => (set === undefined ? pair : []));
    const isNone = found.length === 0 && answers.length === 0;
    const { title, about } = isNone
      ? { title: text.find.pairs.none, about: text.find.pairs.noneAbout }
      : describeEnd(pairsLeft(skipped, new Set(), relabelling.labelsOf).length, rest);
    return (
      <section class="panel">
        {relabelling.failure !== undefined && <Problem error={relabelling.failure} />}
        <Empty
          icon="check"
          title={hasNext ? text.find.pairs.loading : title}
          action={
            <button type="button" class="button" disabled={relabelling.isSending} onClick={onAgain}>
              {text.find.pairs.again}
            </button>
          }
        >
          {hasNext ? undefined : about}
        </Empty>
      </section>
    );
  }
  const { kind, left, right } = current;
  const { number, all } = progressOf(pairs, waiting, { answered, rest });
  return (
    <Panel
      title={text.find.pairs.about[kind]}
      aside={
        <span class="muted number" role="status">
          {text.find.pairs.progress(count(number), count(all))}
        </span>
      }
    >
      {relabelling.failure !== undefined && <Problem error={relabelling.failure} />}
      <div class="pair">
        <Side
          image={left}
          action={(kind === 'suspect' ? text.find.pairs.confirm : text.find.pairs.keep)(nameOf(left))}
          keyName="←"
          onClick={() => answer('left')}
        />
        <Side
          image={right}
          action={(kind === 'suspect' ? text.find.pairs.take : text.find.pairs.keep)(nameOf(right))}
          keyName="→"
          onClick={() => answer('right')}
        />
      </div>
      <div class="row pair-end">
        {answersOf(kind).includes('both') && (
          <button type="button" class="button" onClick={() => answer('both')}>
            <kbd>↑</kbd> {text.find.pairs.both}
          </button>
        )}
        <button type="button" class="button" onClick={() => answer('skip')}>
          <kbd>↓</kbd> {text.find.pairs.next}
        </button>
        <button type="button" class="button" disabled={answers.length === 0} onClick={undo}>
          <kbd>Z</kbd> {text.find.undo}
        </button>
        <span class="muted small">{text.find.pairs.keys[kind]}</span>
      </div>
    </Panel>
  );
}

/** The title and the text of a review after its last pair. @param rest number of pairs that were not shown */
function describeEnd(skipped: number, rest: number): { readonly title: string; readonly about?: string } {
  const { pairs } = text.find;
  if (skipped === 0) return { title: rest === 0 ? pairs.done : pairs.left(counted(rest, pairs.pair)) };
  const title = pairs.skipped(counted(skipped, pairs.pair));
  return { title, about: rest === 0 ? pairs.othersDone : pairs.behind(count(rest)) };
}

function Side(props: {
  readonly image: DatasetImage;
  readonly action: string;
  readonly keyName: string;
  readonly onClick: () => void;
}) {
  const { image, action, keyName, onClick } = props;
  return (
    <figure>
      <div class="large-image">
        <Picture key={image.path} image={image} />
      </div>
      <figcaption>
        <span class="badge">{nameOf(image)}</span>
        <span class="muted mono small">{image.path}</span>
      </figcaption>
      <button type="button" class="button" onClick={onClick}>
        <kbd>{keyName}</kbd> <span>{action}</span>
      </button>
    </figure>
  );
}

function nameOf({ labels: [label = ''] }: DatasetImage): string {
  return label;
}
