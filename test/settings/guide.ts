// The guide of settings as text, made from the table: what docs/settings.md must be.
import { rowOf, settingKeys } from '../../functions/contracts/settings.schema.ts';
import type { SettingKey } from '../../functions/contracts/settings.schema.ts';
import { settingRows } from '../../functions/domain/setting-rows.ts';

const intro = `# Settings

This page is made from the table in \`functions/contracts/settings.schema.ts\`; write it anew with \`node test/settings-guide.ts\`.

What holds is what the narrowest scope says: bead (arguments of sling), persona, convoy, rig, town, organisation, and last what is built in.
A role's own model comes before the default model of the same scope. For who signs commits, a person comes before the town.
A change keeps what it does not name; \`null\` takes a value away, so that a wider scope's holds. Secrets are masked when they are read, and a
mask that is sent back keeps the stored secret. A change takes effect at the next decision.

Routes: \`/api/towns/{townId}/config\`, \`/api/towns/{townId}/rigs/{rigId}/config\`, \`/api/orgs/{orgId}/config\`, \`/api/me/config\`; what holds and
why: \`/api/towns/{townId}/settings\`.
`;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : `\`${JSON.stringify(value)}\``);
const changers = { admin: 'admins', member: 'members', self: 'the person' } as const;
const defaults = new Map(settingRows({}).map((row) => [row.key, row.default]));

const lineOf = (key: SettingKey): string => {
  const { sentence, scopes, mayChange, reader } = rowOf(key);
  const by = 'readBy' in reader ? `read by \`${reader.readBy}\`` : `**cannot be set yet:** ${reader.waitsFor}`;
  return `- \`${key}\`: ${sentence}\n  Built in: ${shown(defaults.get(key))}. Set at: ${scopes.join(', ')}; by ${changers[mayChange]}; ${by}.`;
};

const sectionOf = (key: SettingKey): string => key.split('.')[0] ?? key;
export const settingsGuide = (): string => {
  const sections = [...new Set(settingKeys.map(sectionOf))];
  const parts = sections.map(
    (section) =>
      `## ${section}\n\n${settingKeys
        .filter((key) => sectionOf(key) === section)
        .map(lineOf)
        .join('\n')}\n`,
  );
  return [intro, ...parts].join('\n');
};
