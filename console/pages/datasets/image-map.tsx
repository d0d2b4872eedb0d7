import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Client } from '../../../lib/client/client.ts';
import type { DatasetImage } from '../../../lib/contracts/dataset-http.ts';
import type { DatasetMap } from '../../../lib/contracts/find-images.ts';
import { count, counted, percent } from '../../../lib/format.ts';
import { Bar, Panel } from '../../components/basics.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded, whilePreparing } from '../../hooks/use-loaded.ts';
import { hasSameSpots } from '../../map-geometry.ts';
import { text } from '../../strings.ts';
import { LabelSelection } from '../labelling/label-selection.tsx';
import { MapCanvas } from './map-canvas.tsx';

/** The most images that are labelled at once. */
const MOST_SELECTED = 1000;
const AT_ONCE = 200;
/** Classes below the map until somebody asks for all. */
const CLASSES_SHOWN = 60;

/** A map of all images, on which some are selected, and the labels of those. */
export function ImageMap({ name }: { readonly name: string }) {
  const { value, error, reload } = useLoaded(`map ${name}`, (client) => client.datasets.map(name), whilePreparing);
  const [selected, setSelected] = useState<readonly number[]>([]);
  // Rows are of the images that a map shows: the same numbers may be other images of the next map.
  const mapped = useRef<DatasetMap | undefined>(undefined);
  useEffect(() => {
    if (value?.state !== 'ready') return;
    if (mapped.current !== undefined && !hasSameSpots(mapped.current, value)) setSelected([]);
    mapped.current = value;
  }, [value]);
  if (value === undefined) return <Unloaded error={error} lines={6} />;
  if (value.state === 'preparing') {
    const { done, total } = value.progress ?? { done: 0, total: 0 };
    const share = total === 0 ? 0 : done / total;
    return (
      <Panel title={text.find.mapPreparing}>
        <Bar share={share} label={text.find.mapPreparing} />
        <p class="muted">{text.find.mapProgress(percent(share, 0))}</p>
      </Panel>
    );
  }
  return (
    <div class="map-page">
      {error !== undefined && <Problem error={error} />}
      <Panel title={text.find.names.map} aside={<span class="muted number">{counted(value.x.length, text.image)}</span>}>
        <p class="muted small" id="map-about">
          {text.find.mapAbout}
        </p>
        <MapCanvas map={value} selected={selected} name={name} onSelect={(rows) => setSelected(rows)} />
        <Legend map={value} onSelect={setSelected} />
      </Panel>
      <Selection name={name} map={value} rows={selected} onSet={reload} />
    </div>
  );
}

/** The classes with their colours. Each selects its images, so that the map needs no pointer. */
function Legend({ map, onSelect }: { readonly map: DatasetMap; readonly onSelect: (rows: readonly number[]) => void }) {
  const [isWhole, setWhole] = useState(false);
  const rowsOf = (number: number) => map.labels.flatMap((label, row) => (label === number ? row : []));
  const waiting = rowsOf(-1);
  const shown = isWhole ? map.classes : map.classes.slice(0, CLASSES_SHOWN);
  const entries = shown.map(({ label, images }, number) => ({ label, images, number }));
  if (waiting.length > 0) entries.push({ label: text.find.noLabel, images: waiting.length, number: -1 });
  return (
    <ul class="map-legend" aria-label={text.find.shownClasses}>
      {entries.map(({ label, images, number }) => (
        <li key={number}>
          <button
            type="button"
            title={text.find.select(label, counted(images, text.image))}
            onClick={() => onSelect(rowsOf(number))}
          >
            <span class={`dot class-${number < 0 ? 'none' : (number % 9) + 1}`} />
            {label} <span class="muted number">{count(images)}</span>
          </button>
        </li>
      ))}
      {shown.length < map.classes.length && (
        <li key="all">
          <button type="button" onClick={() => setWhole(true)}>
            {text.showAll(count(map.classes.length))}
          </button>
        </li>
      )}
    </ul>
  );
}

/** The selected images, loaded from the version that the map shows. */
function Selection(props: {
  readonly name: string;
  readonly map: DatasetMap;
  readonly rows: readonly number[];
  readonly onSet: () => void;
}) {
  const { name, map, rows, onSet } = props;
  const wanted = useMemo(() => rows.slice(0, MOST_SELECTED), [rows]);
  const ofRows = wanted.join();
  const { value, error } = useLoaded(`selection ${name}@${map.digest} ${ofRows}`, (client) =>
    loadRows(client, `${name}@${map.digest}`, wanted),
  );
  // Stays while the labels of the same rows are loaded again, and never for other rows: a key would label these.
  const [shown, setShown] = useState<{ readonly rows: string; readonly images: readonly DatasetImage[] }>();
  useEffect(() => {
    if (value !== undefined) setShown({ rows: ofRows, images: value });
  }, [value]);
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      <LabelSelection
        name={name}
        title={text.find.selected}
        empty={wanted.length === 0 ? text.find.nothingSelected : ''}
        images={shown?.rows === ofRows ? shown.images : []}
        classes={map.classes.map(({ label }) => label)}
        isChosen
        onSet={onSet}
      />
      {rows.length > MOST_SELECTED && <p class="muted">{text.find.tooMany(count(MOST_SELECTED))}</p>}
    </>
  );
}

async function loadRows(client: Client, reference: string, rows: readonly number[]): Promise<readonly DatasetImage[]> {
  const images: DatasetImage[] = [];
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const some = rows.slice(start, start + AT_ONCE);
    images.push(...(await client.datasets.images(reference, { rows: some, limit: some.length })).images);
  }
  return images;
}
