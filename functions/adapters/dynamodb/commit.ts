// Writes of the Store port as DynamoDB calls: one plain write alone, everything else as one transaction.
import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { keyAttributesOf } from '../../domain/bead-writes.ts';
import type { CommitOutcome } from '../../ports.ts';
import { StoreMisuse, StoreUnavailable } from '../../store-errors.ts';
import { derivedKeys, indexOnlyAttributes, withoutIndexOnly } from './entities/service.ts';
import type { StoredName, serviceFor } from './entities/service.ts';
import { itemSchemas } from './items.ts';
import type { FlatWrite } from './items.ts';
import { backOff, withRetries } from './retries.ts';
import type { RetryPolicy } from './retries.ts';

type Service = ReturnType<typeof serviceFor>;

const row = z.record(z.string(), z.unknown());
const conditional = {
  TableName: z.string(),
  ConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: row.optional(),
};
/** ElectroDB types its parameters loosely; this is what the SDK takes. */
const transactItemsSchema = z.array(
  z.object({
    Put: z.object({ ...conditional, Item: row }).optional(),
    Update: z.object({ ...conditional, Key: row, UpdateExpression: z.string() }).optional(),
    Delete: z.object({ ...conditional, Key: row }).optional(),
    ConditionCheck: z.object({ ...conditional, Key: row, ConditionExpression: z.string() }).optional(),
  }),
);
type TransactItem = z.infer<typeof transactItemsSchema>[number];

/** One item to write, and the position of the write it belongs to. */
interface Part {
  readonly name: StoredName;
  readonly write: FlatWrite;
  readonly position: number;
}

/** An edge is two items; its condition is judged on the first. */
const partsOf = (write: FlatWrite, position: number): Part[] => {
  const part: Part = { name: write.name, write, position };
  if (write.name !== 'dependency' || write.act === 'check') return [part];
  return [part, { name: 'dependent', write: { ...write, when: { kind: 'none' } }, position }];
};

interface Operators {
  exists(attribute: unknown): string;
  notExists(attribute: unknown): string;
  eq(attribute: unknown, value: unknown): string;
}
const conditionText = ({ name, when }: FlatWrite, attributes: Readonly<Record<string, unknown>>, operators: Operators): string => {
  const identity = attributes[keyAttributesOf[name][0]];
  if (when.kind !== 'equals') return when.kind === 'absent' ? operators.notExists(identity) : '';
  const terms = Object.entries(when.attributes).map(([attribute, value]) => {
    if (!(attribute in itemSchemas[name].shape))
      throw new StoreMisuse(`${name} has no attribute ${attribute} that a condition could name.`);
    return value === undefined ? operators.notExists(attributes[attribute]) : operators.eq(attributes[attribute], value);
  });
  return [operators.exists(identity), ...terms].join(' AND ');
};

/** The put of a whole item as an update: numbers are added, the rest is set; keys and the marks of the entity come from the put. */
const asUpdate = ({ Put: put, ...other }: TransactItem, numbers: readonly string[] | undefined): TransactItem => {
  if (put === undefined || numbers === undefined) return { ...other, ...(put === undefined ? {} : { Put: put }) };
  const { pk, sk, ...rest } = put.Item;
  const attributes = Object.entries(rest).filter(([, value]) => value !== undefined);
  const names = Object.fromEntries(attributes.map(([attribute], index) => [`#a${index}`, attribute]));
  const values = Object.fromEntries(attributes.map(([, value], index) => [`:v${index}`, value]));
  const added = attributes.flatMap(([attribute], index) => (numbers.includes(attribute) ? [`#a${index} :v${index}`] : []));
  const set = attributes.flatMap(([attribute], index) => (numbers.includes(attribute) ? [] : [`#a${index} = :v${index}`]));
  const expression = [set.length > 0 ? `SET ${set.join(', ')}` : '', added.length > 0 ? `ADD ${added.join(', ')}` : ''];
  return {
    Update: {
      TableName: put.TableName,
      Key: { pk, sk },
      UpdateExpression: expression.join(' ').trim(),
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    },
  };
};

