import type { Client } from '../../../lib/client/client.ts';
import type { DatasetReport } from '../../../lib/contracts/dataset.ts';
import type { DatasetImage } from '../../../lib/contracts/dataset-http.ts';
import { hasFeatures } from '../../access.ts';
import { Panel } from '../../components/basics.tsx';
import { ImageGrid } from '../../components/image-grid.tsx';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { linkTo, replaceAddress, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { DatasetImageDialog } from './dataset-image-dialog.tsx';

/** The images of a version, of one class or all. Each leads to the images like it, or where none can be found, opens. */
export function DatasetImages(props: {
  readonly reference: string;
  readonly report: DatasetReport;
  /** The class, as the address has it. */
  readonly label: string | undefined;
  /** The index of the open picture among the images of the class, as the address has it. */
  readonly open: number | undefined;
}) {
  const { reference, report, label, open } = props;
  const { dataset, accepted, classes } = report;
  const count = label === undefined ? accepted : (classes.find((each) => each.label === label)?.images ?? 0);
  const load = async (client: Client, start: number, end: number) => {
    const rows = Array.from({ length: end - start }, (_, i) => start + i);
    return (await client.datasets.images(reference, { label, rows, limit: rows.length })).images;
  };
  const addressOf = ({ path }: DatasetImage, row: number) =>
    hasFeatures.value ? linkTo(['datasets', dataset, 'find'], { view: 'similar', image: path }) : withQuery({ image: row });
  return (
    <Panel
      title={text.dataset.samples}
      aside={
        <select
          class="select narrow"
          aria-label={text.dataset.label}
          value={label ?? ''}
          onChange={(event) => replaceAddress(withQuery({ label: event.currentTarget.value || undefined }))}
        >
          <option value="">{text.dataset.allClasses}</option>
          {classes.map(({ label: each }) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      }
    >
      <ImageGrid label={label ?? text.dataset.allClasses} source={`${reference} ${label ?? ''}`} count={count} load={load}>
        {(image, row) => (
          <a class="like" href={addressOf(image, row)}>
            <Thumbnail key={image.path} image={image} />
          </a>
        )}
      </ImageGrid>
      {open !== undefined && <DatasetImageDialog reference={reference} label={label} row={open} />}
    </Panel>
  );
}
