import { untrack } from 'svelte';
import type { AttributionQuestion } from '../src-main/contract/attribution';
import type { ErrorShape } from '../src-main/contract/errors';
import type { ImportReport } from '../src-main/contract/imports';
import { hasLosses } from '../src-main/contract/ledger';
import { parseEntryId } from '../src-main/contract/log-entry';
import { ImportAsking } from './features/captures/import-asking.svelte';
import { FileOpening } from './features/captures/file-opening.svelte';
import { DEFAULT_LOGSTORE } from './features/captures/import-plan';
import { ImportQueue } from './features/captures/import-queue.svelte';
import { MovedCapture } from './features/captures/moved-capture.svelte';
import { LeftWork } from './features/captures/left-work';
import { Remedies } from './features/captures/remedies.svelte';
import { RunningReplays } from './features/captures/running-replays.svelte';
import { doneWords, reportsOf, type ImportJob } from './features/captures/import-job.svelte';
import { BadLinesState } from './features/loads/bad-lines-state.svelte';
import type { LoadJob } from './features/loads/load-job.svelte';
import { Loads } from './features/loads/loads.svelte';
import { WorkspaceState } from './features/captures/workspace-state.svelte';
import { ExportDialogState } from './features/exports/export-dialog.svelte';
import { ExportState } from './features/exports/export-state.svelte';
import { PacketActs } from './features/exports/packet-acts.svelte';
import { DigestState } from './features/ledger/digest-state.svelte';
import { FaultTimelineState } from './features/gateways/fault-timeline.svelte';
import { GatewaysState } from './features/gateways/gateways-state.svelte';
import { LedgerPacketsState } from './features/ledger/ledger-packets.svelte';
import { runSearch } from './features/ledger/ledger-lines';
import { LedgerState } from './features/ledger/ledger-state.svelte';
import { changeText } from './features/index/index-change';
import { IndexSettings, type IndexEnd } from './features/index/index-settings.svelte';
import { faultText } from './features/settings/fault-text';
import { tellFaults } from './features/settings/tell-faults';
import { EntryState } from './features/entry/entry-state.svelte';
import { ExplainState } from './features/logstore/explain-state.svelte';
import { FieldAnalyses } from './features/logstore/field-analysis.svelte';
import { GraphState } from './features/logstore/graph-state.svelte';
import { QueryNote } from './features/logstore/query-note';
import { LogstoreState, type LogstorePlace } from './features/logstore/logstore-state.svelte';
import { QueryHelp } from './features/logstore/query-help';
import { QueryHistory } from './features/logstore/query-history';
import { RawLogsState } from './features/logstore/raw-logs-state';
import { logToAsk } from './features/who/log-to-ask';
import { WhoState } from './features/who/who-state.svelte';
import { Attention } from './frame/attention';
import { PaletteState } from './frame/palette-state.svelte';
import { RunningWorkState } from './frame/running-work.svelte';
import { Growth } from './growth';
import { isOfLog, readRoute, routeText, type Route } from './route';
import { Announcer } from './services/announcer';
import { EngineConnection } from './services/engine-connection.svelte';
import { errorText } from './services/error-text';
import type { HostBridge } from './services/host-bridge';
import { t } from './services/messages/catalogue';
import { grouped } from './services/number-format';
import type { SettingsPlace } from './services/settings-place';
import { SettingsState } from './services/settings.svelte';
import { ThemeState } from './services/theme.svelte';
import { durationText } from './services/time-format';
import { ZoneState } from './services/zone.svelte';

/** An import or a load that is in the log. */
interface EndedRun extends LogstorePlace {
  readonly run: number | null;
  readonly entries: number;
}

