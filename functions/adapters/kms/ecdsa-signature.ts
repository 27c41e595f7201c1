// From the DER form of an ECDSA P-256 signature (KMS) to the 64 bytes of a JWS (RFC 7518, 3.4). Pure.

const numberBytes = 32;

/** The bytes are not SEQUENCE { INTEGER r, INTEGER s } of a P-256 signature. A defect or a wrong key type; not retryable. */
export class BadSignatureForm extends Error {
  override readonly name = 'BadSignatureForm';
}

const readInteger = (der: Uint8Array, offset: number): { readonly value: Uint8Array; readonly next: number } => {
  const length = der[offset + 1];
  if (der[offset] !== 0x02 || length === undefined || length === 0 || length > numberBytes + 1 || offset + 2 + length > der.length)
    throw new BadSignatureForm('no integer where one must be');
  const bytes = der.subarray(offset + 2, offset + 2 + length);
  // DER puts a zero byte in front of a number whose first bit is set, and leaves out leading zero bytes.
  const value = bytes[0] === 0 ? bytes.subarray(1) : bytes;
  if (value.length > numberBytes) throw new BadSignatureForm('a number of more than 32 bytes');
  return { value, next: offset + 2 + length };
};

export const joseSignature = (der: Uint8Array): Uint8Array => {
  // A P-256 signature has at most 70 bytes of content, so the length is one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new BadSignatureForm('no sequence of the right length');
  const r = readInteger(der, 2);
  const s = readInteger(der, r.next);
  if (s.next !== der.length) throw new BadSignatureForm('bytes after the signature');
  const raw = new Uint8Array(2 * numberBytes);
  raw.set(r.value, numberBytes - r.value.length);
  raw.set(s.value, 2 * numberBytes - s.value.length);
  return raw;
};
