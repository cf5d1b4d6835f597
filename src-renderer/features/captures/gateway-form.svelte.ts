import type { GatewayChoice } from '../../../src-main/contract/import-preview';
import { jsonFaultText, readJsonText } from '../../../src-main/query/json-text';
import { DEFAULT_GATEWAY } from './import-plan';

export const GATEWAY_MODES = ['default', 'settings', 'json'] as const;
export type GatewayMode = (typeof GATEWAY_MODES)[number];

/** What is changed most often of a gateway, as it was written; what is empty stays as the profile has it. */
export interface GatewaySettings {
  readonly profile: string;
  /** Networks and addresses are separated by commas, spaces or lines. */
  readonly inside: string;
  readonly eips: string;
  readonly portPolicy: string;
  readonly windowSec: string;
  readonly windowPhase: string;
  readonly seed: string;
}

const NO_SETTINGS: GatewaySettings = {
  ...{ profile: '', inside: '', eips: '', portPolicy: '', windowSec: '', windowPhase: '', seed: '' },
};

export type GatewayProblem = 'notJson' | 'noObject';

/** Through which gateway captures are to go, as it is written in a form. Whether that can be is the engine's to say. */
export class GatewayForm {
  mode = $state<GatewayMode>('default');
  settings = $state.raw<GatewaySettings>(NO_SETTINGS);
  json = $state('');
  readonly #parsed = $derived(parseObject(this.json));

  /** Why it is no configuration at all. */
  get problem(): GatewayProblem | null {
    return this.mode === 'json' && !this.#parsed.ok ? this.#parsed.problem : null;
  }

  /** What is wrong with the text, and where; empty where nothing is. */
  get fault(): string {
    return this.#parsed.ok ? '' : this.#parsed.fault;
  }

  /** Null where there is a problem. */
  get choice(): GatewayChoice | null {
    if (this.mode === 'default') return DEFAULT_GATEWAY;
    const gateway = this.mode === 'json' ? this.#parsed.value : configurationOf(this.settings);
    if (gateway === null) return null;
    return Object.keys(gateway).length === 0 ? DEFAULT_GATEWAY : { ...DEFAULT_GATEWAY, gateway };
  }

  set(field: keyof GatewaySettings, value: string): void {
    this.settings = { ...this.settings, [field]: value };
  }

  /** Takes over what somebody else has chosen, as the same fields where these have it all. */
  take({ gateway, inside, eips, seed }: GatewayChoice): void {
    if (gateway !== undefined) {
      this.json = JSON.stringify(gateway, null, 2);
      this.mode = 'json';
      return;
    }
    const seedText = seed === 0 ? '' : String(seed);
    this.settings = { ...NO_SETTINGS, inside: inside.join(', '), eips: eips.join(', '), seed: seedText };
    this.mode = 'settings';
  }

  /** As `restore` takes it. */
  save(): string {
    const { mode, settings, json } = this;
    return JSON.stringify({ mode, settings, json });
  }

  /** @param text of another form, maybe of another version; what of it is not known is left as it is */
  restore(text: string | null): void {
    const saved = parseObject(text ?? '{}');
    if (!saved.ok) return;
    const { mode, settings, json } = saved.value;
    const fields = typeof settings === 'object' && settings !== null ? Object.entries(settings) : [];
    const known = fields.filter(([field, value]) => field in NO_SETTINGS && typeof value === 'string');
    this.settings = { ...NO_SETTINGS, ...Object.fromEntries(known) };
    if (typeof json === 'string') this.json = json;
    this.mode = GATEWAY_MODES.find((each) => each === mode) ?? 'default';
  }
}

function configurationOf(settings: GatewaySettings): Readonly<Record<string, unknown>> {
  const fields = Object.keys(NO_SETTINGS) as (keyof GatewaySettings)[];
  const given = fields.filter((field) => settings[field].trim() !== '');
  return Object.fromEntries(given.map((field) => written(field, settings[field].trim())));
}

/** A key of the configuration. What is no number is left to be refused in the engine's words. */
function written(field: keyof GatewaySettings, value: string): readonly [string, unknown] {
  switch (field) {
    case 'inside':
      return ['snatEntries', listOf(value).map((sourceCidr) => ({ sourceCidr }))];
    case 'eips':
      return [field, listOf(value)];
    case 'windowSec':
    case 'seed':
    case 'windowPhase':
      return [field, /^\d+$/u.test(value) ? Number(value) : value];
    case 'profile':
    case 'portPolicy':
      return [field, value];
  }
}

function listOf(value: string): readonly string[] {
  return value.split(/[\s,]+/u).filter((item) => item !== '');
}

type Parsed =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly value: null; readonly problem: GatewayProblem; readonly fault: string };

function parseObject(text: string): Parsed {
  const json = readJsonText(text);
  if (!json.ok) return { ok: false, value: null, problem: 'notJson', fault: jsonFaultText(json) };
  const { value } = json;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ok: true, value: { ...value } }
    : { ok: false, value: null, problem: 'noObject', fault: '' };
}
