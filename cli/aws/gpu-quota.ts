import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { findAccount } from './account.ts';

/** Quotas of GPU machines of the families G and VT, by what `graft doctor` calls them. */
export const GPU_QUOTAS = { 'gpu-on-demand': 'L-DB2E81BA', 'gpu-spot': 'L-3819A6DF' } as const;
/** Of the smallest instance type. */
export const SMALLEST_GPU_VCPUS = 4;

/** The vCPUs of GPU machines that an account can run at once; 0 in a new account. @param code of the quota */
export async function gpuQuota(code: string, region: string): Promise<number> {
  const quotas = new ServiceQuotasClient({ region, maxAttempts: 2 });
  try {
    const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code }));
    return Quota?.Value ?? 0;
  } finally {
    quotas.destroy();
  }
}

/** The command that requests a larger quota from AWS. */
export function requestGpuQuota(code: string, region: string): string {
  return (
    `aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code ${code} ` +
    '--desired-value 8'
  );
}

/**
 * The warning for a user whose account cannot run GPU machines.
 * @param given region; default: that of the environment
 * @returns undefined if the account can run them, or the quota is unknown
 */
export async function gpuWarning(given?: string): Promise<string | undefined> {
  const region = given ?? (await findAccount().catch(() => undefined))?.region;
  if (region === undefined) return undefined;
  const vcpus = await Promise.all(Object.values(GPU_QUOTAS).map((code) => gpuQuota(code, region))).catch(() => undefined);
  if (vcpus === undefined || Math.max(...vcpus) >= SMALLEST_GPU_VCPUS) return undefined;
  return [
    `This account cannot run GPU machines in ${region}: its quota is ${Math.max(...vcpus)} vCPUs, and the smallest machine ` +
      `has ${SMALLEST_GPU_VCPUS}.`,
    'Jobs for a GPU wait until AWS grants a larger quota, and fail after most of a day. Small jobs need no GPU. To request ' +
      'a larger quota:',
    `  ${requestGpuQuota(GPU_QUOTAS['gpu-on-demand'], region)}`,
  ].join('\n');
}
