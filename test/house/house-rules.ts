// The house rules as functions from sources to what breaks them, so that each can be shown to fail.

import { dirname, join } from 'node:path/posix';

/** A tracked file: its path from the repository's root, and its text. */
export interface Source {
  path: string;
  text: string;
}

/** Names what is wrong, one text each; nothing when all is well. */
export type Rule = (sources: readonly Source[]) => string[];

const MOST_LINES = 250;
const EMPTY_NAMES = new Set(['index', 'util', 'utils', 'helper', 'helpers', 'manager', 'base', 'common', 'misc']);
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

interface Import {
  from: string;
  /** A package or built-in module; or a file's path from the root. */
  to: string;
  isType: boolean;
}

export function importsOf({ path, text }: Source): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, named, called]) => {
    const to = named ?? called ?? '';
    return { from: path, to: to.startsWith('.') ? join(dirname(path), to) : to, isType: type !== undefined };
  });
}

/** Comments and texts blanked, lines kept: what is left is code. */
function codeOf(text: string): string {
  const parts = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
  return text.replace(parts, (part) => part.replace(/[^\n]/g, ' '));
}

const onlyIn =
  (module: RegExp, allowed: RegExp, told: string): Rule =>
  (sources) =>
    sources
      .filter((source) => !allowed.test(source.path))
      .flatMap((source) => importsOf(source).filter((each) => module.test(each.to)))
      .map((each) => `${each.from} imports ${each.to}: ${told}`);

export const expressAtTheDoor = onlyIn(
  /^express(\/|$)/,
  /-router\.ts$|^server\/http\/|^server\/app\.ts$/,
  'express only in *-router.ts, server/http/ and server/app.ts',
);
export const mongoInItsFolder = onlyIn(
  /^mongodb(\/|$)/,
  /^server\/store\/mongo\//,
  'mongodb only in server/store/mongo/',
);
export const sqliteInItsFolder = onlyIn(
  /^node:sqlite$/,
  /^server\/store\/sqlite\//,
  'node:sqlite only in server/store/sqlite/',
);

const WIRING = /^server\/(main|app|products)\.ts$|^server\/store\/|^server\/cli\/|-router\.ts$/;

/** Routers and adapters are for the wiring alone; an adapter may share its own folder's files. */
export const productsStandAlone: Rule = (sources) =>
  sources
    .filter((source) => !WIRING.test(source.path))
    .flatMap(importsOf)
    .filter(({ to }) => /-router\.ts$|^server\/(store\/|app\.ts|main\.ts)/.test(to))
    .map(({ from, to }) => `${from} imports ${to}: products know neither routers nor stores`);

export const environmentInConfig: Rule = (sources) =>
  sources
    .filter(
      ({ path, text }) =>
        path !== 'server/config.ts' && /\bprocess\s*(\.|\?\.)\s*env\b|\bprocess\s*\[/.test(codeOf(text)),
    )
    .map(({ path }) => `${path} reads the environment: only server/config.ts may`);

export const shortFiles: Rule = (sources) =>
  sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines: find its second idea`);

export const firstLineComment: Rule = (sources) =>
  sources
    .filter(({ text }) => !/^(#![^\n]*\n)?(\/\/ |\/\*\*? )\S.{10,}/.test(text))
    .map(({ path }) => `${path} does not say in its first line what it is`);

export const tellingNames: Rule = (sources) =>
  sources.flatMap(({ path }) =>
    path
      .split('/')
      .map((part) => part.replace(/(\.d|\.test|\.contract\.test)?\.ts$/, ''))
      .filter((part) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part) || EMPTY_NAMES.has(part))
      .map((part) => `${path}: ${part} is not a telling kebab-case name`),
  );

export const noAny: Rule = (sources) =>
  sources
    .filter(({ text }) =>
      /(:|<|(?<!\|)\||(?<!&)&|\bas\s)\s*any\b(?!\s*([:(?.*+/-]|[=!]==))|\bany\[\]|,\s*any\s*[,>]/.test(codeOf(text)),
    )
    .map(({ path }) => `${path} has an any`);

export const noBareErrors: Rule = (sources) =>
  sources
    .filter(({ text }) => /@ts-(ignore|nocheck)|biome-ignore-all/.test(text))
    .map(({ path }) => `${path} turns the checks off`);

/** Circles of imports, those of types excepted: they are gone at run time. */
export const noCircles: Rule = (sources) => {
  const edges = new Map(sources.map((source) => [source.path, importsOf(source).filter((each) => !each.isType)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const { to } of edges.get(path) ?? []) if (edges.has(to)) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
};

// Written in pieces, so that this file keeps the rule that it states.
const MACHINE_PATH = new RegExp(['(^|[\\s"\'`(=:,])/(wo', 'rk|ro', 'ot|ho', 'me/\\w+|tm', 'p/\\w+)(/|\\b)'].join(''));
const REGISTRY = new RegExp(
  ['registry\\.(?!npmjs\\.org)[\\w.-]+\\.\\w+|art', 'ifactory|ne', 'xus\\.|\\bverd', 'accio'].join(''),
  'i',
);

export const noMachines: Rule = (sources) =>
  sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, at) =>
        MACHINE_PATH.test(line) || REGISTRY.test(line) ? [`${path}:${at + 1} names a machine's path or registry`] : [],
      ),
  );

interface Named {
  name: string;
  default?: string;
}

/** Rows `| NAME | default | … |` of the README; an absent default is an empty cell or a dash. */
export function readmeFaults(readme: string, settings: readonly Named[], scripts: readonly string[]): string[] {
  const rows = new Map<string, string>();
  for (const [, name, value] of readme.matchAll(/^\|\s*`?([A-Z][A-Z_]+)`?\s*\|\s*([^|]*?)\s*\|/gm)) {
    rows.set(name ?? '', (value ?? '').replaceAll('`', ''));
  }
  const faults: string[] = [];
  for (const setting of settings) {
    const row = rows.get(setting.name);
    const isRight = setting.default === undefined ? row === '' || row === '-' || row === '–' : row === setting.default;
    if (row === undefined) faults.push(`${setting.name} is not in the README`);
    else if (!isRight) faults.push(`${setting.name} has another default than the README's ${row}`);
  }
  for (const name of rows.keys())
    if (!settings.some((each) => each.name === name)) faults.push(`there is no setting ${name}`);
  for (const [, script] of readme.matchAll(/npm run (?:-\S+ )*(\w[\w:-]*)/g))
    if (!scripts.includes(script ?? '')) faults.push(`there is no script ${script}`);
  for (const [, script] of readme.matchAll(/npm (start|test)\b/g))
    if (!scripts.includes(script ?? '')) faults.push(`there is no script ${script}`);
  return faults;
}
