import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';

export interface BudgetProps {
  readonly name: string;
  /** USD. */
  readonly monthly: number;
  readonly email: string;
}

/**
 * Alerts when the actual or forecast cost of the resources with this deployment's tag exceeds the budget. AWS counts by
 * a tag only after its activation as a cost allocation tag (Billing, Cost allocation tags: `graft`).
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { name, monthly, email }: BudgetProps) {
    super(scope, id);
    const when = (
      notificationType: 'ACTUAL' | 'FORECASTED',
      threshold: number,
    ): CfnBudget.NotificationWithSubscribersProperty => ({
      notification: { notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
      subscribers: [{ subscriptionType: 'EMAIL', address: email }],
    });
    new CfnBudget(this, 'Monthly', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthly, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:graft$${name}`] },
      },
      notificationsWithSubscribers: [when('ACTUAL', 80), when('FORECASTED', 100)],
    });
  }
}
