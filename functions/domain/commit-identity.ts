// Whose name is on the commits of a piece of work: what the person, else the town has set, else the person as they are known. Pure.
import { settingFor } from './settings.ts';
import type { SettingsOwners } from './settings.ts';

export interface Identity {
  readonly name: string;
  readonly email: string;
}
/** The author of commits that this person asked for. */
export const authorOf = (person: Identity, owners: SettingsOwners): Identity => ({
  name: settingFor('identity.authorName', owners) ?? person.name,
  email: settingFor('identity.authorEmail', owners) ?? person.email,
});
/** Whether the agent is named as a co-author of its commits. */
export const isCoAuthor = (owners: SettingsOwners): boolean => !settingFor('identity.disableCoAuthor', owners);
