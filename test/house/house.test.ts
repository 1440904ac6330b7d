// The house style as tests: each rule holds over the sources, and is shown to fail on a bad sample.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { SETTINGS } from '../../server/config.ts';
import * as rules from './house-rules.ts';

const ROOT = join(import.meta.dirname, '../..');
const TEXT = /\.(ts|js|css|html|json|md|xml|xsd|csv|yaml|yml|npmrc|gitignore)$|(^|\/)(run|Dockerfile)$/;

// Files that git would take, too: the rules hold before a commit, not after.
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
});
const everything = listed
  .split('\0')
  .filter((path) => TEXT.test(path) && path !== 'package-lock.json' && existsSync(join(ROOT, path)))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const typescript = everything.filter(({ path }) => path.endsWith('.ts'));
const sources = typescript.filter(({ path }) => /^(server|sg|reports|schemas)\//.test(path));

/** The sample is one file, or several, each `[path, text]`; the fault must name the last. */
function holds(
  title: string,
  rule: rules.Rule,
  over: readonly rules.Source[],
  ...bad: [path: string, text: string][][]
): void {
  it(title, () => {
    for (const sample of bad) {
      const faults = rule(sample.map(([path, text]) => ({ path, text })));
      expect(faults.join(), `a bad sample passes: ${sample}`).to.contain(sample.at(-1)?.[0]);
    }
    expect(rule(over)).to.deep.equal([]);
  });
}

describe('house', () => {
  it('has sources to look at', () => {
    expect(sources.length).to.be.greaterThan(20);
    const seen = rules.importsOf({
      path: 'a/b.ts',
      text: "import {\n  x,\n} from '../c.ts';\nimport type { y } from 'z';\n",
    });
    expect(seen).to.deep.equal([
      { from: 'a/b.ts', to: 'c.ts', isType: false },
      { from: 'a/b.ts', to: 'z', isType: true },
    ]);
  });

  const product = 'server/viewing/viewing.ts';
  holds(
    'express at the door only',
    rules.expressAtTheDoor,
    sources,
    [[product, "import express from 'express';"]],
    [[product, "// x\nimport type {\n  Request,\n} from 'express';"]],
    [[product, "const x = await import('express');"]],
  );
  holds('mongodb in its folder only', rules.mongoInItsFolder, sources, [
    [product, "import { MongoClient } from 'mongodb';"],
  ]);
  holds('node:sqlite in its folder only', rules.sqliteInItsFolder, sources, [
    ['server/cli/x.ts', "import 'node:sqlite';"],
  ]);
  holds(
    'products know neither routers nor stores',
    rules.productsStandAlone,
    sources,
    [[product, "import { x } from '../store/sqlite/report-log.ts';"]],
    [['reports/figures/figures.ts', "import { x } from '../../server/viewing/viewing-router.ts';"]],
  );
  holds('the environment in config.ts only', rules.environmentInConfig, sources, [
    [product, 'const x = process.env.HOME;'],
  ]);
  holds('no source over 250 lines', rules.shortFiles, sources, [[product, 'x\n'.repeat(251)]]);
  holds(
    'a first line that says what the file is',
    rules.firstLineComment,
    typescript,
    [[product, "import 'x';\n// what it is, too late"]],
    [[product, '// x\n']],
  );
  holds(
    'telling names in kebab-case',
    rules.tellingNames,
    typescript,
    [['server/viewing/index.ts', '']],
    [['server/viewing/Report.ts', '']],
    [['server/utils/clock.ts', '']],
  );
  holds(
    'no any',
    rules.noAny,
    typescript,
    [[product, 'const x: any = 1;']],
    [[product, 'x as any']],
    [[product, 'f<any>()']],
    [[product, 'x: y | any']],
  );
  holds(
    'no checks turned off',
    rules.noBareErrors,
    typescript.filter(({ path }) => !path.startsWith('test/house/')),
    [[product, '// @ts-ignore']],
  );
  holds('no circles of imports', rules.noCircles, typescript, [
    ['a/b.ts', "import { x } from './c.ts';"],
    ['a/c.ts', "import { y } from '../a/b.ts';"],
  ]);
  holds(
    'no machine’s paths and no registry hosts',
    rules.noMachines,
    everything,
    [['README.md', `run it in /${'work'}/main`]],
    [['a.ts', `const x = '/${'tmp'}/data';`]],
    [['.npmrc', `registry=https://${'registry'}.example.com/npm`]],
  );

  it('the README has every setting with its default, and its scripts are there', () => {
    const settings = [{ name: 'PORT', default: '8080' }, { name: 'TLS_KEY' }];
    const good = '| `PORT` | `8080` | x |\n| TLS_KEY | - | y |\nnpm run -s check\nnpm start';
    expect(rules.readmeFaults(good, settings, ['check', 'start'])).to.deep.equal([]);
    expect(rules.readmeFaults(good.replace('8080', '80'), settings, ['check', 'start'])).to.have.length(1);
    expect(rules.readmeFaults(good.replace('TLS_KEY', 'TLS_KEYS'), settings, ['check', 'start'])).to.have.length(2);
    expect(rules.readmeFaults(good, settings, ['start'])).to.deep.equal(['there is no script check']);
    const readme = everything.find(({ path }) => path === 'README.md');
    if (readme === undefined) return;
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(rules.readmeFaults(readme.text, SETTINGS, Object.keys(scripts))).to.deep.equal([]);
  });
});
