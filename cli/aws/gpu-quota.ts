import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { findAccount } from './account.ts';

/** Quotas of GPU machines of the families G and VT, by what `graft doctor` calls them. */
export const GPU_QUOTAS = { 'gpu-on-demand': 'L-DB2E81BA', 'gpu-spot': 'L-3819A6DF' } as const;
/** Of the smallest machine. */
export const SMALLEST_GPU_VCPUS = 4;

/** How many vCPUs of GPU machines an account may run at once; a new one none. @param code of the quota */
export async function gpuQuota(code: string, region: string): Promise<number> {
  const quotas = new ServiceQuotasClient({ region, maxAttempts: 2 });
  try {
    const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code }));
    return Quota?.Value ?? 0;
  } finally {
    quotas.destroy();
  }
}

/** Asks AWS for more. */
export function requestGpuQuota(code: string, region: string): string {
  return `aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code ${code} --desired-value 8`;
}

/**
 * What to tell whoever is about to wait for a GPU that the account may not run.
 * @param region default: that of the environment
 * @returns undefined where it may, or AWS does not tell
 */
export async function gpuWarning(given?: string): Promise<string | undefined> {
  const region = given ?? (await findAccount().catch(() => undefined))?.region;
  if (region === undefined) return undefined;
  const vcpus = await Promise.all(Object.values(GPU_QUOTAS).map((code) => gpuQuota(code, region))).catch(() => undefined);
  if (vcpus === undefined || Math.max(...vcpus) >= SMALLEST_GPU_VCPUS) return undefined;
  return [
    `This account cannot run GPU machines in ${region}: its quota is ${Math.max(...vcpus)} vCPUs, and the smallest machine has ${SMALLEST_GPU_VCPUS}.`,
    'Jobs for a GPU wait until AWS grants a larger quota, and fail after an hour. Small jobs need no GPU. To request a larger quota:',
    `  ${requestGpuQuota(GPU_QUOTAS['gpu-on-demand'], region)}`,
  ].join('\n');
}
