import { useState } from 'preact/hooks';
import { actionOf, quoted } from '../actions.ts';
import { apiAddress, client } from '../api.ts';
import { CopyAction } from '../components/copy-action.tsx';
import { Problem } from '../components/problem.tsx';
import { percent } from '../format.ts';
import { text } from '../strings.ts';
import { useGone } from '../use-gone.ts';

const SHARES = [0.01, 0.1, 1] as const;

/** Makes a model keep a share of its predictions. Nothing is kept before the user asks for it. */
export function KeepForm({ name, onKept }: { readonly name: string; readonly onKept: () => void }) {
  const [share, setShare] = useState(0.1);
  const [images, setImages] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const isGone = useGone();

  async function keep(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await client.models.setKeeping(name, { share, images });
      if (!isGone.current) onKept();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
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
