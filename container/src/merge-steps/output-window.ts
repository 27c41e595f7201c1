// Keeps the first and the last part of an output of any length, within a fixed memory.

const mark = (skippedBytes: number): string => `\n… ${skippedBytes} bytes left out …\n`;

export interface OutputWindow {
  take(chunk: Uint8Array): void;
  text(): string;
}
/** At most `maxBytes` of output, half from its start and half from its end. */
export const createOutputWindow = (maxBytes: number): OutputWindow => {
  const half = Math.floor(maxBytes / 2);
  let head: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  let skippedBytes = 0;
  return {
    take: (chunk) => {
      const room = half - head.length;
      if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)]);
      if (chunk.length <= room) return;
      const joined = Buffer.concat([tail, room > 0 ? chunk.subarray(room) : chunk]);
      skippedBytes += Math.max(0, joined.length - half);
      tail = Buffer.from(joined.subarray(Math.max(0, joined.length - half)));
    },
    text: () => `${head.toString('utf8')}${skippedBytes > 0 ? mark(skippedBytes) : ''}${tail.toString('utf8')}`,
  };
};
