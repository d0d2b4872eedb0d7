/** The rules of imports, of types too (`npm run floors`). docs/architecture.md has the order in words. */

/** Modules at the root of lib that every folder may import, and that import nothing else of lib. */
export const BASE = [
  'arithmetic',
  'close-on-failure',
  'concurrency',
  'errors',
  'escape-html',
  'format',
  'keep-recent',
  'module-file',
  'open-once',
  'own-entry',
  'ports',
  'random',
  'threads',
];

/** The folders of lib, the lowest first: a folder imports only folders before it. */
export const FLOORS = [
  'contracts',
  'store',
  'images',
  'onnx',
  'autodiff',
  'quantization',
  'tensor',
  'safetensors',
  'webhooks',
  'datasets',
  'backbones',
  'training',
  'heads',
  'freezing',
  'search',
  'features',
  'collection',
  'models',
  'calibration',
  'estimates',
  'jobs',
  'retention',
  'explanation',
  'inference',
  'reports',
  'model-exports',
  'promotion',
  'labelling',
  'pipeline',
  'library',
];

/** The folders of lib/datasets and of lib/backbones, likewise. They import no file directly in their parent. */
const FLOORS_WITHIN = {
  datasets: [
    'files',
    'tables',
    'labels',
    'exports',
    'sources',
    'duplicates',
    'checks',
    'versions',
    'splits',
    'report',
    'uploads',
    'external',
  ],
  backbones: ['layers', 'families', 'catalogue', 'weights', 'own'],
};

const ENGINE_IMPORTS = [
  'layers-model/',
  'losses/',
  'class-weights',
  'engine',
  'examples',
  'memory-limit',
  'optimizer-slots',
  'predict-logits',
  'snapshot',
];

/** What a folder of a folder of lib may import of its parent, beside itself; `.ts` is left out of the names of modules. */
const ALLOWED_WITHIN = {
  // Statistics are functions of plain numbers; plots and sections are made of a finished report.
  reports: {
    measure: ['statistics/'],
    plots: ['numbers'],
    sections: ['plots/', 'html', 'numbers'],
  },
  // Transforms know how pixels lie, and nothing of files.
  images: { augment: ['resize-bilinear'] },
  // Above these folders are the loop and its phases. The engines read a LayersModel by layers-model, and do not know
  // each other.
  training: {
    losses: [],
    metrics: ['losses/'],
    calibration: ['losses/', 'metrics/'],
    mixing: ['examples'],
    'closed-form': ['losses/', 'metrics/', 'examples'],
    checkpoints: ['engine', 'history', 'snapshot'],
    'layers-model': [],
    tensorflow: ENGINE_IMPORTS,
    onnx: ENGINE_IMPORTS,
  },
};

/** @param {string} name @param {string | object} from a pattern of paths, or a condition @param {string | object} to likewise */
function forbid(name, from, to, comment) {
  const condition = (paths) => (typeof paths === 'string' ? { path: paths } : paths);
  return { name, ...(comment && { comment }), severity: 'error', from: condition(from), to: condition(to) };
}

const anyOf = (names) => `(${names.join('|')})`;
const base = anyOf(BASE);

const floors = FLOORS.slice(0, -1).map((folder, floor) =>
  forbid(
    `${folder}-below`,
    `^lib/${folder}/`,
    `^lib/${anyOf(FLOORS.slice(floor + 1))}/|^lib/(fine-tune|index)\\.ts$`,
    'A folder imports only folders below it.',
  ),
);

const floorsWithin = Object.entries(FLOORS_WITHIN).flatMap(([parent, folders]) =>
  folders.map((folder, floor) =>
    forbid(
      `${parent}-${folder}-below`,
      `^lib/${parent}/${folder}/`,
      `^lib/${parent}/(?!${anyOf(folders.slice(0, floor + 1))}/)`,
      `The order within ${parent}: a folder imports only folders below it, and no file directly in ${parent}.`,
    ),
  ),
);

const allowedWithin = Object.entries(ALLOWED_WITHIN).flatMap(([parent, folders]) =>
  Object.entries(folders).map(([folder, allowed]) => {
    const own = [`${folder}/`, ...allowed].map((path) => (path.endsWith('/') ? path : `${path}\\.ts$`));
    return forbid(`${parent}-${folder}-below`, `^lib/${parent}/${folder}/`, `^lib/${parent}/(?!${own.join('|')})`);
  }),
);

