import { useEffect, useMemo, useState } from 'preact/hooks';
import { Name } from '../../lib/contracts/names.ts';
import { ClassRow, NameField, Panel, TextField } from '../components/basics.tsx';
import { Problem } from '../components/problem.tsx';
import { byteSize, count, counted } from '../format.ts';
import { PageError } from '../page-error.ts';
import { goTo, linkTo } from '../router.ts';
import { text } from '../strings.ts';
import type { Picked } from '../upload/collect-files.ts';
import { classesOf, hasManifest, isFolderName } from '../upload/outer-folder.ts';
import type { PickedFile } from '../upload/picked-file.ts';
import { startUpload } from '../upload/uploads.ts';
import { useGone } from '../use-gone.ts';

const CLASSES_SHOWN = 12;
const PREVIEWS = 8;

/** What is about to be sent: the name, the classes with their counts, and the first images. */
export function ConfirmUpload({ picked, onCancel }: { readonly picked: Picked; readonly onCancel: () => void }) {
  const [name, setName] = useState(picked.name);
  const [label, setLabel] = useState('');
  const [isPool, setPool] = useState(true);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const isGone = useGone();
  const paths = useMemo(() => picked.files.map(({ path }) => path), [picked]);
  const bytes = useMemo(() => picked.files.reduce((total, { size }) => total + size, 0), [picked]);
  const classes = useMemo(() => [...classesOf(paths)].sort(([, a], [, b]) => b - a), [paths]);
  const isLoose = classes.some(([folder]) => folder === undefined) && !hasManifest(paths);
  const isNamed = Name.safeParse(name).success;
  const [only, ...others] = classes.map(([folder]) => folder);
  const onlyFolder = others.length === 0 && !hasManifest(paths) ? only : undefined;
  const isLabelled = !isLoose || label.trim() === '' || isFolderName(label.trim());
  const isReady = isNamed && isLabelled && !isBusy;

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const files = picked.files.map((file) => ({ ...file, path: pathOf(file.path) }));
    try {
      const id = await startUpload({ name, files });
      if (!isGone.current) goTo(linkTo(['uploads', id]));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  /** Images without a label are in no folder, or beside others in the folder `unlabelled`. */
  function pathOf(path: string): string {
    if (onlyFolder !== undefined) return isPool ? path.slice(onlyFolder.length + 1) : path;
    if (!isLoose || path.includes('/')) return path;
    if (label.trim() !== '') return `${label.trim()}/${path}`;
    return classes.length > 1 ? `unlabelled/${path}` : path;
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
            {onlyFolder !== undefined && (
              <label class="row">
                <input type="checkbox" checked={isPool} onChange={(event) => setPool(event.currentTarget.checked)} />
                {text.confirm.onlyFolder(onlyFolder)}
              </label>
            )}
            {isLoose && (
              <TextField
                id="loose-class"
                label={text.confirm.looseClass}
                about={isLabelled ? text.confirm.looseAbout : text.confirm.looseRule}
                value={label}
                onInput={setLabel}
                attributes={{ 'aria-invalid': !isLabelled }}
              />
            )}
          </div>
          <ClassCounts classes={classes} />
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

function ClassCounts({ classes }: { readonly classes: readonly (readonly [string | undefined, number])[] }) {
  const most = Math.max(...classes.map(([, images]) => images));
  return (
    <div class="field">
      <span class="label">{counted(classes.length, text.class, text.classes)}</span>
      <ul class="classes">
        {classes.slice(0, CLASSES_SHOWN).map(([folder, images]) => (
          <ClassRow key={folder ?? ''} label={folder ?? text.confirm.noFolder} title={folder} images={images} most={most} />
        ))}
      </ul>
      {classes.length > CLASSES_SHOWN && <span class="muted small">{text.andMore(count(classes.length - CLASSES_SHOWN))}</span>}
    </div>
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
