import { Validations } from 'aws-cdk-lib';
import { CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** 44 letters and digits are base64 of 33 bytes; what signs webhooks takes 24 or more. */
const KEY_LENGTH = 44;

/** The key that webhooks are signed with, drawn by AWS: nobody sees it but who asks Secrets Manager for it. */
export class WebhookKey extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const secret = new Secret(this, 'Secret', {
      description: 'Signs the webhooks of Graft.',
      generateSecretString: { passwordLength: KEY_LENGTH, excludePunctuation: true },
    });
    const { defaultChild } = secret.node;
    if (!(defaultChild instanceof CfnSecret)) throw new Error('the secret has no resource of its own');
    // Of AWS the same as Ref; emulators give the name as Ref, which no policy could name.
    this.secretArn = defaultChild.attrId;
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Whoever receives webhooks has the same key; it changes when both sides can change it.',
    });
  }
}
