import { useEffect, useRef, useState } from 'preact/hooks';
import type { EvaluatedImage } from '../../../lib/contracts/evaluated-images.ts';
import { parseReference } from '../../../lib/contracts/reference.ts';
import { Icon } from '../../components/icon.tsx';
import { Picture } from '../../components/picture.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { linkTo, replacePlace, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { useHeat } from '../../use-heat.ts';
import { useLoaded } from '../../use-loaded.ts';
import { Answers } from '../answers.tsx';
import { truthOf } from './evaluated-grid.tsx';

/**
 * The picture of an evaluated image, with what a version of the model predicts and why. Closing it changes the address.
 * @param props.row in the data set of the version
 * @param props.before another version, which is shown, too, if it was evaluated on the same version of the data set
 */
export function ImageDialog(props: { readonly reference: string; readonly row: number; readonly before?: string }) {
  const { reference, row, before } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const { value, error } = useLoaded(`image ${reference} ${row}`, (client) =>
    client.models.evaluatedImages(reference, { rows: [row], limit: 1 }),
  );
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const earlier = useLoaded(`image ${before} ${row}`, async (client) =>
    before === undefined ? undefined : client.models.evaluatedImages(before, { rows: [row], limit: 1 }),
  );
  const image = value?.images[0];
  const imageBefore = earlier.value?.dataset === value?.dataset ? earlier.value?.images[0] : undefined;
  return (
    <dialog ref={dialog} class="look-image" aria-label={image?.path ?? text.look.picture} onClose={close}>
      <div class="inner">
        <div class="row title">
          <h2 class="mono">{image?.path ?? text.look.picture}</h2>
          <button type="button" class="button quiet icon" aria-label={text.close} onClick={() => dialog.current?.close()}>
            <Icon name="cross" size={16} />
          </button>
        </div>
        {value === undefined && <Unloaded error={error} lines={3} />}
        {value !== undefined && image === undefined && <p class="muted">{text.look.missing}</p>}
        {value !== undefined && image !== undefined && (
          <>
            {before !== undefined && imageBefore !== undefined && (
              <>
                <h3>{before}</h3>
                <Shown image={imageBefore} reference={before} />
                <h3>{reference}</h3>
              </>
            )}
            <Shown image={image} reference={reference} />
            <a
              class="link"
              href={linkTo(['datasets', parseReference(value.dataset)?.name ?? value.dataset, 'find'], {
                view: 'similar',
                image: image.path,
              })}
            >
              {text.look.similar}
            </a>
          </>
        )}
      </div>
    </dialog>
  );
}

function close(): void {
  replacePlace(withQuery({ image: undefined }));
}

function Shown({ image, reference }: { readonly image: EvaluatedImage; readonly reference: string }) {
  const [hasHeat, setHeat] = useState(true);
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
          {first === undefined ? <p>{text.look.nothingPredicted}</p> : <Answers labels={image.predicted} isKnown={undefined} />}
        </div>
        {canExplain && (
          <label class="row">
            <input type="checkbox" checked={hasHeat} onChange={(event) => setHeat(event.currentTarget.checked)} />
            <span>{text.look.heat(first.label)}</span>
          </label>
        )}
        {canExplain && hasHeat && source === undefined && error === undefined && <p class="muted small">{text.look.heatBusy}</p>}
        {error !== undefined && <Problem error={error} />}
      </div>
    </div>
  );
}