export default {
  forbidden: [
    forbid('no-circular', {}, { circular: true }, 'Two modules that need each other are one module, or lack a third.'),
    forbid(
      'base-imports-nothing',
      `^lib/(contracts/|${base}\\.ts$)`,
      { path: '^lib/', pathNot: `^lib/(contracts/|${base}\\.ts)` },
      'The contracts and the modules of BASE import nothing else of lib.',
    ),
    forbid(
      'no-imports-between-base-folders',
      '^lib/(tensor|onnx|images|safetensors)/',
      { path: '^lib/(?!contracts/|[a-z-]+\\.ts$)([^/]+)/', pathNot: '^lib/$1/' },
      'tensor, onnx, images and safetensors import the base, and not each other.',
    ),
    ...floors,
    forbid(
      'autodiff-stands-alone',
      '^lib/autodiff/',
      { path: '^lib/', pathNot: '^lib/(autodiff|onnx|contracts)/|^lib/(arithmetic|errors|own-entry)\\.ts$' },
      'Gradients know graphs, and neither networks nor TensorFlow.',
    ),
    forbid(
      'quantization-stands-alone',
      '^lib/quantization/',
      { path: '^lib/', pathNot: '^lib/(quantization|onnx|images|contracts)/|^lib/(arithmetic|errors)\\.ts$' },
      'Quantization knows graphs and images as numbers, and neither data sets nor models.',
    ),
    forbid(
      'only-the-api-promotes',
      '^lib/(?!promotion/)',
      '^lib/promotion/',
      'Gates of aliases are above all that they compare; nothing else in lib needs them.',
    ),
    forbid('trainings-know-no-labelling', '^lib/pipeline/', '^lib/labelling/', 'People label before a training, or after it.'),
    ...floorsWithin,
    ...allowedWithin,
    forbid(
      'reports-statistics-below',
      '^lib/reports/statistics/',
      '^lib/(?!reports/statistics/|training/metrics/|arithmetic\\.ts$|random\\.ts$)',
      'Statistics are functions of plain numbers.',
    ),
    forbid('adapters-apart', '^lib/(aws|local)/', { path: '^lib/(aws|local)/', pathNot: '^lib/$1/' }),
    forbid(
      'adapters-decide-nothing',
      '^lib/(aws|local)/',
      { path: '^lib/', pathNot: '^lib/(aws|local|contracts|store)/|^lib/(arithmetic|errors|open-once|ports|random)\\.ts$' },
      'An adapter keeps the promises of ports.ts. What jobs, data sets and models need is decided in their folders and passed in.',
    ),
    forbid(
      'only-adapters-know-the-world',
      { path: '^lib/', pathNot: '^lib/(aws|local|library)/' },
      '^(lib/(aws|local)/|node_modules/@aws-sdk/|node_modules/@smithy/)',
      'lib/aws knows AWS, lib/local knows this machine; the core knows ports. lib/library is an entry: it chooses lib/local.',
    ),
    forbid('lib-stands-alone', '^lib/', '^(functions|infra|cli|console|test)/'),
    forbid('functions-below-cli', '^functions/', '^(infra|cli|console|test)/'),
    forbid(
      'console-is-a-client',
      '^console/',
      {
        path: '^(lib|functions|infra|cli|test)/',
        pathNot: '^lib/(client|contracts)/|^lib/(errors|format|keep-recent|images/(fit-to-input|resize-bilinear))\\.ts$',
      },
      'It runs in browsers, as a client of the API. It has the texts of numbers of the commands, the cache of last used values, and for a model in the browser the resizing of the server.',
    ),
    forbid(
      'client-knows-contracts-only',
      '^lib/client/',
      { path: '^lib/', pathNot: '^lib/(client|contracts)/|^lib/(errors)\\.ts$' },
      'It runs in browsers.',
    ),
    forbid(
      'one-way-into-sharp',
      { path: '^(lib|functions|infra|cli)/', pathNot: '^lib/(images/open-image|calibration/measure-decoding)\\.ts$' },
      '^node_modules/sharp/',
      'lib/images/open-image.ts blocks all loaders but those of the accepted formats, and sets limits. measure-decoding.ts writes a JPEG, and reads none.',
    ),
    forbid('no-unresolvable', {}, { couldNotResolve: true, pathNot: '^vitest' }),
    forbid('no-test-in-product', '^(lib|functions|infra|cli|console)/', '^test/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^lib/model-exports/templates/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
