import { useState } from 'preact/hooks';
import { client } from '../api.ts';
import { Panel } from '../components/basics.tsx';
import { Problem } from '../components/problem.tsx';
import { Thumbnail } from '../components/thumbnail.tsx';
import { text } from '../strings.ts';
import { useLoaded } from '../use-loaded.ts';

const PAGE = 36;

/** The images of a version, one page at a time, so that the page has the same size for any number of images. */
export function DatasetImages({ reference, labels }: { readonly reference: string; readonly labels: readonly string[] }) {
  const [label, setLabel] = useState<string>();
  /** The cursors of the pages up to the shown one. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const after = cursors.at(-1);
  const { value, error } = useLoaded(`images ${reference} ${label ?? ''} ${after ?? ''}`, () =>
    client.datasets.images(reference, { label, after, limit: PAGE }),
  );
  if (error !== undefined) return <Problem error={error} />;
  const next = value?.next;
  return (
    <Panel
      title={text.dataset.samples}
      aside={
        <select
          class="select narrow"
          aria-label={text.dataset.label}
          value={label ?? ''}
          onChange={(event) => {
            setLabel(event.currentTarget.value || undefined);
            setCursors([]);
          }}
        >
          <option value="">{text.dataset.allClasses}</option>
          {labels.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      }
    >
      <ul class="thumbs">
        {value === undefined
          ? Array.from({ length: PAGE }, (_, index) => <li key={index} class="thumb" />)
          : value.images.map((image) => (
              <li key={image.path}>
                <Thumbnail image={image} />
              </li>
            ))}
      </ul>
      {(cursors.length > 0 || next !== undefined) && (
        <div class="row thumb-page">
          <button type="button" class="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
            {text.previous}
          </button>
          <button
            type="button"
            class="button"
            disabled={next === undefined}
            onClick={() => next !== undefined && setCursors([...cursors, next])}
          >
            {text.next}
          </button>
        </div>
      )}
    </Panel>
  );
}
