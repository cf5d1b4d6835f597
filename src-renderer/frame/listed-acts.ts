import { ACT_IDS, BROWSERS_KEEP, type ActId } from '../../src-main/contract/acts';
import type { AppState } from '../app-state.svelte';
import { RELATIVE_RANGES, UNIT_RANGES } from '../features/logstore/time-range';
import { WHOLE_LOG, type WrittenRange } from '../features/logstore/logstore-state.svelte';
import { keysOf } from '../services/act-keys';
import { fileName } from '../services/file-name';
import { t } from '../services/messages/catalogue';
import { oldZone } from '../services/zone.svelte';
import type { Act, NamedActs } from './acts';

const groups = t.actGroups;

/** What each named act is about; those without a group are not listed: the palette does not open itself. */
const GROUPS: Readonly<Record<ActId, string | null>> = {
  ...{ open: groups.file, openRecent: groups.file, pastePath: groups.file, sample: groups.file, export: groups.file },
  newWindow: groups.file,
  ...{ captures: groups.page, logs: groups.page, who: groups.page, gateways: groups.page, settings: groups.page },
  ...{ run: groups.query, cancel: groups.query, focusQuery: groups.query, openRange: groups.query },
  ...{ undoZoom: groups.query, openSaved: groups.query, saveSearch: groups.query },
  ...{ showRaw: groups.view, showGraph: groups.view, showExplain: groups.view, columns: groups.view },
  ...{ ledger: groups.view, themeSystem: groups.view, themeLight: groups.view, themeDark: groups.view },
  ...{ zoomIn: groups.view, zoomOut: groups.view, zoomReset: groups.view },
  ...{ about: groups.help, shortcuts: groups.help, palette: null },
};

/** @returns all that the palette lists: the named acts, and one for each thing that there is to choose from */
export function listedActs(app: AppState, named: NamedActs): readonly Act[] {
  return [
    ...listNamed(app, named),
    ...recentActs(app),
    ...logstoreActs(app),
    ...savedActs(app),
    ...rangeActs(app),
    ...zoneActs(app),
  ];
}

function listNamed({ bridge }: AppState, named: NamedActs): readonly Act[] {
  const isKept = (id: ActId): boolean => bridge.kind === 'browser' && BROWSERS_KEEP.has(id);
  return ACT_IDS.flatMap((id) => {
    const group = GROUPS[id];
    return group === null
      ? []
      : [{ ...named[id], id, group, label: t.acts[id], keys: isKept(id) ? undefined : keysOf(id) }];
  });
}

/** Each opens the log of an import, as its row on the page of captures does. */
export function recentActs({ workspace, go }: AppState): readonly Act[] {
  return (workspace.report?.imports ?? []).map(({ run, project, logstore, captures }) => ({
    id: `recent-${run}`,
    group: groups.recent,
    label: captures.map(({ path }) => fileName(path)).join(', '),
    refusal: null,
    run: () => go({ page: 'logs', project, logstore }),
  }));
}

function logstoreActs({ workspace, go }: AppState): readonly Act[] {
  return (workspace.report?.logstores ?? []).map(({ project, name: logstore }) => ({
    id: `logstore-${project}/${logstore}`,
    group: groups.logstore,
    label: `${project}/${logstore}`,
    refusal: null,
    run: () => go({ page: 'logs', project, logstore }),
  }));
}

function savedActs({ logs, go }: AppState): readonly Act[] {
  if (logs === null) return [];
  return (logs.saved.list ?? []).map(({ name }) => ({
    id: `saved-${name}`,
    group: groups.saved,
    label: name,
    refusal: null,
    // Also the one that is open: what was changed of it goes.
    run: () => {
      go({ page: 'logs', ...logs.place });
      void logs.saved.open(name);
    },
  }));
}

function rangeActs({ logs, route }: AppState): readonly Act[] {
  const choices: readonly { readonly label: string; readonly range: WrittenRange }[] = [
    { label: t.range.whole, range: WHOLE_LOG },
    ...RELATIVE_RANGES.map(({ from, minutes }) => ({
      label: t.range.lastOf(t.range.last(minutes)),
      range: { from, to: null },
    })),
    ...UNIT_RANGES.map(({ id, from, to }) => ({ label: t.range.units[id], range: { from, to } })),
  ];
  const isHere = route.page === 'logs' && logs !== null;
  return choices.map(({ label, range }) => ({
    id: `range-${range.from ?? ''}-${range.to ?? ''}`,
    group: groups.range,
    label,
    refusal: isHere ? null : t.actRefusals.onlyLogs,
    run: () => logs?.setRange(range),
  }));
}

function zoneActs({ zone }: AppState): readonly Act[] {
  const act = (choice: string | null, label: string): Act => ({
    id: `zone-${choice ?? ''}`,
    group: groups.zone,
    label,
    refusal: zone.choice === choice ? t.actRefusals.isChosen : null,
    isOneOfMany: choice !== null,
    also: choice === null ? undefined : (oldZone(choice) ?? undefined),
    run: () => zone.choose(choice),
  });
  return [act(null, t.frame.zoneSystem(zone.system)), ...zone.choices.map((name) => act(name, name))];
}
