// What an hour of a town's runtime costs, from the size that was chosen. List prices of Fargate on arm64 in us-east-1, as docs/costs.md uses them.
import type { DeploymentOptions } from './options.ts';

const perVcpu = 0.03238;
const perGib = 0.00356;
/** Storage beyond what is included. */
const perStorageGib = 0.000111;
const includedStorageGib = 20;
const publicAddress = 0.005;
/** Spare capacity is about 70 % cheaper; its price moves. */
const spotShare = 0.3;
const vcpuUnits = 1024;
const mibPerGib = 1024;

/** US dollars, to the hundredth of a cent. */
export const runtimeUsdPerHour = ({ runtime, network }: Pick<DeploymentOptions, 'runtime' | 'network'>): number => {
  const compute = (runtime.cpu / vcpuUnits) * perVcpu + (runtime.memoryMiB / mibPerGib) * perGib;
  const storage = Math.max(0, runtime.ephemeralGiB - includedStorageGib) * perStorageGib;
  const address = network.kind === 'existing' && network.publicAddress === 'none' ? 0 : publicAddress;
  const usd = (compute + storage) * (runtime.capacity === 'FARGATE_SPOT' ? spotShare : 1) + address;
  return Math.round(usd * 10_000) / 10_000;
};
