import { formatNetwork } from '../nat/address-text';
import type { SnatEntry } from '../nat/gateway';
import {
  PROFILE_NAMES,
  PROFILES,
  profileSettings,
  SOURCES,
  type ProfileData,
  type ProfileField,
  type ProfileName,
  type ProfileSetting,
} from '../nat/profiles';
import { lowPortsOf, portsOf } from '../nat/configuration';
import type { GatewayConfiguration } from './gateway-file';

/** What `gateway check --json` promises; `gateway` is what a run keeps. */
export function gatewayJson({ file, name, gateway, profile, changed, warnings }: GatewayConfiguration): string {
  const { maxPerEipPerDestination: most } = gateway;
  const perAddress = Math.min(most, portsOf(gateway));
  const entryShape = ({ id, network, eips }: SnatEntry): object => ({
    id,
    source: formatNetwork(network),
    addresses: eips.length,
    sessions_per_destination: eips.length * perAddress,
  });
  const shape = {
    file,
    name,
    gateway,
    profile: profileShape(profile, changed),
    capacity: {
      ports_per_address: portsOf(gateway),
      low_ports: lowPortsOf(gateway),
      sessions_per_address_and_destination: perAddress,
      entries: gateway.snatEntries.map(entryShape),
    },
    warnings,
  };
  return `${JSON.stringify(shape)}\n`;
}

export function profilesJson(): string {
  return `${JSON.stringify(PROFILE_NAMES.map((name) => profileShape(name, [])))}\n`;
}

function profileShape(name: ProfileName, changed: readonly ProfileField[]): object {
  const { title, asOf, notes, quotas }: ProfileData = PROFILES[name];
  return {
    name,
    title,
    as_of: asOf,
    settings: profileSettings(name).map((setting) => settingShape(name, setting, changed)),
    quotas: quotas.map(({ what, most, source }) => ({ what, most, source: SOURCES[source] })),
    notes,
  };
}

/** The profile's value, whether it is used or not: what is in force stands in the gateway. */
function settingShape(name: ProfileName, each: ProfileSetting, changed: readonly ProfileField[]): object {
  const { field, value, from, setting } = each;
  return {
    field,
    value,
    used: !changed.includes(field),
    origin: from !== name ? 'alibaba' : 'source' in setting ? 'documented' : 'assumed',
    source: 'source' in setting ? SOURCES[setting.source] : null,
    why: 'assumed' in setting ? setting.assumed : null,
  };
}
