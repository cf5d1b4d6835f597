import { DEFAULT_SETTINGS, steppedZoom, type Theme } from '../../src-main/contract/settings';
import type { AppState } from '../app-state.svelte';
import type { LogTab } from '../features/logstore/logstore-state.svelte';
import { t } from '../services/messages/catalogue';
import type { NamedAct, NamedActs } from './acts';

/** What only the components of a page can do. */
export interface PageParts {
  focusQuery(): void;
  openRange(): void;
  openSaved(): void;
}

const why = t.actRefusals;

/** @returns what each named act does, and why it can do nothing, as things are now */
export function namedActs(app: AppState, parts: PageParts): NamedActs {
  return { ...fileActs(app), ...queryActs(app, parts), ...logActs(app, parts), ...viewActs(app) };
}

const act = (run: () => void, refusal: string | null = null): NamedAct => ({ run, refusal });

function fileActs(app: AppState) {
  const hasImports = (app.workspace.report?.imports.length ?? 0) > 0;
  return {
    open: act(() => void app.files.choose(), app.refusal),
    openRecent: act(() => app.palette.open('recent'), hasImports ? null : why.noImports),
    pastePath: act(() => app.files.openPathDialog(), app.refusal),
    sample: act(() => void app.files.openSample(), app.refusal),
    newWindow: act(
      () => void app.bridge.call('window:open', {}),
      app.bridge.kind === 'browser' ? why.ownWindows : null,
    ),
    captures: act(() => app.go({ page: 'captures' })),
    logs: act(() => app.goToLogs()),
    who: act(() => app.goToWho()),
    gateways: act(() => app.goToGateways()),
  };
}

function queryActs(app: AppState, parts: PageParts) {
  const hasQuery = app.route.page === 'who' || (app.route.page === 'logs' && app.logs !== null);
  const { cancelAct } = app;
  return {
    run: act(() => app.runAgain(), app.canRunAgain ? null : hasQuery ? why.notAsked : why.noQuery),
    cancel: act(() => cancelAct?.(), cancelAct === null ? why.nothingRuns : null),
    focusQuery: act(() => parts.focusQuery(), hasQuery ? null : why.noQuery),
    export: act(
      () => app.exportOrTell(),
      app.route.page !== 'logs' && !app.exporting.isRunning
        ? why.onlyLogs
        : app.logs?.answer == null && !app.exporting.isRunning
          ? why.noAnswer
          : null,
    ),
  };
}

/** Of a page of logs. */
function logActs(app: AppState, parts: PageParts) {
  const logs = app.route.page === 'logs' ? app.logs : null;
  const onPage = logs === null ? why.onlyLogs : null;
  const answer = logs?.answer ?? null;
  const onAnswer = onPage ?? (answer === null ? why.noAnswer : null);
  const isTable = app.raw.choices.view === 'table';
  const ofColumns = answer?.kind === 'statement' ? why.onlyEntries : isTable ? null : t.columns.onlyTable;
  const show = (tab: LogTab): NamedAct =>
    act(
      () => {
        if (logs !== null) logs.tab = tab;
      },
      onAnswer ?? (logs?.tab === tab ? why.isChosen : null),
    );
  return {
    openRange: act(() => parts.openRange(), onPage),
    undoZoom: act(() => logs?.undoZoom(), onPage ?? (logs?.zooms.length === 0 ? why.noZoom : null)),
    openSaved: act(() => parts.openSaved(), onPage),
    saveSearch: act(() => logs?.saved.ask('save'), onPage),
    showRaw: show('raw'),
    showGraph: show('graph'),
    showExplain: show('explain'),
    columns: act(
      () => {
        if (logs !== null) logs.tab = 'raw';
        app.raw.choices.isChoosing = true;
      },
      onAnswer ?? (answer?.rows.rowCount === 0 ? why.noAnswer : ofColumns),
    ),
    ledger: act(() => app.openLedgerOfLog({ withLosses: false }), onPage ?? (hasLedger(app) ? null : why.noImports)),
  };
}

function hasLedger({ logs, workspace }: AppState): boolean {
  const place = logs?.place;
  return (workspace.report?.imports ?? []).some(
    ({ project, logstore }) => project === place?.project && logstore === place.logstore,
  );
}

function viewActs(app: AppState) {
  const theme = (choice: Theme): NamedAct =>
    act(() => app.theme.choose(choice), app.theme.choice === choice ? why.isChosen : null);
  const zoom = (zoomPercent: number): NamedAct =>
    act(
      () => app.settings.change({ zoomPercent }),
      app.bridge.kind === 'browser'
        ? why.ownZoom
        : app.settings.values.zoomPercent === zoomPercent
          ? why.isChosen
          : null,
    );
  const { zoomPercent } = app.settings.values;
  return {
    settings: act(() => app.go({ page: 'settings' })),
    zoomIn: zoom(steppedZoom(zoomPercent, 1)),
    zoomOut: zoom(steppedZoom(zoomPercent, -1)),
    zoomReset: zoom(DEFAULT_SETTINGS.zoomPercent),
    palette: act(() => app.palette.open()),
    themeSystem: theme('system'),
    themeLight: theme('light'),
    themeDark: theme('dark'),
    shortcuts: act(() => {
      app.shown = 'shortcuts';
    }),
    about: act(() => {
      app.shown = 'about';
    }),
  };
}
