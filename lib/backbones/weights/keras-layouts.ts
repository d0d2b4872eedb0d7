import { DataError } from '../../errors.ts';
import { isStoredDtype, widen } from '../../safetensors/widen.ts';
import type { Hdf5Dataset, Hdf5Group, Hdf5Tree } from './hdf5.ts';
import type { LayerWeights, NamedWeight, WeightFile } from './weight-file.ts';

/** Random generators inside layers store their state next to the weights. */
const GENERATOR = /\/seed_generator(_\d+)?\/vars$/;

/**
 * Reads the layers of an HDF5 file that Keras 1 to 3 wrote, with weights only or a whole model.
 * @throws DataError WEIGHTS_NOT_KERAS for another HDF5 file; WEIGHTS_INCOMPLETE if a listed layer or weight is
 *   missing; WEIGHTS_UNREADABLE for number types that weights never have
 */
export function kerasLayers(tree: Hdf5Tree): WeightFile {
  const index = indexOf(tree);
  for (const root of ['/model_weights', '']) {
    const names = listed(index.groups.get(root), 'layer_names');
    if (names) return { format: 'keras-h5', layers: legacyLayers(index, root, names) };
  }
  const layers = storedLayers(index, tree);
  if (layers.length > 0) return { format: 'keras-weights-h5', layers };
  throw new DataError('WEIGHTS_NOT_KERAS', {
    at: 'HDF5 file',
    expected: "an attribute layer_names, or groups named vars, as in Keras's weight files",
    received: `${tree.groups.length} groups and ${tree.datasets.length} data sets without`,
    fix: 'save with model.save_weights("model.weights.h5") in Keras 3, or model.save("model.keras")',
  });
}

interface Index {
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
}

function indexOf({ groups, datasets }: Hdf5Tree): Index {
  return {
    groups: new Map(groups.map((group) => [group.path, group])),
    datasets: new Map(datasets.map((dataset) => [dataset.path, dataset])),
  };
}

/**
 * Reads a list of strings from an attribute or, if it exceeds an object header's 64 kB, from several: `name0`,
 * `name1`...
 */
function listed(group: Hdf5Group | undefined, name: string): readonly string[] | undefined {
  const whole = group?.attributes[name];
  if (whole || !group) return whole;
  const parts: string[][] = [];
  for (let part = group.attributes[`${name}0`]; part; part = group.attributes[`${name}${parts.length}`]) parts.push([...part]);
  return parts.length > 0 ? parts.flat() : undefined;
}

/** Reads layers by name in the order of `layer_names`, with weights in the order of each layer's `weight_names`. */
function legacyLayers(index: Index, root: string, names: readonly string[]): LayerWeights[] {
  const layers = names.map((name) => legacyLayer(index, `${root}/${name}`, name));
  // Weights of the model itself, if it has any.
  const own = listed(index.groups.get(`${root}/top_level_model_weights`), 'weight_names');
  return own?.length ? [...layers, legacyLayer(index, `${root}/top_level_model_weights`, 'top_level_model_weights')] : layers;
}

function legacyLayer({ groups, datasets }: Index, path: string, name: string): LayerWeights {
  const names = listed(groups.get(path), 'weight_names');
  if (!names) throw incomplete(path, `a group with weight_names, for layer_names lists ${name}`);
  return {
    name,
    path,
    weights: names.map((weight) => numbersOf(datasets.get(`${path}/${weight}`), `${path}/${weight}`, weight)),
  };
}

/**
 * Reads layers under paths of class names, with numbered weights. Later versions of Keras 3 also store the layer's
 * name.
 */
function storedLayers({ groups }: Index, { datasets }: Hdf5Tree): LayerWeights[] {
  const byGroup = Map.groupBy(datasets, ({ path }) => path.slice(0, path.lastIndexOf('/')));
  return [...byGroup]
    .filter(([path]) => path.endsWith('/vars') && !GENERATOR.test(path))
    .map(([path, variables]) => ({ path, variables: variables.toSorted((a, b) => numberOf(a) - numberOf(b)) }))
    .toSorted((a, b) => (a.variables[0]?.address ?? 0) - (b.variables[0]?.address ?? 0))
    .map(({ path, variables }) => storedLayer(path, variables, groups.get(path)?.attributes.name?.[0]));
}

function storedLayer(vars: string, variables: readonly Hdf5Dataset[], name: string | undefined): LayerWeights {
  const path = vars.slice(0, vars.lastIndexOf('/'));
  const weights = variables.map((variable, i) => {
    if (numberOf(variable) !== i) throw incomplete(`${vars}/${i}`, 'variables numbered without a gap');
    return numbersOf(variable, variable.path, `${i}`);
  });
  return { name: name || lastOf(path), path, weights };
}

function numberOf({ path }: Hdf5Dataset): number {
  return Number(lastOf(path));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function numbersOf(dataset: Hdf5Dataset | undefined, path: string, name: string): NamedWeight {
  if (!dataset) throw incomplete(path, `a data set, for weight_names lists ${name}`);
  const { shape, dtype, filter, bytes } = dataset;
  if (filter) {
    throw unreadable(path, "no filters but the format's own (deflate, shuffle, fletcher32)", `filter ${filter}`);
  }
  if (!isStoredDtype(dtype) || !bytes) throw unreadable(path, 'whole numbers, or floats of 16, 32 or 64 bits', dtype);
  return { name, path, shape, dtype, data: widen(dtype, new Uint8Array(bytes)) };
}

function incomplete(at: string, expected: string): DataError {
  return new DataError('WEIGHTS_INCOMPLETE', { at, expected, received: 'nothing there', fix: 'save the weights again' });
}

function unreadable(at: string, expected: string, received: string): DataError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at,
    expected,
    received,
    fix: 'save the weights again, as float32 without a compression filter',
  });
}
