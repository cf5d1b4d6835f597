import { describe, expect, test } from 'vitest';
import * as electron from '../../standin/electron.mjs';
import { WebFrameMain, WebContents } from '../../standin/web-contents.mjs';
import { UtilityProcess } from '../../standin/utility-process.mjs';
import { MessagePortMain } from '../../standin/message-port.mjs';
import { EVENTS, StrictEmitter } from '../../standin/strict.mjs';
import { offeredApi, offeredByClass, type Offered } from '../../standin/offered-api.mjs';
import { readElectronTypes } from '../../support/electron-types';

const types = readElectronTypes();

/** @returns what a module like the stand-in has and Electron has not, as `type kind name` */
function invented(module: Record<string, unknown>, classes: Record<string, unknown> = {}): string[] {
  const { exports, offered } = offeredApi(module);
  const ofClasses = Object.entries(classes).flatMap(([name, type]) => offeredByClass(type, name));
  const unknownExports = exports.filter((name) => !types.exports.has(name)).map((name) => `export ${name}`);
  const unknown = [...offered, ...ofClasses]
    .filter(({ type, kind, name }: Offered) => !isDeclared(types.exports.get(type) ?? type, kind, name))
    .map(({ type, kind, name }) => `${type} ${kind} ${name}`);
  return [...unknownExports, ...unknown];
}

/** A module whose constant is a class (`typeof UtilityProcess`) has that class's static members. */
function isDeclared(type: string, kind: Offered['kind'], name: string): boolean {
  return types.has(type, kind, name) || (kind === 'member' && types.has(type, 'static', name));
}

test('everything that the stand-in offers exists in Electron', () => {
  const classes = { WebContents, WebFrameMain, UtilityProcess, MessagePortMain };
  expect(offeredApi({ ...electron }).offered.length).toBeGreaterThan(150);
  expect(invented({ ...electron }, classes)).toEqual([]);
});

describe('an invented name is found', () => {
  test('of an export', () => {
    expect(invented({ ...electron, browserWindow: {} })).toContain('export browserWindow');
  });

  test('of a function of a module', () => {
    expect(invented({ dialog: { showOpenDialog() {}, askUser() {} } })).toEqual(['dialog member askUser']);
  });

  test('of a method, a property, a static method and an event', () => {
    class BrowserWindow extends StrictEmitter {
      static override [EVENTS] = ['closed', 'opened'];
      static getAllWindows() {}
      static countWindows() {}
      getBounds() {}
      getPlace() {}
      get isOpen() {
        return Math.random() > 0;
      }
    }
    expect(invented({ BrowserWindow })).toEqual([
      'BrowserWindow member getPlace',
      'BrowserWindow member isOpen',
      'BrowserWindow static countWindows',
      'BrowserWindow event opened',
    ]);
  });
});

test('what is not there throws, and so does an event that is never emitted', () => {
  const { dialog, app } = electron as unknown as Record<string, Record<string, unknown>>;
  expect(() => dialog?.['showColorDialog']).toThrow('dialog.showColorDialog is not implemented');
  expect(() => app?.['getGPUInfo']).toThrow('App.getGPUInfo is not implemented');
  expect(() => electron.app.on('gpu-info-update', () => {})).toThrow('App has no event "gpu-info-update"');
});
