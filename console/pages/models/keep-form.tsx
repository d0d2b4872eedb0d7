import { useState } from 'preact/hooks';
import type { ModelKeeping } from '../../../lib/contracts/keeping.ts';
import { count, counted, percent } from '../../../lib/format.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { fullTime } from '../../format.ts';
import { useAction } from '../../hooks/use-action.ts';
import { text } from '../../strings.ts';

const SHARES = [0.01, 0.1, 1] as const;

/** Makes a model keep a share of its predictions. Nothing is kept before the user asks for it. */
export function KeepForm({ name, onKept }: { readonly name: string; readonly onKept: () => void }) {
  const [share, setShare] = useState(0.1);
  const [images, setImages] = useState(false);
  const { run, isBusy, failure } = useAction({ isLast: true });

  function keep(event: Event): void {
    event.preventDefault();
    void run(() => client.models.setKeeping(name, { share, images }), onKept);
  }

  return (
    <form class="keep" onSubmit={keep}>
      <label class="row">
        <input type="checkbox" checked={images} onChange={(event) => setImages(event.currentTarget.checked)} />
        {text.drift.withImages}
      </label>
      <div class="row">
        <select
          class="select narrow"
          aria-label={text.drift.share}
          value={share}
          onChange={(event) => setShare(Number(event.currentTarget.value))}
        >
          {SHARES.map((each) => (
            <option key={each} value={each}>
              {percent(each, 0)}
            </option>
          ))}
        </select>
        <button type="submit" class="button primary" disabled={isBusy}>
          {text.drift.keep}
        </button>
        <CopyAction action={keepAction(name, share, images)} />
      </div>
      {failure !== undefined && <Problem error={failure} />}
    </form>
  );
}

function keepAction(name: string, share: number, images: boolean) {
  return actionOf(apiAddress, {
    method: 'PUT',
    path: `/v1/models/${encodeURIComponent(name)}/keeping`,
    body: { share, images },
    command: ['keep', name, '--share', `${share}`, ...(images ? ['--images'] : [])],
    call: `await client.models.setKeeping(${quoted(name)}, { share: ${share}, images: ${images} });`,
  });
}

/** What a model keeps of its predictions, and a button that ends it. */
export function KeepingLine(props: {
  readonly name: string;
  readonly keeping: NonNullable<ModelKeeping['keeping']>;
  readonly onEnd: () => void;
}) {
  const { name, keeping, onEnd } = props;
  const { share, images, days, perDay, since } = keeping;
  const { run, isBusy, failure } = useAction({ isLast: true });

  function end(): void {
    if (window.confirm(text.drift.endSure(name, images))) void run(() => client.models.endKeeping(name), onEnd);
  }

  return (
    <>
      <div class="row keeping">
        <p class="grow muted small" title={fullTime(since)}>
          {text.drift.setting({
            share: percent(share, 0),
            images,
            days: counted(days, text.retention.day),
            perDay: count(perDay),
          })}
        </p>
        <CopyAction action={endAction(name)} />
        <button type="button" class="button quiet danger" disabled={isBusy} onClick={end}>
          {text.drift.end}
        </button>
      </div>
      {failure !== undefined && <Problem error={failure} />}
    </>
  );
}

function endAction(name: string) {
  return actionOf(apiAddress, {
    method: 'DELETE',
    path: `/v1/models/${encodeURIComponent(name)}/keeping`,
    command: ['keep', name, '--off'],
    call: `await client.models.endKeeping(${quoted(name)});`,
  });
}
