// What can go wrong at the store, for every adapter of the Store port. Names are stable: handlers and state machines compare them.

/** The table could not be reached or kept throttling after bounded retries. Retryable; the operator looks at the table's throttle metrics. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A cursor that this list never gave out. Not retryable; the caller starts again without a cursor. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
  constructor(detail = 'The cursor does not belong to this list; read it again from the start.') {
    super(detail);
  }
}

/** The program asked for something that no store can do: an invalid item, too many writes, two writes on one item. A defect; not retryable. */
export class StoreMisuse extends Error {
  override readonly name = 'StoreMisuse';
}

/** A stored item does not fit its schema any more. Not retryable; the message names the item, the operator repairs or removes it. */
export class StoredItemInvalid extends Error {
  override readonly name = 'StoredItemInvalid';
}
