import { useRef, useState } from 'preact/hooks';
import { counted } from '../../../lib/format.ts';
import { Empty, MoreButton, PageHead } from '../../components/basics.tsx';
import { DropZone } from '../../components/drop-zone.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { ago } from '../../format.ts';
import { useList } from '../../hooks/use-list.ts';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { collectChosen, collectDropped, type Picked } from '../../upload/collect-files.ts';
import { ConfirmUpload } from './confirm-upload.tsx';

export function DatasetsPage() {
  const [picked, setPicked] = useState<Picked>();
  const [isReading, setReading] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  const picks = useRef(0);

  /** Of files that are picked while others are read, only the last ones count. */
  async function pick(reading: Promise<Picked>): Promise<void> {
    const own = ++picks.current;
    const ifLast = (act: () => void) => own === picks.current && act();
    setReading(true);
    setFailure(undefined);
    await reading.then(
      (files) => ifLast(() => setPicked(files)),
      (error: unknown) => ifLast(() => setFailure(error)),
    );
    ifLast(() => setReading(false));
  }

  return (
    <>
      <PageHead title={text.pages.datasets} about={text.datasets.about} />
      {picked === undefined ? (
        <DropZone
          icon="upload"
          lead={isReading ? text.drop.reading : text.datasets.drop}
          about={text.datasets.dropAbout}
          accept="image/*,.zip,.csv,.tsv,.jsonl"
          takesFolder
          onDrop={(transfer) => pick(collectDropped(transfer))}
          onChoose={(files) => pick(collectChosen(files))}
        />
      ) : (
        <ConfirmUpload picked={picked} onCancel={() => setPicked(undefined)} />
      )}
      {failure !== undefined && <Problem error={failure} />}
      {picked === undefined && <DatasetList />}
    </>
  );
}

function DatasetList() {
  const list = useList(
    'datasets',
    (client, after) => client.datasets.list({ limit: 50, after }),
    ({ datasets }) => datasets,
  );
  const { items, error } = list;
  if (items === undefined) return <Unloaded error={error} />;
  if (items.length === 0) {
    return (
      <section class="panel">
        <Empty icon="datasets" title={text.datasets.empty}>
          {text.datasets.emptyAbout}
        </Empty>
      </section>
    );
  }
  return (
    <>
      <ul class="panel list" aria-label={text.pages.datasets}>
        {items.map(({ name, versions, versionCount = versions.length }) => {
          const newest = versions.at(-1);
          return (
            <li key={name}>
              <a class="item" href={linkTo(['datasets', name])}>
                <Icon name="datasets" />
                <span class="grow">
                  <span class="name">{name}</span>
                </span>
                {newest !== undefined && <span class="number">{counted(newest.images, text.image)}</span>}
                <span class="muted hide-narrow number">{counted(versionCount, text.version)}</span>
                {newest !== undefined && <span class="muted hide-narrow">{ago(newest.createdAt)}</span>}
                <Icon name="chevron" size={14} />
              </a>
            </li>
          );
        })}
      </ul>
      <MoreButton list={list} />
    </>
  );
}
