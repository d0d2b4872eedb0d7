/**
 * The loops of the optimizers' update rules, in AssemblyScript: four float32 values at once. JavaScript computes one at a
 * time, in float64, and takes eight times as long.
 *
 * An array is the address of its first value; its length in bytes is a multiple of 16. All arrays of a call have the same
 * length, `bytes`. An optional array is NONE where a rule does not use it. `../update-kernels.ts` describes each function.
 */

/** The address that stands for no array. */
const NONE: usize = 0;

export function scale(bytes: usize, values: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(values + at, f32x4.mul(v128.load(values + at), factors));
}

export function sgd(bytes: usize, values: usize, gradient: usize, rate: f32): void {
  const rates = f32x4.splat(rate);
  for (let at: usize = 0; at < bytes; at += 16) {
    const step = f32x4.mul(rates, v128.load(gradient + at));
    v128.store(values + at, f32x4.sub(v128.load(values + at), step));
  }
}

export function momentum(
  bytes: usize,
  values: usize,
  gradient: usize,
  velocity: usize,
  rate: f32,
  momentum: f32,
  nesterov: bool,
): void {
  const rates = f32x4.splat(rate);
  const momenta = f32x4.splat(momentum);
  for (let at: usize = 0; at < bytes; at += 16) {
    const step = f32x4.mul(rates, v128.load(gradient + at));
    const moved = f32x4.sub(f32x4.mul(momenta, v128.load(velocity + at)), step);
    v128.store(velocity + at, moved);
    const change = nesterov ? f32x4.sub(f32x4.mul(momenta, moved), step) : moved;
    v128.store(values + at, f32x4.add(v128.load(values + at), change));
  }
}

export function rmsprop(
  bytes: usize,
  values: usize,
  gradient: usize,
  velocity: usize,
  averageGradient: usize,
  moving: usize,
  rate: f32,
  rho: f32,
  rest: f32,
  momentum: f32,
  epsilon: f32,
): void {
  const rates = f32x4.splat(rate);
  const rhos = f32x4.splat(rho);
  const rests = f32x4.splat(rest);
  const momenta = f32x4.splat(momentum);
  const epsilons = f32x4.splat(epsilon);
  for (let at: usize = 0; at < bytes; at += 16) {
    const g = v128.load(gradient + at);
    let variance = f32x4.add(f32x4.mul(rhos, v128.load(velocity + at)), f32x4.mul(rests, f32x4.mul(g, g)));
    v128.store(velocity + at, variance);
    if (averageGradient !== NONE) {
      const mean = f32x4.add(f32x4.mul(rhos, v128.load(averageGradient + at)), f32x4.mul(rests, g));
      v128.store(averageGradient + at, mean);
      variance = f32x4.sub(variance, f32x4.mul(mean, mean));
    }
    let step = f32x4.div(f32x4.mul(rates, g), f32x4.sqrt(f32x4.add(variance, epsilons)));
    if (moving !== NONE) {
      step = f32x4.add(step, f32x4.mul(momenta, v128.load(moving + at)));
      v128.store(moving + at, step);
    }
    v128.store(values + at, f32x4.sub(v128.load(values + at), step));
  }
}

export function adam(
  bytes: usize,
  values: usize,
  gradient: usize,
  momentum: usize,
  velocity: usize,
  largestVelocity: usize,
  rate: f32,
  rest1: f32,
  rest2: f32,
  epsilon: f32,
): void {
  const rates = f32x4.splat(rate);
  const rests1 = f32x4.splat(rest1);
  const rests2 = f32x4.splat(rest2);
  const epsilons = f32x4.splat(epsilon);
  for (let at: usize = 0; at < bytes; at += 16) {
    const g = v128.load(gradient + at);
    let m = v128.load(momentum + at);
    let v = v128.load(velocity + at);
    m = f32x4.add(m, f32x4.mul(rests1, f32x4.sub(g, m)));
    v = f32x4.add(v, f32x4.mul(rests2, f32x4.sub(f32x4.mul(g, g), v)));
    v128.store(momentum + at, m);
    v128.store(velocity + at, v);
    if (largestVelocity !== NONE) {
      v = f32x4.max(v128.load(largestVelocity + at), v);
      v128.store(largestVelocity + at, v);
    }
    const step = f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), epsilons));
    v128.store(values + at, f32x4.sub(v128.load(values + at), step));
  }
}

export function adagrad(bytes: usize, values: usize, gradient: usize, accumulator: usize, rate: f32, epsilon: f32): void {
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  for (let at: usize = 0; at < bytes; at += 16) {
    const g = v128.load(gradient + at);
    const a = f32x4.add(v128.load(accumulator + at), f32x4.mul(g, g));
    v128.store(accumulator + at, a);
    const step = f32x4.div(f32x4.mul(rates, g), f32x4.sqrt(f32x4.add(a, epsilons)));
    v128.store(values + at, f32x4.sub(v128.load(values + at), step));
  }
}
