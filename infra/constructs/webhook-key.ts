import { Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** 44 letters and digits are base64 of 33 bytes; what signs webhooks takes 24 or more. */
const KEY_LENGTH = 44;

/** The key that webhooks are signed with, drawn by AWS: nobody sees it but who asks Secrets Manager for it. */
export class WebhookKey extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: 'Signs the webhooks of Graft.',
      generateSecretString: { passwordLength: KEY_LENGTH, excludePunctuation: true },
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Whoever receives webhooks has the same key; it changes when both sides can change it.',
    });
  }
}
