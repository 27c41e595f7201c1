// Ids of events are ULIDs: their first ten characters are the time, so a cursor can be made for any moment.
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Time of a ULID in milliseconds since the epoch. */
export const timeOfUlid = (id: string): number => {
  let ms = 0;
  for (const character of id.slice(0, 10)) ms = ms * 32 + Math.max(0, digits.indexOf(character));
  return ms;
};

/** The smallest ULID of a moment. */
export const ulidAt = (ms: number): string => {
  let rest = Math.max(0, Math.floor(ms));
  let prefix = '';
  for (let place = 0; place < 10; place += 1) {
    prefix = `${digits.charAt(rest % 32)}${prefix}`;
    rest = Math.floor(rest / 32);
  }
  return `${prefix}${'0'.repeat(16)}`;
};