const transactItems = (service: Service, parts: readonly Part[]): TransactItem[] => {
  const { params } = service.transaction.write((entities) =>
    parts.map(({ name, write }) => {
      const entity = entities[name];
      if (entity === undefined) throw new StoreMisuse(`There is no entity ${name}.`);
      const { attributes } = write;
      const operation =
        write.act === 'put' || write.act === 'add'
          ? entity.put({ ...attributes, ...indexOnlyAttributes(name, attributes) })
          : write.act === 'remove'
            ? entity.delete({ ...attributes, ...derivedKeys(name, attributes) })
            : entity.check({ ...attributes, ...derivedKeys(name, attributes) });
      if (write.when.kind === 'none') return operation.commit();
      return operation.where((attribute, operators) => conditionText(write, attribute, operators)).commit();
    }),
  );
  return transactItemsSchema.parse(params().TransactItems).map((item, index) => {
    const part = parts[index];
    if (part === undefined || item.Put === undefined) return item;
    const put = { ...item.Put, Item: withoutIndexOnly(part.name, item.Put.Item, part.write.attributes) };
    return asUpdate({ ...item, Put: put }, part.write.numbers);
  });
};

const isTransactionConflict = (error: unknown): boolean =>
  error instanceof StoreUnavailable && error.cause instanceof Error && error.cause.name === 'TransactionConflictException';

/** A write whose answer was lost may be repeated by the SDK and then fail on its own effect: it counts as a conflict, the caller reads again. */
const commitOne = async (client: DynamoDBDocumentClient, policy: RetryPolicy, item: TransactItem): Promise<CommitOutcome> => {
  try {
    await withRetries(policy, async () => {
      if (item.Put !== undefined) await client.send(new PutCommand(item.Put));
      else if (item.Delete !== undefined) await client.send(new DeleteCommand(item.Delete));
    });
    return { ok: true };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { ok: false, failed: [0] };
    if (isTransactionConflict(error)) return { ok: false, failed: [] };
    throw error;
  }
};

type Cancelled =
  | { readonly kind: 'conditions'; readonly failed: readonly number[] }
  | { readonly kind: 'busy' }
  | { readonly kind: 'throttled' };
/** Throws the error itself when a reason is neither a condition nor load. */
const cancelledBy = (error: TransactionCanceledException, parts: readonly Part[]): Cancelled => {
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
  const failed = new Set(codes.flatMap((code, index) => (code === 'ConditionalCheckFailed' ? (parts[index]?.position ?? []) : [])));
  if (failed.size > 0) return { kind: 'conditions', failed: [...failed] };
  if (codes.some((code) => code === 'ThrottlingError' || code === 'ProvisionedThroughputExceeded')) return { kind: 'throttled' };
  if (codes.includes('TransactionConflict')) return { kind: 'busy' };
  throw error;
};

/**
 * A cancelled transaction is tried again with a new token when only load or another transaction was in the way. Calls without an answer
 * are repeated with the same token, so that they count once.
 */
const commitTogether = async (
  client: DynamoDBDocumentClient,
  policy: RetryPolicy,
  parts: readonly Part[],
  items: TransactItem[],
): Promise<CommitOutcome> => {
  for (let attempt = 0; ; attempt += 1) {
    const token = randomUUID();
    try {
      await withRetries(policy, () => client.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken: token })));
      return { ok: true };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const cancelled = cancelledBy(error, parts);
      if (cancelled.kind === 'conditions') return { ok: false, failed: cancelled.failed };
      if (attempt + 1 >= policy.attempts) {
        if (cancelled.kind === 'busy') return { ok: false, failed: [] };
        throw new StoreUnavailable('The table keeps throttling a transaction.', { cause: error });
      }
      await backOff(policy, attempt);
    }
  }
};

/** Carries out checked writes. Throws `StoreUnavailable`. */
export const commitWrites = async (
  client: DynamoDBDocumentClient,
  service: Service,
  policy: RetryPolicy,
  writes: readonly FlatWrite[],
): Promise<CommitOutcome> => {
  const parts = writes.flatMap(partsOf);
  const items = transactItems(service, parts);
  const only = items.length === 1 ? items[0] : undefined;
  if (items.length === 0) return { ok: true };
  // An addition must not be repeated by the SDK: only a transaction has a token that makes it count once.
  if (only !== undefined && only.ConditionCheck === undefined && only.Update === undefined) return commitOne(client, policy, only);
  return commitTogether(client, policy, parts, items);
};
