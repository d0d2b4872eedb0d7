import { Picture } from '../../components/picture.tsx';
import { PictureDialog } from '../../components/picture-dialog.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { replaceAddress, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { truthOf } from '../look/evaluated-grid.tsx';

/**
 * The picture of an image of a version, with its labels. Closing it changes the address.
 * @param props.row its index among the images of the class, or of all without one
 */
export function DatasetImageDialog(props: {
  readonly reference: string;
  readonly label: string | undefined;
  readonly row: number;
}) {
  const { reference, label, row } = props;
  const { value, error } = useLoaded(`image ${reference} ${row} ${label}`, (client) =>
    client.datasets.images(reference, { label, rows: [row], limit: 1 }),
  );
  const image = value?.images[0];
  return (
    <PictureDialog title={image?.path ?? text.look.picture} onClose={() => replaceAddress(withQuery({ image: undefined }))}>
      {value === undefined && <Unloaded error={error} lines={3} />}
      {value !== undefined && image === undefined && <p class="muted">{text.dataset.imageMissing}</p>}
      {image !== undefined && (
        <div class="try">
          <div class="stage-image">
            <Picture image={image} />
          </div>
          <div>
            <h3>{text.look.has}</h3>
            <p>{truthOf(image)}</p>
          </div>
        </div>
      )}
    </PictureDialog>
  );
}
