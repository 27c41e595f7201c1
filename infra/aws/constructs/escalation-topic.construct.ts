// Where people hear of escalations by e-mail: an encrypted topic; whoever is subscribed confirms it once.
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { grantKeyUse } from './data-key.construct.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface EscalationTopicProps {
  readonly deploymentName: string;
  /** Encrypts what waits to be delivered. */
  readonly key: IKey;
  /** Subscribed at once; others subscribe to the topic themselves, with a filter on `townId` if they like. */
  readonly emails: readonly string[];
}

export class EscalationTopic extends Construct {
  readonly topic: Topic;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { deploymentName, key, emails }: EscalationTopicProps) {
    super(scope, id);
    this.key = key;
    this.topic = new Topic(this, 'Topic', { topicName: `${deploymentName}-escalations`, masterKey: key, enforceSSL: true });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));
  }

  grantPublish(fn: GastownFunction): void {
    fn.allow(['sns:Publish'], [this.topic.topicArn]);
    // SNS asks for a data key in the name of whoever publishes.
    grantKeyUse(this.key, fn);
    fn.set({ GASTOWN_ESCALATION_TOPIC_ARN: this.topic.topicArn });
  }
}
