import { EVENTS, StrictEmitter } from './strict.mjs';

/**
 * Something that the stand-in offers: a member (`app.quit`), an event (`app event quit`), both under the name of the
 * type in electron.d.ts to which it belongs.
 *
 * @typedef {{ type: string, kind: 'member' | 'static' | 'event', name: string }} Offered
 */

/** What a class has by being one, and what the stand-in's emitters override. */
const OF_EVERY_CLASS = ['constructor', 'length', 'name', 'prototype'];
const OF_EVERY_EMITTER = ['on', 'addListener', 'emit'];

/** @param {any} type a class @param {string} typeName @returns {Offered[]} */
export function offeredByClass(type, typeName) {
  const isEmitter = type.prototype instanceof StrictEmitter;
  const skipped = [...OF_EVERY_CLASS, ...(isEmitter ? OF_EVERY_EMITTER : [])];
  const names = (/** @type {object} */ object) =>
    Object.getOwnPropertyNames(object).filter((name) => !skipped.includes(name));
  const events = isEmitter ? (type[EVENTS] ?? []) : [];
  return [
    ...names(type.prototype).map((name) => /** @type {Offered} */ ({ type: typeName, kind: 'member', name })),
    ...names(type).map((name) => /** @type {Offered} */ ({ type: typeName, kind: 'static', name })),
    ...events.map((/** @type {string} */ name) => /** @type {Offered} */ ({ type: typeName, kind: 'event', name })),
  ];
}

/** @param {object} module an object of functions @param {string} typeName @returns {Offered[]} */
function offeredByObject(module, typeName) {
  return Object.getOwnPropertyNames(module).map((name) => ({ type: typeName, kind: 'member', name }));
}

/**
 * @param {Record<string, any>} electron the module, or one like it
 * @returns {{ exports: string[], offered: Offered[] }} with objects under the name of their export
 */
export function offeredApi(electron) {
  const offered = Object.entries(electron).flatMap(([name, value]) => {
    if (typeof value === 'function') return offeredByClass(value, name);
    return value instanceof StrictEmitter ? offeredByClass(value.constructor, name) : offeredByObject(value, name);
  });
  return { exports: Object.keys(electron), offered };
}
