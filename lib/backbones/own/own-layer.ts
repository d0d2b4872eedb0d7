/** Name of the layer that holds the layers of a user's own encoder after a cut. */
export const OWN_LAYER = 'encoder';
