// Proof that who exchanges the code is who asked for it (RFC 7636). Needs a secure context: https, or this machine.

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** 256 random bits, as 43 characters that need no escape in an address. */
export const randomText = (): string => base64Url(crypto.getRandomValues(new Uint8Array(32)));

/** The S256 challenge of a verifier. */
export const challengeOf = async (verifier: string): Promise<string> =>
  base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
