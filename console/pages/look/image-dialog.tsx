import { useState } from 'preact/hooks';
import type { EvaluatedImage } from '../../../lib/contracts/evaluated-images.ts';
import { parseReference } from '../../../lib/contracts/reference.ts';
import { count } from '../../../lib/format.ts';
import { hasFeatures } from '../../access.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Picture } from '../../components/picture.tsx';
import { PictureDialog } from '../../components/picture-dialog.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useHeat } from '../../hooks/use-heat.ts';
import { useKeys } from '../../hooks/use-keys.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { linkTo, replaceAddress, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { PredictionLabels } from '../models/prediction-labels.tsx';
import { truthOf } from './evaluated-grid.tsx';

/** Where a picture is in its list, and the addresses of those before and after it. */
export interface Beside {
  readonly previous: string | undefined;
  readonly next: string | undefined;
  /** From 1. */
  readonly position: number;
  readonly count: number;
}

/**
 * The picture of an evaluated image, with what a version of the model predicts and why. Closing it changes the address.
 * @param props.row its index among the labelled images in the data set of the version
 * @param props.before another version, which is shown, too, if it was evaluated on the same version of the data set
 * @param props.beside undefined if the picture is in no list; the arrow keys lead there, too
 */
export function ImageDialog(props: {
  readonly reference: string;
  readonly row: number;
  readonly before?: string;
  readonly beside: Beside | undefined;
}) {
  const { reference, row, before, beside } = props;
  // For the pictures that follow, too.
  const [hasHeat, setHeat] = useState(true);
  const { value, error } = useLoaded(`image ${reference} ${row}`, (client) =>
    client.models.evaluatedImages(reference, { rows: [row], limit: 1 }),
  );
  useKeys((event) => {
    const address = event.key === 'ArrowLeft' ? beside?.previous : event.key === 'ArrowRight' ? beside?.next : undefined;
    if (address !== undefined) replaceAddress(address);
  });
  const earlier = useLoaded(`image ${before} ${row}`, async (client) =>
    before === undefined ? undefined : client.models.evaluatedImages(before, { rows: [row], limit: 1 }),
  );
  const image = value?.images[0];
  const imageBefore = earlier.value?.dataset === value?.dataset ? earlier.value?.images[0] : undefined;
  return (
    <PictureDialog
      title={image?.path ?? text.look.picture}
      aside={
        beside !== undefined && (
          <div class="row beside">
            <span class="number muted small">{text.look.position(count(beside.position), count(beside.count))}</span>
            <Step icon="back" label={text.look.previous} address={beside.previous} />
            <Step icon="chevron" label={text.look.next} address={beside.next} />
          </div>
        )
      }
      onClose={close}
    >
      {value === undefined && <Unloaded error={error} lines={3} />}
      {value !== undefined && image === undefined && <p class="muted">{text.look.missing}</p>}
      {value !== undefined && image !== undefined && (
        <>
          {before !== undefined && imageBefore !== undefined && (
            <>
              <h3>{before}</h3>
              <Shown image={imageBefore} reference={before} hasHeat={hasHeat} onHeat={setHeat} />
              <h3>{reference}</h3>
            </>
          )}
          <Shown image={image} reference={reference} hasHeat={hasHeat} onHeat={setHeat} />
          {hasFeatures.value && (
            <a
              class="link"
              href={linkTo(['datasets', parseReference(value.dataset)?.name ?? value.dataset, 'find'], {
                view: 'similar',
                image: image.path,
              })}
            >
              {text.look.similar}
            </a>
          )}
        </>
      )}
    </PictureDialog>
  );
}

/** Replaces the picture, so that Back leaves the dialog. */
function Step(props: { readonly icon: IconName; readonly label: string; readonly address: string | undefined }) {
  const { icon, label, address } = props;
  return (
    <button
      type="button"
      class="button quiet icon"
      aria-label={label}
      title={label}
      disabled={address === undefined}
      onClick={() => address !== undefined && replaceAddress(address)}
    >
      <Icon name={icon} size={16} />
    </button>
  );
}

function close(): void {
  replaceAddress(withQuery({ image: undefined, from: undefined, at: undefined }));
}

function Shown(props: {
  readonly image: EvaluatedImage;
  readonly reference: string;
  readonly hasHeat: boolean;
  readonly onHeat: (hasHeat: boolean) => void;
}) {
  const { image, reference, hasHeat, onHeat } = props;
  const { source, error } = useHeat(reference, hasHeat ? image : undefined);
  const [first] = image.predicted;
  const canExplain = first !== undefined && image.request !== undefined;
  return (
    <div class="try">
      <div class="stage-image">
        {hasHeat && source !== undefined ? (
          <img src={source} alt={text.look.evidenceOf(image.path)} />
        ) : (
          <Picture image={image} />
        )}
      </div>
      <div class="column">
        <div>
          <h3>{text.look.has}</h3>
          <p>{truthOf(image)}</p>
        </div>
        <div>
          <h3 class="row">
            {text.look.predicts}
            <span class={image.isRight ? 'badge good' : 'badge bad'}>{image.isRight ? text.look.right : text.look.wrong}</span>
          </h3>
          {first === undefined ? (
            <p>{text.look.nothingPredicted}</p>
          ) : (
            <PredictionLabels labels={image.predicted} isKnown={undefined} />
          )}
        </div>
        {canExplain && (
          <label class="row">
            <input type="checkbox" checked={hasHeat} onChange={(event) => onHeat(event.currentTarget.checked)} />
            <span>{text.look.heat(first.label)}</span>
          </label>
        )}
        {canExplain && hasHeat && source === undefined && error === undefined && <p class="muted small">{text.look.heatBusy}</p>}
        {error !== undefined && <Problem error={error} />}
      </div>
    </div>
  );
}
