import { AppError } from '../contract/errors';

/** How many there may be of something, as at the vendor, where more can be asked for. */
export interface Quota {
  readonly most: number;
  readonly what: string;
  /** The vendor's answer beyond it. */
  readonly vendorCode: string;
  readonly vendorText: string;
}

/** @see sls-logstore.md §5.5, LIMR; §5.6 for the code */
const project = { vendorCode: 'ProjectQuotaExceed', vendorText: 'Project Quota Exceed' } as const;

/** @see sls-logstore.md §5.5: 150 projects of an account; per project 200 Logstores, 400 shards and 100 saved searches */
export const QUOTAS = {
  projects: { most: 150, what: 'projects in a workspace', ...project },
  logstores: { most: 200, what: 'Logstores in a project', ...project },
  shards: { most: 400, what: 'shards in a project', ...project },
  savedSearches: { most: 100, what: 'saved searches in a project', ...project },
} as const satisfies Record<string, Quota>;

/**
 * @param there how many there are, and are to be added
 * @throws AppError QUOTA_EXCEEDED with the vendor's text
 */
export function checkQuota(quota: Quota, there: number, added = 1): void {
  if (there + added <= quota.most) return;
  const message = `${quota.vendorText}: there are ${there} of at most ${quota.most} ${quota.what}: delete some that are not needed`;
  throw new AppError('QUOTA_EXCEEDED', message, { most: quota.most, there, vendorCode: quota.vendorCode });
}