/** Everything that a window knows, and how its parts meet. */
export class AppState {
  readonly bridge: HostBridge;
  readonly engine: EngineConnection;
  readonly workspace: WorkspaceState;
  readonly queue: ImportQueue;
  readonly replays: RunningReplays;
  readonly asking: ImportAsking;
  readonly remedies: Remedies;
  readonly loads: Loads;
  readonly badLines: BadLinesState;
  readonly ledger: LedgerState;
  readonly ledgerPackets: LedgerPacketsState;
  readonly digests: DigestState;
  readonly exporting: ExportState;
  readonly moved: MovedCapture;
  readonly work: RunningWorkState;
  readonly packets: PacketActs;
  readonly exportDialog: ExportDialogState;
  readonly graph: GraphState;
  readonly analyses: FieldAnalyses;
  readonly help: QueryHelp;
  readonly index: IndexSettings;
  readonly entry: EntryState;
  readonly raw: RawLogsState;
  readonly explain: ExplainState;
  readonly who: WhoState;
  readonly gateways: GatewaysState;
  readonly faults: FaultTimelineState;
  readonly settings: SettingsState;
  readonly theme: ThemeState;
  readonly zone: ZoneState;
  readonly announcer = new Announcer();
  readonly attention = new Attention();
  readonly files: FileOpening;
  route = $state.raw<Route>({ page: 'captures' });
  logs = $state.raw<LogstoreState | null>(null);
  readonly palette = new PaletteState();
  /** What is shown of the app itself. */
  shown = $state<'shortcuts' | 'about' | null>(null);
  /** Why nothing can be opened, where the host has nothing to do with this window; null where it can. */
  readonly refusal = $derived.by(() => {
    const error = this.#refusalError;
    return error === null ? null : errorText(error).title;
  });
  readonly #history: QueryHistory;
  readonly #growth: Growth;
  readonly #leftWork: LeftWork;
  readonly #queryNote: QueryNote;

