/**
 * A test of one file has its name and stands where it stands; what several files do together is tested in the folder of
 * theirs. A name that lib exports has one meaning. Functions take their parameters in one order.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './support/docs/pages.ts';
import { readFunctions, type SourceParameter } from './support/docs/source-text.ts';

/** Programs that tests start, and what vitest writes. */
const OF_TESTS = ['scripts', '__snapshots__'];

test.each(['lib', 'functions', 'cli', 'infra'])('test/%s has no folder that the code lacks', (folder) => {
  const files = globSync(`test/${folder}/**/*.ts`, { cwd: root });
  const folders = [...new Set(files.map(dirname))].filter((path) => !OF_TESTS.includes(basename(path)));
  expect(folders.length).toBeGreaterThan(1);
  expect(folders.filter((path) => !existsSync(join(root, path.slice('test/'.length))))).toEqual([]);
});

test.each(['client', 'library', 'pipeline'])('lib/%s has tests of its own', (folder) => {
  expect(globSync(`test/lib/${folder}/**/*.test.ts`, { cwd: root })).not.toEqual([]);
});

/** Its files stand side by side for a reason: a route each, and what crosses a boundary. */
const LONG_LISTS = ['functions/api', 'lib/contracts'];
const MOST_FILES = 50;

test('a folder of many files is divided by purpose', () => {
  const files = globSync(['lib/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts', 'console/**/*.{ts,tsx}'], { cwd: root });
  const counts = Map.groupBy(files, (file) => dirname(file));
  expect(counts.size).toBeGreaterThan(80);
  const crowded = [...counts].filter(([folder, { length }]) => length > MOST_FILES && !LONG_LISTS.includes(folder));
  expect(crowded.map(([folder]) => folder)).toEqual([]);
});

/** Names that several modules of lib export, where these modules are, and why. */
const SHARED = [
  {
    why: 'the two engines, and the kernels of one, do the same',
    in: ['training/onnx/', 'training/tensorflow/'],
    names: ['MemoryOptions', 'UpdateRule', 'adagrad', 'adam', 'batchNormalization', 'clipGradients', 'rmsprop', 'sgd'],
  },
  { why: 'the two adapters of a port do the same', in: ['aws/', 'local/'], names: ['headOf', 'readObject'] },
  {
    why: "functional.ts applies layers under Keras's names; the others do the same to other things",
    in: [
      'backbones/layers/functional.ts',
      'datasets/tables/concatenate.ts',
      'images/augment/geometric.ts',
      'model-exports/layers/',
      'onnx/converters/activations.ts',
      'training/closed-form/matrix-products.ts',
    ],
    names: ['activate', 'concatenate', 'crop', 'multiply', 'rescale', 'zeroPad'],
  },
  {
    why: 'a kernel of WASM has the name of its operation',
    in: ['arithmetic.ts', 'tensor/wasm/sum-and-mean.ts'],
    names: ['mean', 'sum'],
  },
  {
    why: 'what others call has the same name wherever they call it: in HTTP, the client, Node, and an exported package',
    in: ['client/', 'contracts/', 'fine-tune.ts', 'inference/served-model.ts', 'library/', 'model-exports/npm-export.ts'],
    names: ['PredictOptions', 'Prediction', 'fineTune'],
  },
];

test('a name is exported by one module of lib, except names that modules share for a reason', () => {
  const modulesOf = new Map<string, string[]>();
  for (const module of globSync('**/*.ts', { cwd: join(root, 'lib') }).sort())
    for (const name of exportedNames(module)) modulesOf.set(name, [...(modulesOf.get(name) ?? []), module]);
  expect(modulesOf.size).toBeGreaterThan(1000);

  const shared = [...modulesOf].filter(([, modules]) => modules.length > 1);
  const isListed = ([name, modules]: [string, string[]]): boolean =>
    SHARED.some(
      (group) => group.names.includes(name) && modules.every((module) => group.in.some((path) => module.startsWith(path))),
    );
  expect(
    shared.filter((one) => !isListed(one)),
    'rename all but one, or list them with the reason',
  ).toEqual([]);
  const listed = SHARED.flatMap(({ names }) => names);
  expect(
    listed.filter((name) => (modulesOf.get(name) ?? []).length < 2),
    'no longer shared',
  ).toEqual([]);
});

/** The names that a module of lib declares and exports; a type and a value of one name are one. */
function exportedNames(module: string): Set<string> {
  const declared = /^export (?:(?:abstract|async|declare) )*(?:class|const|enum|function\*?|interface|let|type) (\w+)/gm;
  return new Set(Array.from(readFileSync(join(root, 'lib', module), 'utf8').matchAll(declared), ([, name = '']) => name));
}

/** Functions that take a store first, and why. */
const STORE_FIRST = [
  { why: 'the store is the thing: they wrap or sweep it', names: ['externalStore', 'remoteImages', 'sweepStore'] },
  { why: 'only callbacks follow, whose types have names', names: ['openPredictor'] },
];

test('a function takes the thing, its values, the store or world, and then options', () => {
  const functions = readFunctions(['{lib,functions,cli,infra}/**/*.ts']).filter(
    // The store is the thing that these modules are about.
    ({ path }) => dirname(path) !== 'lib/store',
  );
  expect(functions.length).toBeGreaterThan(2000);

  const storeFirst = functions.filter(({ parameters: [first, ...others] }) => isWorld(first) && !others.every(mayFollowWorld));
  const listed = STORE_FIRST.flatMap(({ names }) => names);
  const unlisted = storeFirst.filter(({ name }) => !listed.includes(name));
  expect(unlisted.map(whereIs), 'move the store or world behind the values').toEqual([]);
  expect(
    listed.filter((name) => !storeFirst.some((one) => one.name === name)),
    'no longer takes the store first',
  ).toEqual([]);

  const valuesBehind = functions.filter(({ parameters }) => {
    const world = parameters.findIndex(isWorld);
    return world >= 0 && parameters.slice(world + 1).some(isValue);
  });
  expect(valuesBehind.map(whereIs), 'move the values before the store or world').toEqual([]);

  const optionsBefore = functions.filter(({ parameters }) =>
    parameters.some(({ type }, place) => isOfOptions(type) && parameters.slice(place + 1).some(isWorld)),
  );
  expect(optionsBefore.map(whereIs), 'move the options behind the store or world').toEqual([]);
});

const whereIs = ({ path, name }: { readonly path: string; readonly name: string }): string => `${path}: ${name}`;

function isWorld(parameter: SourceParameter | undefined): boolean {
  if (parameter === undefined || parameter.type.includes('=>')) return false;
  return /^(?:store|world)$/.test(parameter.name) || /^(?:(?:Pick|Partial)<)?(?:\w*World|ObjectStore)\b/.test(parameter.type);
}

const isValue = ({ type, isOptional }: SourceParameter): boolean => !isOptional && /^(?:string|number|boolean|Date)$/.test(type);
const isOfOptions = (type: string): boolean => /Options\b/.test(type);

/** Options, also a page, and a callback that is the body of the operation. */
const mayFollowWorld = ({ type, isOptional }: SourceParameter): boolean =>
  isOptional || isOfOptions(type) || /Page$/.test(type) || type.includes('=>');
