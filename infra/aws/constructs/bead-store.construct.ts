// All state: the one table, made from the definition that the store adapter and the local database use too.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { tableDefinition } from '../../../functions/adapters/dynamodb/table.ts';
import { grantKeyUse } from './data-key.construct.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

export interface BeadStoreProps {
  readonly tableName: string;
  readonly key: IKey;
  /** `retain`: protected from deletion, and kept when the stack goes. */
  readonly data: 'retain' | 'destroy';
}

export class BeadStore extends Construct {
  readonly table: Table;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: BeadStoreProps) {
    super(scope, id);
    this.key = props.key;
    const table = new Table(this, 'Table', {
      tableName: props.tableName,
      partitionKey: text(tableDefinition.partitionKey),
      sortKey: text(tableDefinition.sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.data === 'retain',
      removalPolicy: props.data === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      timeToLiveAttribute: tableDefinition.timeToLiveAttribute,
      stream: StreamViewType[tableDefinition.stream],
    });
    for (const index of tableDefinition.indexes) {
      table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: [...index.projected],
      });
    }
    this.table = table;
  }

  /** Read and write, without Scan: the store has no list by scan. */
  grantUse(fn: GastownFunction): void {
    fn.allow(
      [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:ConditionCheckItem',
      ],
      [this.table.tableArn],
    );
    fn.allow(
      ['dynamodb:Query'],
      tableDefinition.indexes.map(({ name }) => `${this.table.tableArn}/index/${name}`),
    );
    grantKeyUse(this.key, fn);
    fn.set({ GASTOWN_TABLE_NAME: this.table.tableName });
  }
}
