import { randomStream } from '../../../lib/random.ts';
import { archiveAttack } from './archives.ts';
import { bodyAttack, senderAttack } from './bodies.ts';
import type { Attack, HostileInput } from './hostile-input.ts';
import { hostAttack } from './hosts.ts';
import { datasetAttack, drawSamples, imageAttack } from './images.ts';
import { manifestAttack } from './manifests.ts';
import { specAttack } from './specs.ts';

/** Number of inputs of each kind, out of twenty. */
export type Mix = Readonly<Record<keyof typeof SHARES, number>>;
const SHARES = { images: 7, datasets: 1, archives: 1, manifests: 1, specs: 3, bodies: 3, senders: 2, hosts: 2 };

/**
 * Draws the inputs of an attack; the same seed gives the same inputs.
 * @param mix relative number of inputs of each kind; default: all kinds
 */
export async function drawInputs(seed: number, count: number, mix: Mix = SHARES): Promise<HostileInput[]> {
  const samples = await drawSamples(randomStream(seed, 'samples'));
  const [image = Buffer.alloc(0)] = samples;
  const attacks: Readonly<Record<keyof typeof SHARES, Attack>> = {
    images: imageAttack(samples),
    datasets: datasetAttack(samples),
    archives: archiveAttack(image),
    manifests: manifestAttack,
    specs: specAttack,
    bodies: bodyAttack,
    senders: senderAttack,
    hosts: hostAttack,
  };
  const turns = Object.entries(mix).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => attacks[kind as keyof typeof SHARES]),
  );
  return Array.from({ length: count }, (_, index) => {
    const random = randomStream(seed, 'attack', index);
    return (turns[random.integer(turns.length)] ?? hostAttack)(random);
  });
}
