import { apiRoot } from '../lib/client/api-address.ts';
import type { Transport } from '../lib/client/api-request.ts';
import { type Client, createClient } from '../lib/client/client.ts';
import { httpTransport, type Signer } from '../lib/client/transport.ts';
import { endpointFetch } from './aws/endpoint-fetch.ts';

/** Addresses that API Gateway gives, which IAM guards: `https://ID.execute-api.REGION.amazonaws.com`. */
const AWS_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * A client over HTTP. Requests to AWS are signed with the credentials that the AWS command would use: of the
 * environment, a profile, single sign-on, or the machine's role.
 * @param region of an API at a name of one's own; else it follows from the address
 */
export async function remoteClient(address: string, region?: string): Promise<Client> {
  return createClient(await remoteTransport(address, region));
}

/** What `remoteClient` sends requests by. */
export async function remoteTransport(address: string, region = regionOf(address)): Promise<Transport> {
  if (region === undefined) return httpTransport(address);
  const { AWS_ENDPOINT_URL: endpoint } = process.env;
  const isApiGateway = regionOf(address) !== undefined;
  const fetcher = endpoint && isApiGateway ? { fetcher: endpointFetch(address, endpoint) } : {};
  return httpTransport(address, { signer: await awsSigner(region), ...fetcher });
}

/** The value of GRAFT_API. @throws UsageError ADDRESS_INVALID */
export function checkAddress(address: string): string {
  const fix = 'correct GRAFT_API, or unset it to work on this machine; a token belongs in GRAFT_API_TOKEN';
  return apiRoot(address, { at: 'GRAFT_API', fix });
}

/** The region of an address of API Gateway; undefined for any other, which takes requests as they are. */
export function regionOf(address: string): string | undefined {
  return URL.canParse(address) ? AWS_HOST.exec(new URL(address).hostname)?.[1] : undefined;
}

/** Loaded only here: most commands need no SDK. */
async function awsSigner(region: string): Promise<Signer> {
  const [{ fromNodeProviderChain }, { signWithAws }, { withAwsErrors }] = await Promise.all([
    import('@aws-sdk/credential-providers'),
    import('../lib/client/sign-with-aws.ts'),
    import('../lib/aws/aws-errors.ts'),
  ]);
  const credentials = fromNodeProviderChain({ clientConfig: { region } });
  return signWithAws(() => withAwsErrors('the credentials of AWS', credentials), region);
}
