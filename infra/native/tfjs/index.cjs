// tfjs-node asks for the whole of TF.js, which brings second copies of its core and layers, and four parts that Graft never
// runs (294 MB). It uses the core, and the layers for its callbacks: it is given those that Graft has.
const core = require('@tensorflow/tfjs-core');
const layers = require('@tensorflow/tfjs-layers');

module.exports = { ...core, ...layers, version: { 'tfjs-core': core.version_core, 'tfjs-layers': layers.version_layers } };
