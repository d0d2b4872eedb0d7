import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { version } from '../../contracts/version.ts';
import { kerasConfig, kerasPaths } from './keras-config.ts';
import type { LayerGraph } from './layer-graph.ts';

/** The version of Keras whose format this is. Later ones read it, too. */
const KERAS_VERSION = '3.0.0';

/** Zip stores local times from 1980 on; the same model gives the same bytes. */
const WRITTEN = new Date(1980, 0, 1);

/** Writes layers as a `.keras` file: configuration and weights in a zip archive. */
export async function kerasFile(graph: LayerGraph, name: string): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), {
    level: 0,
    useWebWorkers: false,
    lastModDate: WRITTEN,
    extendedTimestamp: false,
    dataDescriptor: false,
  });
  const add = (member: string, content: Uint8Array) => zip.add(member, new Uint8ArrayReader(content));
  const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  await add('metadata.json', json({ keras_version: KERAS_VERSION, graft_version: version }));
  await add('config.json', json(kerasConfig(graph, name)));
  await add('model.weights.h5', await weightsFile(graph));
  return zip.close();
}

/** Writes the weights as HDF5: `layers/conv2d_1/vars/0` and so on. */
async function weightsFile(graph: LayerGraph): Promise<Uint8Array> {
  // h5wasm is 4 MB of WebAssembly, which other formats do not need.
  const { ready, File } = await import('h5wasm');
  const { FS } = await ready;
  const path = '/model.weights.h5';
  const file = new File(path, 'w');
  try {
    const layers = file.create_group('layers');
    for (const [{ weights }, layer] of kerasPaths(graph)) {
      if (weights.length === 0) continue;
      layers.create_group(layer);
      const group = layers.create_group(`${layer}/vars`);
      for (const [index, { data, dims }] of weights.entries()) {
        group.create_dataset({ name: `${index}`, data, shape: [...dims], dtype: '<f4' });
      }
    }
  } finally {
    file.close();
  }
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}
