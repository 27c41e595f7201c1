// The demo model plays one scenario on the sample repository; on any other it would merge placeholders. Said before work is asked for.
import { A } from '@solidjs/router';
import { Note } from './pieces.tsx';
import type { SettingsView } from '../../../functions/contracts/settings.schema.ts';
import type { RigView } from '../../../functions/contracts/town.schema.ts';

type Role = 'mayor' | 'polecat';

/** The role's model, its own or the town's, is the demo model. */
export const isDemoModel = (config: SettingsView | undefined, role: Role): boolean =>
  (config?.[`models.${role}`] ?? config?.['models.default'])?.kind === 'scripted';
/** The repository that the launcher makes for the demo. */
export const isSample = (rig: RigView): boolean => /(^|\/)sample\.git$/.test(rig.gitUrl);

export const DemoNote = (props: { readonly townId: string }) => (
  <Note tone="warn">
    This town uses the demo model, which does not understand your code: it would merge placeholder documents. Choose a model in{' '}
    <A href={`/towns/${props.townId}/settings`}>Settings</A> before you ask for work.
  </Note>
);