  /**
   * @param storage of queries and columns, for this address and port alone
   * @param session of this tab alone, over its reloads
   * @param settings for all windows of this browser or desktop; null where nothing can be kept
   */
  constructor(bridge: HostBridge, storage: Storage | null, session: Storage | null, settings: SettingsPlace | null) {
    this.bridge = bridge;
    this.settings = new SettingsState(settings, document.documentElement);
    this.theme = new ThemeState(this.settings, matchMedia('(prefers-color-scheme: dark)'));
    this.zone = new ZoneState(this.settings, Intl.DateTimeFormat().resolvedOptions().timeZone);
    this.#history = new QueryHistory(storage);
    this.#leftWork = new LeftWork(session);
    this.#queryNote = new QueryNote(session);
    this.engine = new EngineConnection(bridge);
    this.workspace = new WorkspaceState(this.engine);
    this.replays = new RunningReplays(this.engine);
    this.#growth = new Growth(
      async () => {
        void this.replays.load();
        await this.workspace.load();
        return this.workspace.report;
      },
      {
        isWanted: () => this.engine.state.kind === 'ready' && document.visibilityState === 'visible',
        isExpected: () => this.queue.current?.plan.live === true || this.replays.list.length > 0,
        onGrown: (grown) => void this.#afterGrowth(grown),
      },
    );
    this.ledger = new LedgerState(this.engine);
    this.ledgerPackets = new LedgerPacketsState(this.engine);
    this.digests = new DigestState(this.engine);
    this.graph = new GraphState(this.engine);
    this.analyses = new FieldAnalyses(this.engine);
    this.help = new QueryHelp(this.engine);
    this.index = new IndexSettings(this.engine, {
      onChanged: (place, end) => void this.#afterIndex(place, end),
      onFailed: (error) => this.announcer.fail(error),
    });
    this.entry = new EntryState(this.engine);
    this.raw = new RawLogsState(this.engine, storage, (text) => this.announcer.say(text));
    this.explain = new ExplainState(this.engine);
    this.who = new WhoState(
      this.engine,
      () => this.zone.name,
      (text) => this.announcer.say(text),
    );
    this.gateways = new GatewaysState(this.engine, {
      onDeleted: () => this.goToGateways(),
      onLogsChanged: () => void this.workspace.load(),
    });
    this.faults = new FaultTimelineState(this.engine, {
      onApplied: (place, delivered, lost) => {
        this.announcer.tell(lost === 0 ? 'ok' : 'warn', t.faults.applied(delivered, lost), '');
        void this.workspace.load();
        if (this.gateways.asking === null) void this.gateways.load();
        void this.#runAgainOn(place);
      },
      onSave: async (script, name) => {
        const saved = await this.exporting.saveScript(script, name);
        if (saved.kind === 'saved') {
          this.announcer.tellSaved(t.faults.jsonSaved, saved.path, this.exporting.showing(saved.path));
        }
        return saved.kind === 'failed' ? saved.error : null;
      },
    });
    this.badLines = new BadLinesState(this.engine);
    this.loads = new Loads(this.engine, bridge, {
      onAsked: (job) => {
        this.attention.begin(job);
        this.work.begin(job);
        this.announcer.say(t.loads.began(job.names[0] ?? ''));
      },
      onDone: (job, report) => {
        const done = t.loads.done(job.names[0] ?? '', report.entries, report.logstore);
        this.announcer.say(done);
        this.work.end(job, done, false);
        void this.#afterRun(job, report, report.badLines === 0 && report.badValues.length === 0);
      },
      onFailed: (job) => this.#sayFailed(job),
    });
    this.queue = new ImportQueue(this.engine, bridge, {
      onAsked: (job) => {
        this.attention.begin(job);
        this.work.begin(job);
      },
      onDone: (job, report) => {
        this.replays.forget(report.run);
        const reports = reportsOf(report);
        const done = doneWords(job.names[0] ?? '', reports);
        this.announcer.say(done);
        this.work.end(job, done, false);
        // What an import costs is not to be raised by half, so it comes after it.
        for (const { run } of reports) this.digests.compute(run);
        // Where there are several logs, none of them is the one to be shown.
        const entries = report.logEntries;
        void this.#afterRun(job, { ...report, entries }, reports.length === 1 && isPlainSuccess(report));
      },
      onFailed: (job) => this.#sayFailed(job),
    });
    this.asking = new ImportAsking(this.engine, bridge, storage, {
      onChosen: (sources, plan, paths) => void this.files.import(sources, plan, paths),
    });
    this.files = new FileOpening(bridge, this, {
      onAct: () => this.attention.turn(),
      onBegun: () => this.go({ page: 'captures' }),
      refusal: () => this.#refusalError,
    });
    this.remedies = new Remedies(this.engine);
    this.moved = new MovedCapture(this.engine, bridge, this.announcer);
    this.exporting = new ExportState(this.engine, bridge, {
      onPackets: (report, path) =>
        this.announcer.tellPackets(
          report,
          t.packets.done,
          path === null ? t.exports.byBrowser : t.exports.to(path),
          this.exporting.showing(path),
        ),
      onFailed: (error, goOn) => this.#failExport(error, goOn),
      fetchFile: (url) => {
        const link = document.createElement('a');
        link.href = url;
        link.click();
      },
    });
    this.work = new RunningWorkState(bridge, this);
    this.packets = new PacketActs(bridge, this.exporting, {
      onOpened: (report, facts) =>
        this.announcer.tellPackets(report, this.packets.canChoose ? t.packets.opened : t.packets.done, facts),
      onFailed: (error, goOn) => this.moved.fail(error, goOn),
    });
    this.exportDialog = new ExportDialogState(this.exporting, bridge.kind, {
      onDone: ({ report, path }) => {
        const [loss] = report.notices.filter(({ kind }) => kind === 'losses');
        const place = path === null ? t.exports.byBrowser : t.exports.to(path);
        const facts = loss === undefined ? place : `${place} ${loss.text}`;
        const kind = loss === undefined ? 'ok' : 'warn';
        this.announcer.tell(kind, t.exports.done(report.rowCount), facts, this.exporting.showing(path));
      },
      onFailed: (error) => this.#failExport(error),
    });
  }

  /** @returns a function that lets go of everything outside of the window */
  start(): () => void {
    const stops = [
      this.engine.start(),
      this.settings.start(),
      tellFaults(this.bridge, this.announcer, () => this.route.page === 'settings'),
      this.#growth.start(),
      this.bridge.on('capture:handed', () => void this.files.takeHanded()),
    ];
    this.follow(readRoute(location.hash));
    const fault = faultText(this.settings.report);
    if (fault !== null) this.announcer.tell('warn', fault.title, fault.facts);
    void this.files.takeHanded();
    void this.packets.load();
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** The engine is there, for the first time or again: what was asked in vain is asked now. */
  async onReady(): Promise<void> {
    void this.replays.load();
    await this.workspace.load();
    this.#growth.begin(this.workspace.report);
    this.#chooseLogToAsk();
    this.#leftWork.tell(this.workspace.report, this.announcer);
    this.queue.settle(this.workspace.report?.imports ?? []);
    const { logs, graph, ledger, gateways } = this;
    void this.who.goOn();
    if (gateways.error?.code === 'ENGINE_GONE') void gateways.load();
    if (ledger.run !== null && ledger.error !== null) void ledger.open(ledger.run);
    if (logs === null) return;
    const hasFailed = logs.error?.code === 'ENGINE_GONE' || logs.answer?.rows.error != null;
    if (logs.answer === null || hasFailed) await this.runQuery();
    if (graph.error !== null && logs.answer !== null) void graph.load(logs.answer);
  }

  readonly go = (route: Route): void => {
    if (location.hash === routeText(route)) this.follow(route);
    else location.hash = routeText(route);
  };

  /** Shows what the address says. What was changed of the saved search that it names stays, as does any other query. */
  follow(route: Route): void {
    this.route = route;
    if (route.page === 'who') this.#chooseLogToAsk();
    if (route.page === 'gateways') void this.gateways.open(route.gateway?.id ?? null);
    if (route.page !== 'logs') return;
    const { project, logstore, saved } = route;
    if (this.logs?.place.project === project && this.logs.place.logstore === logstore) {
      const { current } = this.logs.saved;
      if (saved !== undefined && saved !== current?.name) void this.logs.saved.open(saved);
      return;
    }
    this.logs?.leave();
    this.graph.leave();
    this.analyses.leave();
    this.entry.close();
    this.raw.context.close();
    this.explain.leave();
    this.logs = new LogstoreState(this.engine, { project, logstore }, () => this.zone.name, this.#history);
    this.logs.saved.await(saved);
    this.#queryNote.restore(this.logs);
    if (this.engine.state.kind === 'ready') void this.runQuery();
  }

  /** The page of the Logstore that was looked at last, or of the first one that there is. */
  goToLogs(): void {
    const [first] = this.workspace.report?.logstores ?? [];
    const fallback = first === undefined ? DEFAULT_LOGSTORE : { project: first.project, logstore: first.name };
    const { project, logstore } = this.logs?.place ?? fallback;
    this.go({ page: 'logs', project, logstore });
  }

  /** What the page needs for a part of it did not come. */
  tellPartMissing(): void {
    const { title, facts, reload } = t.frame.partMissing;
    this.announcer.tell('danger', title, facts, { label: reload, run: () => location.reload() });
  }

  /** Asks who had an endpoint of the log that is shown. */
  askWho(question: AttributionQuestion): void {
    this.who.place = this.logs?.place ?? null;
    void this.who.openQuestion(question);
    this.go({ page: 'who' });
  }

  goToWho(): void {
    this.go({ page: 'who' });
  }

  /** The list of all. */
  goToGateways(): void {
    this.go({ page: 'gateways', gateway: null });
  }

  /** Shows the entries of a Logstore that a search finds. */
  openSearch(place: LogstorePlace | null, search: string): void {
    if (place === null) return;
    this.go({ page: 'logs', ...place });
    this.follow({ page: 'logs', ...place });
    void this.logs?.search(search);
  }

  /** Shows the entries of an import or a load: all that there are, where the Logstore has no others. */
  openRun({ project, logstore }: LogstorePlace, run: number | null, entries: number | null): void {
    const log = this.workspace.report?.logstores.find((each) => each.project === project && each.name === logstore);
    this.openSearch({ project, logstore }, run === null || log?.entries === entries ? '' : runSearch(run));
  }

  openIndex(): void {
    if (this.logs !== null) void this.index.open(this.logs.place);
  }

  async exportIndex(): Promise<void> {
    if (this.index.place === null) return;
    const saved = await this.exporting.saveIndex(this.index.place);
    if (saved.kind === 'failed') this.announcer.fail(saved.error);
    if (saved.kind !== 'saved') return;
    this.announcer.tellSaved(t.index.exported, saved.path, this.exporting.showing(saved.path));
  }

  savePackets(entryId: string): void {
    const entry = parseEntryId(entryId);
    if (entry !== null) void this.exporting.savePackets(entry);
  }

  runQuery(): Promise<void> {
    return this.#query((logs) => logs.run());
  }

  async #query(ask: (logs: LogstoreState) => Promise<void>): Promise<void> {
    const { logs } = this;
    await logs?.saved.arrive();
    if (logs !== null) await ask(logs);
    if (logs?.answer != null && logs.phase === 'idle' && logs.error === null) {
      const { histogram, elapsedMs } = logs.answer;
      this.announcer.say(t.logs.answered(grouped(histogram.entries), durationText(elapsedMs)));
    }
  }

  /** Whether the page has a query that was asked before. */
  get canRunAgain(): boolean {
    return this.route.page === 'who' ? this.who.canAskAgain : this.route.page === 'logs' && this.logs !== null;
  }

  runAgain(): void {
    if (this.route.page === 'who') void this.who.askAgain();
    else void this.runQuery();
  }

  /** What was known of a Logstore, or of its index, that turns out to be gone is read again. */
  followPlace(): void {
    if (this.logs?.placeError != null) untrack(() => void this.workspace.load());
  }

  /** The address of a Logstore's page is a link to the saved search that is open, whichever way led there. */
  noteAddress(): void {
    const { route, logs } = this;
    if (route.page !== 'logs' || logs === null) return;
    const { wanted, current } = logs.saved;
    const saved = wanted ?? current?.name;
    const text = routeText({ page: 'logs', ...logs.place, ...(saved === undefined ? {} : { saved }) });
    // It may be another page's by now, which is told only in a later task.
    if (isOfLog(readRoute(location.hash), logs.place)) history.replaceState(null, '', text);
  }

  /** Writes down what is asked, since the page may be loaded again. */
  noteQuery(): void {
    this.#queryNote.write(this.logs);
  }

  /** Writes down what is under way, since the page may be left, and tells the desktop. */
  noteWork(): void {
    this.#leftWork.write(this.queue.jobs, this.loads.jobs);
    this.work.tell();
  }

  exportOrTell(): void {
    if (!this.openExport()) this.announcer.tell('info', t.exports.nothing, t.exports.nothingWhy);
  }

  /** Shows the export that runs, or asks for one of the answer that is shown. @returns whether there is either */
  openExport(): boolean {
    return this.exportDialog.open(this.route.page === 'logs' ? (this.logs?.exportSubject ?? null) : null);
  }

  openLedger(run: number): void {
    this.attention.turn();
    void this.ledger.open(run);
  }

  /** The ledger of the newest import behind the log that is shown, of those with losses where it is about these. */
  openLedgerOfLog({ withLosses }: { readonly withLosses: boolean }): void {
    const place = this.logs?.place;
    const imports = this.workspace.report?.imports.filter(
      ({ project, logstore }) => project === place?.project && logstore === place.logstore,
    );
    const newest = imports?.find(({ hasLosses }) => hasLosses || !withLosses) ?? imports?.[0];
    if (newest !== undefined) this.openLedger(newest.run);
    else this.announcer.tell('info', t.ledger.none, t.ledger.noneWhy);
  }

  /** What ends or closes one thing in front of the user, last of all an import; null without any. */
  get cancelAct(): (() => void) | null {
    const { route, logs, who, exporting, ledger, queue, loads } = this;
    if (route.page === 'logs' && logs?.phase === 'running') return () => logs.cancel();
    if (route.page === 'who' && who.isRunning) return () => who.cancel();
    if (exporting.isRunning) return () => exporting.cancel();
    if (ledger.run !== null) return () => ledger.close();
    if (route.page !== 'captures') return null;
    const { current } = queue;
    if (current !== null) return () => queue.cancel(current);
    const load = loads.current;
    return load === null ? null : () => loads.cancel(load);
  }

  get #isLoading(): boolean {
    return this.loads.current !== null || this.loads.asking !== null;
  }

  get #refusalError(): ErrorShape | null {
    const { state } = this.engine;
    return state.kind === 'down' && state.error.code === 'HOST_REFUSED' ? state.error : null;
  }

  /** @param isPlain whether there is nothing to be read about it */
  async #afterRun(job: object, { run, entries, ...place }: EndedRun, isPlain: boolean): Promise<void> {
    await this.workspace.load();
    this.#chooseLogToAsk();
    // Whoever waited for it on the page of captures wants to see it, unless there is something to be read there.
    const isWaiting = !this.files.isPathDialogOpen && this.asking.current === null && this.attention.isOn(job);
    const isDone = this.route.page === 'captures' && !this.queue.isBusy && !this.#isLoading;
    if (isWaiting && isDone && isPlain) this.openRun(place, run, entries);
    else await this.#runAgainOn(place);
  }

  /** What is looked at moves with the logs, and what is being read of it stays where it is. */
  async #afterGrowth(grown: readonly LogstorePlace[]): Promise<void> {
    this.#chooseLogToAsk();
    const { route, gateways, faults, logs } = this;
    if (route.page === 'gateways' && gateways.asking === null) {
      void gateways.load();
      void faults.refresh();
    }
    const place = logs?.place;
    if (logs === null || !grown.some((each) => each.project === place?.project && each.logstore === place.logstore))
      return;
    const hadNewer = logs.newer !== null;
    await logs.grow(route.page !== 'logs' || this.entry.isOpen || this.raw.context.entry !== null);
    if (!hadNewer && logs.newer !== null && route.page === 'logs') this.announcer.say(t.logs.newer(logs.newer.entries));
  }

  /** Fields, completion and the answer are those of the index that is set now. */
  async #afterIndex(place: LogstorePlace, end: IndexEnd): Promise<void> {
    const { title, facts } = changeText(end);
    this.announcer.tell('ok', title, facts);
    await this.workspace.load();
    await this.#runAgainOn(place);
  }

  /** Where that Logstore is looked at. */
  async #runAgainOn({ project, logstore }: LogstorePlace): Promise<void> {
    if (this.logs?.place.project !== project || this.logs.place.logstore !== logstore) return;
    await this.#query((logs) => logs.askAgain());
  }

  #sayFailed(job: ImportJob | LoadJob): void {
    if (job.error === null) return;
    const { title } = errorText(job.error);
    this.announcer.say(title);
    this.work.end(job, title, true);
  }

  /** Unless another one was chosen. */
  #chooseLogToAsk(): void {
    this.who.place ??= logToAsk(this.workspace.report?.logstores ?? [], this.logs?.place ?? null);
  }

  #failExport(error: ErrorShape, goOn: () => void = () => undefined): void {
    this.moved.fail(error, goOn);
    this.work.end(error, errorText(error).title, true);
  }
}

function isPlainSuccess({ logEntries, skipped, ledger }: ImportReport): boolean {
  return logEntries > 0 && skipped.length === 0 && !hasLosses(ledger);
}
