// The command line's help teaches with examples that work (O8).

import { expect } from 'chai';
import type { Command } from 'commander';
import { createProgram } from '../../../server/cli/program.ts';

const program = createProgram((code) => {
  throw new Error(`exit ${code}`);
});

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

const everyCommand = (command: Command): Command[] => command.commands.flatMap((each) => [each, ...everyCommand(each)]);

const helpOf = (command: Command): string => {
  let help = '';
  const writeOut = (text: string): void => {
    help += text;
  };
  command.configureOutput({ writeOut });
  command.outputHelp();
  return help;
};

const examplesOf = (command: Command): string[][] =>
  [...helpOf(command).matchAll(/^ {2}\$ npm run -s cli -- (.*)$/gm)].map(([, line = '']) =>
    [...line.replace(/ [<>] .*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ''),
  );

/** The command that the words name, and what is left of them. */
const find = (words: string[], from = program): { command: Command; rest: string[] } => {
  const next = from.commands.find((each) => each.name() === words[0]);
  return next === undefined ? { command: from, rest: words } : find(words.slice(1), next);
};

describe('command line', () => {
  for (const words of [
    '',
    'nonsense',
    'accounts',
    'accounts add',
    'accounts add a b',
    'accounts add a --role king',
    'accounts list --limit -1',
    'audit list --limit 1e3',
    'guide load x.xml',
    'sessions list --from yesterday',
    'sessions list --to 2026-02-30',
    'reports ratings --by colour',
    'simulate --hours 0',
    'simulate --hours many',
    'data erase',
    'data migrate --from ./data',
  ]) {
    it(`O8: "${words}" are wrong words, and nothing is done`, async () => {
      let told = '';
      const fresh = createProgram((code) => {
        throw new Error(`exit ${code}`);
      });
      const writeErr = (text: string): void => {
        told += text;
      };
      for (const command of [fresh, ...everyCommand(fresh)]) command.configureOutput({ writeErr });
      const error: unknown = await fresh.parseAsync(words.split(' ').filter(Boolean), { from: 'user' }).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      expect(String(error)).to.equal('Error: exit 2');
      expect(told).to.match(/^(error: |Usage: )/);
    });
  }

  for (const command of [program, ...leaves(program)]) {
    const name = [command.parent?.name(), command.name()].filter((each) => each !== undefined).join(' ');
    it(`O8: the help of ${name} has examples, and their words are right`, () => {
      const examples = examplesOf(command);
      expect(examples).not.to.deep.equal([]);
      for (const words of examples) {
        const { command: named, rest } = find(words);
        if (command !== program) expect(named, words.join(' ')).to.equal(command);
        const { operands, unknown } = named.parseOptions(rest);
        expect(unknown.filter((word) => word !== '--json')).to.deep.equal([]);
        const { length: least } = named.registeredArguments.filter(({ required }) => required);
        const most = named.registeredArguments.some(({ variadic }) => variadic) ? 99 : named.registeredArguments.length;
        expect(operands.length, words.join(' ')).to.be.within(least, most);
      }
    });
  }
});
