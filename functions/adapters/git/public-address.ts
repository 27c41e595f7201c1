// Which network addresses a repository URL may lead to. Keeps a person's URL from reaching the inside of the network (SSRF).
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

/** Special-purpose ranges of the IANA registries: private, loopback, link-local (cloud metadata), shared, documentation, multicast, reserved, translated. */
const notPublic = new BlockList();
const ranges4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
// IPv4-mapped addresses (::ffff:0:0/96) are judged by the IPv4 ranges; Node's BlockList does that.
const ranges6: readonly (readonly [string, number])[] = [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];
for (const [network, bits] of ranges4) notPublic.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of ranges6) notPublic.addSubnet(network, bits, 'ipv6');

/** True for an address of the public internet; false for everything else, and for text that is no address. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && !notPublic.check(address, family === 6 ? 'ipv6' : 'ipv4');
};

/** The host resolves to an address that may not be asked. Not retryable; the person connects a public repository. */
export class PrivateAddressRefused extends Error {
  override readonly name = 'PrivateAddressRefused';
}

/**
 * A resolver for `http.request` that fails when any address of the host is not public. The connection goes to the addresses checked here,
 * so a second answer of the name server (DNS rebinding) changes nothing.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '');
      return;
    }
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      callback(new PrivateAddressRefused(`${hostname} does not lead to the public internet`), '');
      return;
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
