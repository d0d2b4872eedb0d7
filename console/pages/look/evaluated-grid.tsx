import type { Client } from '../../../lib/client/client.ts';
import type { EvaluatedImage, EvaluatedImageQuery } from '../../../lib/contracts/evaluated-images.ts';
import type { ModelTask } from '../../../lib/contracts/model-task.ts';
import { percent } from '../../../lib/format.ts';
import { ImageGrid } from '../../components/image-grid.tsx';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import type { PictureList } from '../../look-state.ts';
import { predictionOf } from '../../predicted-labels.ts';
import { withQuery } from '../../router.ts';
import { text } from '../../strings.ts';

/** Pixels of the line below each picture. */
const CAPTION = 42;

/** Evaluated images that match a filter, of which those in view are loaded. Each opens as a picture. */
export function EvaluatedGrid(props: {
  readonly reference: string;
  readonly task: ModelTask;
  readonly filter: Partial<EvaluatedImageQuery>;
  /** The list that the filter gives, for the addresses of the pictures. */
  readonly list: PictureList;
  readonly label: string;
  /** Instead of the pictures, if no image matches. */
  readonly none: string;
}) {
  const { reference, task, filter, list, label, none } = props;
  const key = `${reference} ${JSON.stringify(filter)}`;
  const { value, error } = useLoaded(`evaluated ${key}`, (client) =>
    client.models.evaluatedImages(reference, { ...filter, limit: 1 }),
  );
  const load = async (client: Client, start: number, end: number) => {
    const after = start === 0 ? undefined : start;
    return (await client.models.evaluatedImages(reference, { ...filter, after, limit: end - start })).images;
  };
  if (value === undefined) return <Unloaded error={error} lines={2} />;
  if (value.count === 0) return <p class="muted">{none}</p>;
  return (
    <ImageGrid label={label} source={key} count={value.count} load={load} least={104} caption={CAPTION}>
      {(image, index) => (
        <EvaluatedThumbnail image={image} task={task} address={withQuery({ image: image.row, from: list, at: index })} />
      )}
    </ImageGrid>
  );
}

/** A small picture with its label and what the model predicts. */
function EvaluatedThumbnail(props: { readonly image: EvaluatedImage; readonly task: ModelTask; readonly address: string }) {
  const { image, task, address } = props;
  const { path, isRight } = image;
  return (
    <a class="like evaluated" href={address}>
      <Thumbnail key={path} image={image} />
      <span class="caption">
        <span class={isRight ? 'up' : 'down'}>{predictionOf(image, task)}</span>
        <span class="number muted">{percent(image.predicted[0]?.probability ?? image.confidence, 0)}</span>
      </span>
      {!isRight && <span class="caption muted">{truthOf(image)}</span>}
    </a>
  );
}

export function truthOf({ labels }: Pick<EvaluatedImage, 'labels'>): string {
  return labels.length === 0 ? text.look.noLabel : labels.join(', ');
}
