// Stopping, resuming and deleting the mock town.
import type { RouteResponse } from '../../functions/contracts/routes.ts';
import { townId, userId } from './mock-town.ts';
import type { MockTown } from './mock-town.ts';

export const stopMock = (town: MockTown, reason: string | undefined): RouteResponse<'stopTown'> => {
  const at = new Date().toISOString();
  const stopped = {
    at,
    by: `user:${userId}`,
    ...(reason === undefined ? {} : { reason }),
    agents: [],
    executions: [],
    commands: [],
    verifiedAt: at,
    stillRuns: [],
  };
  town.towns = town.towns.map((known) => (known.townId === townId ? { ...known, stopped } : known));
  return stopped;
};

export const resumeMock = (town: MockTown): RouteResponse<'resumeTown'> => {
  town.towns = town.towns.map(({ stopped: _ended, ...known }) => known);
  return { resumed: true, agents: [] };
};

export const deleteMock = (town: MockTown): RouteResponse<'deleteTown'> => {
  town.towns = town.towns.filter((known) => known.townId !== townId);
  return { townId, deletedAt: new Date().toISOString() };
};
