import { useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { Empty, Panel } from '../components/basics.tsx';
import { Picture } from '../components/picture.tsx';
import { Problem } from '../components/problem.tsx';
import { count } from '../format.ts';
import { type Answer, answersOf, changesOf, keyOf, type Pair, pairsLeft } from '../pairs.ts';
import type { ChangeSet } from '../relabelling.ts';
import { text } from '../strings.ts';
import { useKeys } from '../use-keys.ts';
import { useRelabelling } from '../use-relabelling.ts';

const ANSWERS: Readonly<Record<string, Answer>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'both', ArrowDown: 'skip' };

/** Two images with different labels, side by side: an arrow key keeps the left or the right label, or confirms both. */
export function PairReview(props: {
  readonly name: string;
  readonly found: readonly Pair[];
  /** Finds the pairs that are left, also those that were skipped. */
  readonly onAgain: () => void;
}) {
  const { name, found, onAgain } = props;
  const [answers, setAnswers] = useState<readonly { readonly pair: Pair; readonly set: ChangeSet | undefined }[]>([]);
  const relabelling = useRelabelling(name, () => {});
  const answered = new Set(answers.map(({ pair }) => keyOf(pair)));
  const waiting = pairsLeft(found, answered, relabelling.labelsOf);
  const [current] = waiting;

  function answer(given: Answer): void {
    if (current === undefined || !answersOf(current.kind).includes(given)) return;
    setAnswers([...answers, { pair: current, set: relabelling.change(changesOf(current, given)) }]);
  }
  function undo(): void {
    const last = answers.at(-1);
    if (last === undefined) return;
    if (last.set !== undefined) relabelling.undo(last.set);
    setAnswers(answers.slice(0, -1));
  }
  useKeys((event) => {
    const given = ANSWERS[event.key];
    if (given !== undefined) answer(given);
    else if (event.key.toLowerCase() === 'z') undo();
    else return;
    event.preventDefault();
  });

  if (current === undefined) {
    const isNone = found.length === 0;
    return (
      <section class="panel">
        {relabelling.failure !== undefined && <Problem error={relabelling.failure} />}
        <Empty
          icon="check"
          title={isNone ? text.find.pairs.none : text.find.pairs.done}
          action={
            <button type="button" class="button" disabled={relabelling.isSending} onClick={onAgain}>
              {text.find.pairs.again}
            </button>
          }
        >
          {isNone ? text.find.pairs.noneAbout : undefined}
        </Empty>
      </section>
    );
  }
  const { kind, left, right } = current;
  return (
    <Panel
      title={text.find.pairs.about[kind]}
      aside={
        <span class="muted number" role="status">
          {text.find.pairs.progress(count(found.length - waiting.length + 1), count(found.length))}
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

function Side(props: {
  readonly image: DatasetImage;
  readonly action: string;
  readonly keyName: string;
  readonly onClick: () => void;
}) {
  const { image, action, keyName, onClick } = props;
  return (
    <figure>
      <div class="ask-image">
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
