// The table of settings with what holds and which scope says so, as people and programs read it. Pure.
import { z } from 'zod';
import { rowOf, settingKeys } from '../contracts/settings.schema.ts';
import type { SettingKey, SettingRow } from '../contracts/settings.schema.ts';
import { maskedSettings } from './secret-settings.ts';
import { foundSetting } from './settings.ts';
import type { Scopes } from './settings.ts';

const asJson = (value: unknown): z.core.util.JSONType => z.json().parse(value);
/** The value as people read it. */
const shown = (key: SettingKey, value: unknown): z.core.util.JSONType | undefined => {
  if (value === undefined) return undefined;
  const view: Readonly<Record<string, unknown>> = maskedSettings({ [key]: value });
  return asJson(view[key]);
};

const typeOf = (key: SettingKey): z.core.util.JSONType => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(rowOf(key).input, { io: 'input', unrepresentable: 'any' });
  return asJson(schema);
};

const rowFor = (key: SettingKey, scopes: Scopes): SettingRow => {
  const { sentence, scopes: where, mayChange, reader, default: builtIn } = rowOf(key);
  const { value, from } = foundSetting(key, scopes);
  const [now, first] = [shown(key, value), shown(key, builtIn)];
  return {
    key,
    sentence,
    scopes: [...where],
    mayChange,
    type: typeOf(key),
    from,
    ...('waitsFor' in reader ? { waitsFor: reader.waitsFor } : {}),
    ...(first === undefined ? {} : { default: first }),
    ...(now === undefined ? {} : { value: now }),
  };
};

/** Every row, secrets masked. */
export const settingRows = (scopes: Scopes): SettingRow[] => settingKeys.map((key) => rowFor(key, scopes));
