/** The API client for other programs. The graft command uses it too. Runs in Node and in browsers. */
export type { Transport } from './api-request.ts';
export { type Client, createClient } from './client.ts';
export type { FollowOptions } from './follow-job.ts';
export type { ImageInput } from './model-methods.ts';
export type { Page } from './requests.ts';
export { type AwsCredentials, signWithAws } from './sign-with-aws.ts';
export { type HttpOptions, httpTransport, type Signer } from './transport.ts';
