import type { AboutHost } from '../../src-main/contract/host-bridge';
import type { FactLine } from '../lib/fact-line';
import { t } from '../services/messages/catalogue';

/**
 * @param browser as it names itself; null on a desktop, whose versions name it
 * @param workspace its path; null while it is not known
 */
export function aboutLines(
  { versions, platform }: AboutHost,
  browser: string | null,
  workspace: string | null,
): readonly FactLine[] {
  return [
    ...versions.map(({ name, version }) => ({ label: name, value: version })),
    { label: t.about.platform, value: platform },
    ...(browser === null ? [] : [{ label: t.about.browser, value: browser }]),
    { label: t.about.workspace, value: workspace ?? t.settings.workspaceUnknown, isUnknown: workspace === null },
  ];
}

/** @returns the lines as a text to paste into a report */
export function aboutText(lines: readonly FactLine[]): string {
  return lines.map(({ label, value }) => `${label}: ${value}`).join('\n');
}
