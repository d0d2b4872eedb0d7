/**
 * The thread that reads one HDF5 file with libhdf5 (WebAssembly) and hands its tree over as plain data. A file may be
 * hostile, and libhdf5 is C: so every file gets a thread and a library of its own, which end with it. Nothing but this
 * file's bytes is in reach.
 *
 * JavaScript, because each of these threads would otherwise load Node's type stripper first: 10 MB and 30 ms for every
 * file.
 */
import { openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** @import { Hdf5Request, Hdf5Reply, Hdf5Dataset, Hdf5Tree } from './hdf5.ts' */

/** @type {Hdf5Request} */
const { source, size, limits } = workerData;

// libhdf5 asks for as much memory as a file tells it to. Past the limit its malloc fails, and so does the read, as an error.
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function growWithinLimit(pages) {
  if (this.buffer.byteLength + pages * 65_536 > limits.memoryBytes) throw new RangeError('over the limit');
  return grow.call(this, pages);
};

const { ready } = await import('h5wasm');
const h5 = await ready;
// Without this handler libhdf5 prints its errors, and h5wasm gives whatever lay in memory as the data.
h5.activate_throwing_error_handler();

const FILE = '/weights.h5';
/** The format's classes of types. */
const [INTEGER, FLOAT, STRING, OPAQUE] = [0, 1, 3, 5];
/** What the format itself defines: deflate, shuffle, fletcher32, szip, nbit, scaleoffset. All others are plugins. */
const LAST_STANDARD_FILTER = 6;

/** No part of the model, and the optimizer's state has twice the size of the weights. */
const IGNORED = /^\/(optimizer|optimizer_weights|metrics|compile_metrics)$/;
const ATTRIBUTES = /^(?:(?:layer|weight)_names\d*|name)$/;

parentPort?.postMessage(...reply());

/** @returns {[Hdf5Reply, ArrayBuffer[]]} */
function reply() {
  try {
    mount(FILE);
    const tree = readTree(h5.open(FILE, h5.H5F_ACC_RDONLY, false, -1, -1));
    return [{ kind: 'tree', tree }, tree.datasets.flatMap(({ bytes }) => (bytes ? [bytes] : []))];
  } catch (error) {
    return [{ kind: 'damaged', detail: innermost(error instanceof Error ? error.message : String(error)) }, []];
  }
}

/** libhdf5 says first what it wanted to do, and last what was wrong. */
function innermost(/** @type {string} */ message) {
  const frames = [...message.matchAll(/^ *#\d+: .* in \w+\(\): (.*)$/gm)];
  return frames.at(-1)?.[1] ?? message;
}

/** Puts the file where libhdf5 finds it, without a copy: what it reads comes straight from the disk, or from the bytes given. */
function mount(/** @type {string} */ path) {
  h5.FS.writeFile(path, '');
  const { node } = h5.FS.lookupPath(path);
  node.usedBytes = size;
  node.stream_ops = {
    ...node.stream_ops,
    read: typeof source === 'string' ? fromDisk(openSync(source, 'r')) : fromBytes(source),
  };
}

function fromDisk(/** @type {number} */ descriptor) {
  return (
    /** @type {unknown} */ _stream,
    /** @type {Int8Array} */ target,
    /** @type {number} */ offset,
    /** @type {number} */ length,
    /** @type {number} */ position,
  ) => readSync(descriptor, target, offset, length, position);
}

function fromBytes(/** @type {Uint8Array} */ bytes) {
  return (
    /** @type {unknown} */ _stream,
    /** @type {Int8Array} */ target,
    /** @type {number} */ offset,
    /** @type {number} */ length,
    /** @type {number} */ position,
  ) => {
    const part = bytes.subarray(position, position + length);
    target.set(part, offset);
    return part.length;
  };
}

/** @returns {Hdf5Tree} */
function readTree(/** @type {bigint} */ file) {
  /** @type {Hdf5Tree} */
  const tree = { groups: [], datasets: [] };
  const left = { objects: limits.objects, bytes: limits.valueBytes, letters: limits.letters };
  readGroup('', 0);
  return tree;

  function readGroup(/** @type {string} */ path, /** @type {number} */ depth) {
    if (depth > limits.depth) throw new Error(`groups within groups, ${limits.depth} deep`);
    tree.groups.push({ path, attributes: attributesOf(path || '/') });
    for (const name of h5.get_names(file, path || '/', false)) {
      const child = `${path}/${name}`;
      if (--left.objects < 0) throw new Error(`more than ${limits.objects} objects`);
      take(child.length);
      const type = h5.get_type(file, child);
      if (type === h5.H5G_GROUP && !IGNORED.test(child)) readGroup(child, depth + 1);
      if (type === h5.H5G_DATASET) tree.datasets.push(readDataset(child));
    }
  }

  function attributesOf(/** @type {string} */ path) {
    /** @type {Record<string, string[]>} */
    const attributes = {};
    for (const name of h5.get_attribute_names(file, path)) {
      const texts = ATTRIBUTES.test(name) ? readTexts(path, name) : undefined;
      if (texts) attributes[name] = texts;
    }
    return attributes;
  }

  /** An attribute without a single text has, in Keras's files, the type float64. */
  function readTexts(/** @type {string} */ path, /** @type {string} */ name) {
    const { shape, type, size: width, total_size: count, vlen } = h5.get_attribute_metadata(file, path, name);
    if (shape === null || count === 0) return [];
    if (type !== STRING) return undefined;
    take(count);
    return withMemory(expectAtMost(limits.valueBytes, width * count), (pointer) => {
      h5.get_attribute_data(file, path, name, BigInt(pointer));
      const texts = Array.from({ length: count }, (_, i) => {
        const start = pointer + i * width;
        return h5.UTF8ToString(vlen ? new Uint32Array(h5.HEAPU8.buffer, start, 1)[0] : start, vlen ? undefined : width);
      });
      if (vlen) h5.reclaim_vlen_memory(file, path, name, BigInt(pointer));
      for (const text of texts) take(text.length);
      return texts;
    });
  }

  /** Names of groups within groups that lead to the same group again grow without end. */
  function take(/** @type {number} */ letters) {
    left.letters -= letters;
    if (!(left.letters >= 0)) throw new Error(`more than ${limits.letters} letters in names and texts`);
  }

  /** @returns {Hdf5Dataset} */
  function readDataset(/** @type {string} */ path) {
    const { shape, size: width, total_size: count, chunks, ...metadata } = h5.get_dataset_metadata(file, path);
    const dtype = dtypeOf(path, width, metadata);
    const filter = h5.get_dataset_filters(file, path).find(({ id }) => id > LAST_STANDARD_FILTER);
    // Where the object begins in the file: objects lie in the order in which they were written.
    const address = path.endsWith('/vars/0') ? addressOf(path) : 0;
    const dataset = { path, address, shape: shape ?? [], dtype };
    if (filter) return { ...dataset, filter: `${filter.id} (${filter.name})` };
    if (shape === null || dtype === 'no number') return dataset;
    // libhdf5 unpacks whole chunks, however little of them is part of the values.
    expectAtMost(
      left.bytes,
      (chunks ?? []).reduce((product, side) => product * side, width),
    );
    // As float32, or as the file has them.
    left.bytes -= expectAtMost(left.bytes, Math.max(width, 4) * count);
    const bytes = withMemory(width * count, (pointer) => {
      h5.get_dataset_data(file, path, null, null, null, BigInt(pointer));
      return h5.HEAPU8.slice(pointer, pointer + width * count).buffer;
    });
    return { ...dataset, bytes };
  }

  function dtypeOf(
    /** @type {string} */ path,
    /** @type {number} */ width,
    /** @type {{ type: number, signed: boolean }} */ { type, signed },
  ) {
    if (type === INTEGER) return `${signed ? 'int' : 'uint'}${width * 8}`;
    if (type === FLOAT) return `float${width * 8}`;
    // HDF5 knew no bfloat16 when Keras began to write them.
    const marked = type === OPAQUE && width === 2 && h5.get_attribute_names(file, path).includes('dtype');
    return marked && readTexts(path, 'dtype')?.[0] === 'bfloat16' ? 'bfloat16' : 'no number';
  }

  function addressOf(/** @type {string} */ path) {
    const reference = Uint8Array.from(h5.create_object_reference(file, path));
    return Number(new DataView(reference.buffer).getBigUint64(0, true));
  }
}

/**
 * Room in libhdf5's memory, for as long as `use` runs.
 * @template T
 * @param {number} bytes
 * @param {(pointer: number) => T} use
 */
function withMemory(bytes, use) {
  const pointer = h5._malloc(Math.max(bytes, 1));
  if (pointer === 0) throw new Error(`no memory for ${bytes} bytes`);
  try {
    return use(pointer);
  } finally {
    h5._free(pointer);
  }
}

function expectAtMost(/** @type {number} */ most, /** @type {number} */ bytes) {
  // Not the other way round: a size that overflowed is no number.
  if (!(bytes <= most)) throw new Error(`${bytes} bytes of values in a file of ${size}`);
  return bytes;
}
