// Settings of a town, a rig, an organisation, a person; and the table.
import { maskedSettings } from '../domain/secret-settings.ts';
import { ownTown, rigOf } from '../operations/access.ts';
import { updateConfig, updateRigConfig } from '../operations/change-settings.ts';
import { listSettings } from '../operations/list-settings.ts';
import { ownerConfig, updateOwnerConfig } from '../operations/owner-settings.ts';
import type { Owner } from '../operations/owner-settings.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { forbidden } from './problems.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

/** At present an organisation is the person who owns the towns. */
const ownOrganisation = (userId: string, orgId: string): Owner => {
  if (userId !== orgId) throw forbidden('This organisation is not yours.');
  return { scope: 'organisation', ownerId: orgId };
};

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('settings', ports, {
    getConfig: async ({ caller, params }) => maskedSettings((await ownTown(ports, caller.userId, params.townId)).config),
    updateConfig: ({ caller, params, body, ifMatch }) => updateConfig(ports, { ...params, userId: caller.userId, patch: body, ifMatch }),
    getRigConfig: async ({ caller, params }) => {
      await ownTown(ports, caller.userId, params.townId);
      const rig = await rigOf(ports, params.townId, params.rigId);
      return maskedSettings({ ...rig.config, gates: rig.gates });
    },
    updateRigConfig: async ({ caller, params, body, ifMatch }) => {
      await ownTown(ports, caller.userId, params.townId);
      return updateRigConfig(ports, { ...params, userId: caller.userId, patch: body, ifMatch });
    },
    getOrgConfig: async ({ caller, params }) => ownerConfig(ports, ownOrganisation(caller.userId, params.orgId)),
    updateOrgConfig: async ({ caller, params, body }) =>
      updateOwnerConfig(ports, { ...ownOrganisation(caller.userId, params.orgId), patch: body }),
    getMyConfig: ({ caller }) => ownerConfig(ports, { scope: 'user', ownerId: caller.userId }),
    updateMyConfig: ({ caller, body }) => updateOwnerConfig(ports, { scope: 'user', ownerId: caller.userId, patch: body }),
    listSettings: ({ caller, params, query }) => listSettings(ports, { ...params, userId: caller.userId, rigId: query.rigId }),
  });
export const handler = lambda(createHandler);
