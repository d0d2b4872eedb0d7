import { useEffect, useMemo, useState } from 'preact/hooks';
import { Name } from '../../../lib/contracts/names.ts';
import { byteSize, count, counted } from '../../../lib/format.ts';
import { ClassRow, NameField, Panel, TextField } from '../../components/basics.tsx';
import { Problem } from '../../components/problem.tsx';
import { useAction } from '../../hooks/use-action.ts';
import { PageError } from '../../page-error.ts';
import { goTo, linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { arrangeFiles } from '../../upload/arrange-files.ts';
import type { Picked } from '../../upload/collect-files.ts';
import { describeUpload, type UploadDescription } from '../../upload/describe-upload.ts';
import { isFolderName } from '../../upload/outer-folder.ts';
import type { PickedFile } from '../../upload/picked-file.ts';
import { startUpload } from '../../upload/uploads.ts';

const CLASSES_SHOWN = 12;
const PREVIEWS = 8;

/** What is about to be sent: the name, what the import makes of the files, and the first images. */
export function ConfirmUpload({ picked, onCancel }: { readonly picked: Picked; readonly onCancel: () => void }) {
  const [name, setName] = useState(picked.name);
  const [label, setLabel] = useState('');
  const [isPool, setPool] = useState(true);
  const { run, isBusy, failure } = useAction({ isLast: true });
  const paths = useMemo(() => picked.files.map(({ path }) => path), [picked]);
  const bytes = useMemo(() => picked.files.reduce((total, { size }) => total + size, 0), [picked]);
  const found = useMemo(() => describeUpload(paths), [paths]);
  const asksClass = found.isLoose && found.manifests.length === 0;
  const isNamed = Name.safeParse(name).success;
  const isLabelled = !asksClass || label.trim() === '' || isFolderName(label.trim());
  const isReady = isNamed && isLabelled && !isBusy;
  const arranged = useMemo(() => {
    const pathOf = arrangeFiles(paths, found, { isPool, label: isLabelled ? label.trim() : '' });
    return picked.files.map((file) => ({ ...file, path: pathOf(file.path) }));
  }, [picked, paths, found, isPool, isLabelled, label]);
  const described = useMemo(() => describeUpload(arranged.map(({ path }) => path)), [arranged]);

  function send(event: Event): void {
    event.preventDefault();
    void run(
      () => startUpload({ name, files: arranged }),
      (id) => goTo(linkTo(['uploads', id])),
    );
  }

  return (
    <form onSubmit={send}>
      <Panel
        title={text.confirm.title}
        aside={<span class="muted number">{`${counted(paths.length, text.file)}, ${byteSize(bytes)}`}</span>}
      >
        <div class="two">
          <div class="column">
            <NameField
              id="dataset-name"
              label={text.confirm.name}
              rule={text.confirm.nameRule}
              value={name}
              isValid={isNamed}
              onInput={setName}
            />
            {found.onlyFolder !== undefined && (
              <label class="row">
                <input type="checkbox" checked={isPool} onChange={(event) => setPool(event.currentTarget.checked)} />
                {text.confirm.onlyFolder(found.onlyFolder)}
              </label>
            )}
            {asksClass && (
              <TextField
                id="loose-class"
                label={text.confirm.looseClass}
                about={isLabelled ? aboutLoose(found) : text.confirm.looseRule}
                value={label}
                onInput={setLabel}
                attributes={{ 'aria-invalid': !isLabelled }}
              />
            )}
          </div>
          <Labels described={described} />
        </div>
        <Previews files={picked.files} />
        {failure !== undefined && <Problem error={failure} />}
        {!isSecureContext && <Problem error={new PageError(text.insecure, text.insecureFix)} />}
        <div class="row">
          <button type="submit" class="button primary" disabled={!isReady || !isSecureContext}>
            {text.confirm.upload(counted(paths.length, text.file))}
          </button>
          <button type="button" class="button" disabled={isBusy} onClick={onCancel}>
            {text.cancel}
          </button>
        </div>
      </Panel>
    </form>
  );
}

function aboutLoose({ exports }: UploadDescription): string {
  return exports.length > 0 ? text.confirm.looseExport(namesOf(exports)) : text.confirm.looseAbout;
}

/** Where the labels come from, and the classes where the folders say them. */
function Labels({ described }: { readonly described: UploadDescription }) {
  const { manifests, exports } = described;
  if (manifests.length > 0) return <p class="muted">{text.confirm.fromManifest(namesOf(manifests))}</p>;
  return (
    <div class="field">
      {exports.length > 0 && <p class="muted">{text.confirm.fromExport(namesOf(exports))}</p>}
      <ClassCounts described={described} />
    </div>
  );
}

/** The first of these files, and how many others there are. */
function namesOf([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : text.confirm.fileAndMore(first, count(others.length));
}

function ClassCounts({ described: { classes, unlabelled, outside, splits } }: { readonly described: UploadDescription }) {
  const sorted = [...classes].sort(([, a], [, b]) => b - a);
  const others = [
    [text.confirm.noLabel, unlabelled],
    [text.confirm.noFolder, outside],
  ] as const;
  const most = Math.max(1, unlabelled, outside, sorted[0]?.[1] ?? 0);
  return (
    <>
      <span class="label">{counted(classes.size, text.class, text.classes)}</span>
      <ul class="classes">
        {sorted.slice(0, CLASSES_SHOWN).map(([label, images]) => (
          <ClassRow key={`class ${label}`} label={label} images={images} most={most} />
        ))}
        {others.map(([about, images]) => images > 0 && <ClassRow key={about} label={about} images={images} most={most} />)}
      </ul>
      {classes.size > CLASSES_SHOWN && <span class="muted small">{text.andMore(count(classes.size - CLASSES_SHOWN))}</span>}
      {splits.size > 0 && (
        <span class="muted small">
          {text.confirm.split([...splits].map(([part, images]) => `${count(images)} ${part}`).join(', '))}
        </span>
      )}
    </>
  );
}

/** The first images, evenly over the list, so that several classes are seen. */
function Previews({ files }: { readonly files: readonly PickedFile[] }) {
  const [addresses, setAddresses] = useState<readonly string[]>([]);
  useEffect(() => {
    let isCurrent = true;
    const made: string[] = [];
    const images = files.filter(({ path, size }) => /\.(?:jpe?g|png|webp|gif|avif|bmp)$/i.test(path) && size < 10_000_000);
    const step = Math.max(1, Math.floor(images.length / PREVIEWS));
    void (async () => {
      for (let index = 0; index < images.length && made.length < PREVIEWS && isCurrent; index += step) {
        const bytes = await images[index]?.bytes().catch(() => undefined);
        if (bytes !== undefined) made.push(URL.createObjectURL(new Blob([bytes])));
      }
      if (isCurrent) setAddresses(made);
    })();
    return () => {
      isCurrent = false;
      for (const address of made) URL.revokeObjectURL(address);
    };
  }, [files]);
  return (
    <div class="thumbs" aria-hidden="true">
      {Array.from({ length: Math.min(PREVIEWS, files.length) }, (_, index) =>
        addresses[index] === undefined ? (
          <span key={index} class="thumb" />
        ) : (
          <img key={index} class="thumb" src={addresses[index]} alt="" />
        ),
      )}
    </div>
  );
}
