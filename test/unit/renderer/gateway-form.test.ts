import { expect, test } from 'vitest';
import { GatewayForm, type GatewaySettings } from '../../../src-renderer/features/captures/gateway-form.svelte';

const DEFAULT = { inside: [], eips: [], seed: 0 };

function withSettings(settings: Partial<GatewaySettings>): GatewayForm {
  const form = new GatewayForm();
  form.mode = 'settings';
  for (const [field, value] of Object.entries(settings)) form.set(field as keyof GatewaySettings, value);
  return form;
}

test('nothing that is written is the default gateway', () => {
  expect(new GatewayForm().choice).toEqual(DEFAULT);
  expect(withSettings({ profile: '', inside: '  ' }).choice).toEqual(DEFAULT);
});

test.each([
  {
    name: 'lists are separated by commas, spaces and lines',
    settings: { inside: '10.0.0.0/8, 192.0.2.0/24', eips: ' 203.0.113.1\n203.0.113.2 ' },
    gateway: {
      snatEntries: [{ sourceCidr: '10.0.0.0/8' }, { sourceCidr: '192.0.2.0/24' }],
      eips: ['203.0.113.1', '203.0.113.2'],
    },
  },
  {
    name: 'numbers are numbers',
    settings: { windowSec: '60', seed: '7', windowPhase: '30' },
    gateway: { windowSec: 60, seed: 7, windowPhase: 30 },
  },
  {
    name: 'what is none is left to the engine to refuse',
    settings: { windowSec: '1m', seed: '-1', windowPhase: 'session', profile: 'linux', portPolicy: 'blocks' },
    gateway: { windowSec: '1m', seed: '-1', windowPhase: 'session', profile: 'linux', portPolicy: 'blocks' },
  },
])('$name', ({ settings, gateway }) => {
  expect(withSettings(settings).choice).toEqual({ ...DEFAULT, gateway });
});

test.each([
  { json: '', problem: 'notJson', fault: 'line 1, column 1: JSON value expected but reached end of input' },
  { json: '{ "profile": ', problem: 'notJson', fault: "line 1, column 14: Object value expected after ':'" },
  { json: '{ "seed": 2,\n "seed": 3 }', problem: 'notJson', fault: "line 2, column 3: Duplicate key 'seed'" },
  { json: '["linux"]', problem: 'noObject', fault: '' },
  { json: 'null', problem: 'noObject', fault: '' },
])('$json is no configuration', ({ json, problem, fault }) => {
  const form = new GatewayForm();
  form.mode = 'json';
  form.json = json;
  expect([form.problem, form.fault, form.choice]).toEqual([problem, fault, null]);
  form.mode = 'default';
  expect([form.problem, form.choice]).toEqual([null, DEFAULT]);
});

test('a choice of the engine is taken over, by the fields where these have it all', () => {
  const form = new GatewayForm();
  form.take({ inside: ['203.0.113.0/24'], eips: ['198.51.100.1'], seed: 0 });
  expect(form.mode).toBe('settings');
  expect(form.choice).toEqual({
    ...DEFAULT,
    gateway: { snatEntries: [{ sourceCidr: '203.0.113.0/24' }], eips: ['198.51.100.1'] },
  });
  const gateway = { profile: 'linux', limits: { maxSessions: 5 } };
  form.take({ ...DEFAULT, gateway });
  expect([form.mode, form.choice]).toEqual(['json', { ...DEFAULT, gateway }]);
});

test('what was chosen is restored, and what nobody knows is not', () => {
  const form = withSettings({ profile: 'aws' });
  form.json = '{}';
  const other = new GatewayForm();
  other.restore(form.save());
  expect([other.mode, other.settings, other.json]).toEqual(['settings', form.settings, '{}']);
  for (const text of [null, 'nonsense', '[]', '{"mode":"other","settings":{"profile":7,"more":"x"},"json":1}']) {
    const fresh = new GatewayForm();
    fresh.restore(text);
    expect([fresh.choice, 'more' in fresh.settings, fresh.json]).toEqual([DEFAULT, false, '']);
  }
});
