import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RuntimeError } from '../errors.ts';
import { withAwsErrors } from './aws-errors.ts';
import { clientSettings } from './clients.ts';
import { requireEnv } from './require-env.ts';

/** A changed key takes effect after this time, without a restart. */
const KEPT_MS = 5 * 60_000;

/**
 * Creates a function that returns the key for signing webhooks, from Secrets Manager: `whsec_` and base64, or base64
 * alone.
 */
export function openWebhookSecret(environment: NodeJS.ProcessEnv, now: () => number): () => Promise<string> {
  const client = new SecretsManagerClient(clientSettings());
  const name = requireEnv(environment, 'GRAFT_WEBHOOK_SECRET_ARN');
  let kept: { readonly secret: string; readonly until: number } | undefined;
  return async () => {
    if (kept !== undefined && now() < kept.until) return kept.secret;
    const { SecretString: secret } = await withAwsErrors(name, () => client.send(new GetSecretValueCommand({ SecretId: name })));
    if (secret === undefined || secret === '') throw empty(name);
    kept = { secret, until: now() + KEPT_MS };
    return secret;
  };
}

function empty(name: string): RuntimeError {
  return new RuntimeError('WEBHOOK_SECRET_EMPTY', {
    at: name,
    expected: 'at least 24 random bytes in base64',
    received: 'nothing',
    fix: 'set the secret to a key: openssl rand -base64 32',
  });
}
