import { GATEWAY_PROFILES } from '../../contract/gateway-words';
import { ALIBABA } from './alibaba';
import { AWS } from './aws';
import { AZURE } from './azure';
import { GCP } from './gcp';
import { LINUX } from './linux';
import type { ProfileData, ProfileField, ProfileValues, Setting, Settings } from './profile';
import { RFC } from './rfc';

export type { ProfileData, ProfileField, ProfileValues, Quota } from './profile';
export { SOURCES } from './sources';

export const PROFILES = {
  alibaba: ALIBABA,
  rfc: RFC,
  linux: LINUX,
  aws: AWS,
  gcp: GCP,
  azure: AZURE,
} as const satisfies Readonly<Record<(typeof GATEWAY_PROFILES)[number], ProfileData>>;
export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES: readonly ProfileName[] = GATEWAY_PROFILES;
export const PROFILE_FIELDS = Object.keys(ALIBABA.settings) as readonly ProfileField[];

/** Every setting of a profile, with where it is from. */
export interface ProfileSetting {
  readonly field: ProfileField;
  readonly value: ProfileValues[ProfileField];
  /** The profile whose it is: `alibaba` stands in for what nobody has written down of another. */
  readonly from: ProfileName;
  readonly setting: Setting<ProfileValues[ProfileField]>;
}

export function profileSettings(name: ProfileName): ProfileSetting[] {
  const { settings } = PROFILES[name];
  return PROFILE_FIELDS.map((field) => {
    const own = settings[field];
    const setting = own ?? ALIBABA.settings[field];
    return { field, value: setting.value, from: own === undefined ? 'alibaba' : name, setting };
  });
}

export function profileValues(name: ProfileName): ProfileValues {
  const settings: Settings = { ...ALIBABA.settings, ...PROFILES[name].settings };
  return Object.fromEntries(Object.entries(settings).map(([field, { value }]) => [field, value])) as ProfileValues;
}
