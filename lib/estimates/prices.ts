/**
 * List prices of AWS in US dollars, of one region on one day. Spot prices change; these were usual on that day. Taxes,
 * discounts and the free tier are not included.
 */
export const prices = {
  date: '2026-11-24',
  region: 'us-east-1',
  /** On x86. */
  lambda: { gigabyteSecond: 0.0000166667, request: 0.0000002, storageGigabyteSecond: 0.0000000309 },
  /** Per hour. */
  instances: {
    'g4dn.xlarge': { onDemand: 0.526, spot: 0.21 },
    'g6.xlarge': { onDemand: 0.8048, spot: 0.38 },
    'g5.xlarge': { onDemand: 1.006, spot: 0.45 },
  },
  /** Per request. */
  s3: { put: 0.000005, get: 0.0000004 },
} as const;

export type InstanceName = keyof typeof prices.instances;

/** Whether the price of an instance type is known. */
export function isPriced(instance: string): instance is InstanceName {
  return Object.hasOwn(prices.instances, instance);
}

/** The types with a known price among those of a deployment, or all types with one if it has none of them. */
export function pricedInstances(deployed: readonly string[] = []): readonly InstanceName[] {
  const known = deployed.filter(isPriced);
  return known.length > 0 ? known : Object.keys(prices.instances).filter(isPriced);
}
