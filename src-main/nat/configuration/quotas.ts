import type { Gateway } from '../gateway';
import { PROFILES, SOURCES, type ProfileData, type ProfileName, type Quota } from '../profiles';
import type { GatewayFile } from './gateway-shape';

/** Quotas that the configuration exceeds, with how many it has. */
export function exceededQuotas(
  file: GatewayFile,
  profile: ProfileName,
  { bindMode, networkType }: Pick<Gateway, 'bindMode' | 'networkType'>,
): { readonly quota: Quota; readonly count: number; readonly path: string }[] {
  const lists = [
    { path: '', lists: file },
    ...(file.changes ?? []).map((change, index) => ({
      path: `changes[${index}].`,
      lists: { snatEntries: change?.snatEntries },
    })),
  ];
  return quotasOf(profile, { bindMode, networkType })
    .flatMap((quota) =>
      lists.map(({ path, lists: each }) => {
        const items: Partial<Record<Quota['counts'], readonly unknown[] | undefined>> = each;
        return { quota, count: items[quota.counts]?.length ?? 0, path: `${path}${quota.counts}` };
      }),
    )
    .filter(({ quota, count }) => count > quota.most);
}

/** Those that hold for a gateway of this kind. */
export function quotasOf(
  profile: ProfileName,
  { bindMode, networkType }: Pick<Gateway, 'bindMode' | 'networkType'>,
): readonly Quota[] {
  const mode = networkType === 'internet' ? bindMode : null;
  const foreign = networkType === 'internet' ? 'natIps' : 'eips';
  const { quotas }: ProfileData = PROFILES[profile];
  return quotas.filter((quota) => quota.counts !== foreign && (quota.bindMode === null || quota.bindMode === mode));
}

export function quotaText({ what, most, source }: Quota): string {
  return `${what}: at most ${most} (${SOURCES[source].url})`;
}
