import type { ErrorShape } from '../../../src-main/contract/errors';
import type {
  AccountFacts,
  GatewayCalls,
  GatewayFacts,
  GatewayReport,
  RegionFacts,
  SessionLogReport,
  VpcFacts,
} from '../../../src-main/contract/gateways';
import type { Calls } from '../../../src-main/contract/ipc';
import type { Engine } from '../../services/engine-connection.svelte';

type RemovingCall = 'gateway:delete' | 'vpc:delete' | 'vswitch:delete' | 'eip:remove' | 'snat:delete';

/** What is to be taken away, when somebody has said yes to it. */
export interface Removal {
  /** What it is called in the question. */
  readonly name: string;
  readonly what: {
    readonly [K in RemovingCall]: { readonly call: K; readonly request: GatewayCalls[K]['request'] };
  }[RemovingCall];
}

/** What the page asks for in a dialog. */
export type Asking =
  | { readonly kind: 'gateway' | 'vpc' | 'vSwitch' | 'address' | 'snat' | 'enable' | 'change' }
  | { readonly kind: 'stop' }
  | ({ readonly kind: 'remove' } & Removal);

type WritingCall = keyof GatewayCalls | 'index:recommend';

export interface GatewaysListeners {
  readonly onDeleted: (gateway: string) => void;
  /** Projects, Logstores or an index may be others. */
  readonly onLogsChanged: () => void;
}

/** The gateways of the workspace with all that belongs to them, and the one that is looked at. */
export class GatewaysState {
  regions = $state.raw<readonly RegionFacts[]>([]);
  vpcs = $state.raw<readonly VpcFacts[]>([]);
  /** Null while they are not known. */
  gateways = $state.raw<readonly GatewayFacts[] | null>(null);
  account = $state.raw<AccountFacts | null>(null);
  /** Of the list that is shown; empty for all. */
  region = $state('');
  report = $state.raw<GatewayReport | null>(null);
  log = $state.raw<SessionLogReport | null>(null);
  /** Why something could not be read, or was not done without a dialog. */
  error = $state.raw<ErrorShape | null>(null);
  asking = $state.raw<Asking | null>(null);
  /** Why what was asked for in a dialog was not done. */
  refused = $state.raw<ErrorShape | null>(null);
  isWriting = $state(false);
  readonly #engine: Engine;
  readonly #listeners: GatewaysListeners;
  #id: string | null = null;
  #generation = 0;

  constructor(engine: Engine, listeners: GatewaysListeners) {
    this.#engine = engine;
    this.#listeners = listeners;
  }

  /** Where something new is proposed to be: where there is a VPC, else in the first region that stays. */
  get firstRegion(): string {
    if (this.region !== '') return this.region;
    const open = this.regions.find(({ area, closingDown }) => area !== 'local' && !closingDown);
    return this.vpcs[0]?.region ?? open?.id ?? '';
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Looks at one gateway, or at the list; what is known of another one is forgotten. */
  async open(id: string | null): Promise<void> {
    if (id !== this.#id) {
      this.report = null;
      this.log = null;
      this.asking = null;
    }
    this.#id = id;
    await this.load();
  }

  async load(): Promise<void> {
    const generation = ++this.#generation;
    const id = this.#id;
    const call = <K extends keyof GatewayCalls>(name: K, request: Calls[K]['request']) =>
      this.#engine.call(name, request).outcome;
    const [regions, vpcs, gateways, account, report, log] = await Promise.all([
      call('region:list', {}),
      call('vpc:list', {}),
      call('gateway:list', {}),
      call('account:read', {}),
      id === null ? null : call('gateway:read', { gateway: id }),
      id === null ? null : call('session-log:read', { gateway: id }),
    ]);
    if (generation !== this.#generation) return;
    if (regions.ok) this.regions = regions.value.regions;
    if (vpcs.ok) this.vpcs = vpcs.value.vpcs;
    if (gateways.ok) this.gateways = gateways.value.gateways;
    if (account.ok) this.account = account.value;
    this.report = report?.ok === true ? report.value : null;
    this.log = log?.ok === true ? log.value : null;
    const failed = [regions, vpcs, gateways, account, report, log].find((outcome) => outcome?.ok === false);
    this.error = failed?.ok === false ? failed.error : null;
  }

  ask(asking: Asking): void {
    this.refused = null;
    this.asking = asking;
  }

  close(): void {
    this.asking = null;
    this.refused = null;
  }

  /** Does what a dialog asks for, which is closed by that; an error stays in it. @returns whether it was done */
  async write<K extends WritingCall>(name: K, request: Calls[K]['request']): Promise<boolean> {
    if (this.isWriting) return false;
    const { asking } = this;
    this.isWriting = true;
    this.refused = null;
    const outcome = await this.#engine.call(name, request).outcome;
    if (!outcome.ok) {
      this.isWriting = false;
      if (this.asking === null) this.error = outcome.error;
      else this.refused = outcome.error;
      return false;
    }
    if (name.startsWith('session-log:') || name.startsWith('index:')) this.#listeners.onLogsChanged();
    // What the next dialog offers has to be there when this one is closed.
    await this.load();
    this.isWriting = false;
    if (this.asking === asking) this.close();
    return true;
  }

  async remove({ what }: Removal): Promise<void> {
    const isGateway = what.call === 'gateway:delete';
    const isDone = await this.write(what.call, what.request);
    if (isDone && isGateway) this.#listeners.onDeleted(what.request.gateway);
  }

  /** Lets delivered entries be searched. */
  async createIndex(): Promise<void> {
    const place = this.log?.destination;
    if (place != null) await this.write('index:recommend', { project: place.project, logstore: place.logstore });
  }
}
