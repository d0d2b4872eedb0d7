import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { GPU_QUOTAS, gpuWarning } from '../../../cli/aws/gpu-quota.ts';
import { startAwsEndpoint } from '../../support/aws/aws-endpoint.ts';

const [onDemand, spot] = [GPU_QUOTAS['gpu-on-demand'], GPU_QUOTAS['gpu-spot']];

test.each([
  ['a new account', { [onDemand]: 0, [spot]: 0 }, /its quota is 0 vCPUs.*fail after most of a day.*--quota-code L-DB2E81BA/s],
  ['one that may run less than the smallest machine', { [onDemand]: 2, [spot]: 0 }, /its quota is 2 vCPUs/],
  ['one that may run Spot machines', { [onDemand]: 0, [spot]: 8 }, undefined],
  ['one that may run On-Demand machines', { [onDemand]: 4, [spot]: 0 }, undefined],
  ['one whose quotas nobody may see', {}, undefined],
])('%s is told so before it waits for a GPU, and no other', async (_, quotas, said) => {
  await startQuotas(quotas);
  const warning = await gpuWarning('us-east-1');
  if (said === undefined) expect(warning).toBeUndefined();
  else expect(warning).toMatch(said);
});

/** Service Quotas with these values; what it does not know it refuses to tell. */
async function startQuotas(quotas: Record<string, number>): Promise<void> {
  await startAwsEndpoint(async (request, response) => {
    const { QuotaCode } = (await json(request)) as { QuotaCode: string };
    const Value = quotas[QuotaCode];
    response.writeHead(Value === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(Value === undefined ? { __type: 'AccessDeniedException' } : { Quota: { QuotaCode, Value } }));
  });
}
