import * as field from '../../config/schema/fields.ts';
import { ENVIRONMENT_KINDS } from '../../release/names.ts';
import type { Answers, NamedPerson } from './answers.ts';

/** Asks a question at a terminal; an empty answer, or a terminal that was closed, gives what is in brackets. */
export type Ask = (question: string, fallback: string) => Promise<string>;

export interface Suggestions {
  /** Who runs it. */
  self: string | undefined;
  /** Who owns the code, those of the most of it first. */
  owners: string[];
  /** Where jobs of CI deploy to. */
  environments: { name: string; url: string | null }[];
  /** Environments are a product's; with several products nobody is asked for them. */
  isOneProduct: boolean;
}

/** The roles that decide in a release, each with what it decides. */
const DECISIONS: Readonly<Record<string, string>> = {
  release_manager: 'reads changelog and notes, and asks for releases',
  engineering_lead: 'approves going live, for engineering',
  ceo: 'approves going live, with the last word',
  qa: 'signs off what was tested by hand',
  product_manager: 'approves what customers are told and see',
  on_call: 'is told when something needs a person',
};

/** The people of the examples, where nobody better is known: everything works with them too. */
const EXAMPLES: Readonly<Record<string, string>> = {
  ...{ release_manager: 'cleo', engineering_lead: 'ben', ceo: 'ada' },
  ...{ qa: 'dora', product_manager: 'dora', on_call: 'ben' },
};

const SPARE = 'eve';

/** Asks for everything that the flags left open. */
export async function askPeople(ask: Ask, known: Answers, suggested: Suggestions): Promise<Answers> {
  const people = known.people.length > 0 ? known.people : await askForPeople(ask, suggested);
  const environments =
    known.environments.length > 0 || !suggested.isOneProduct
      ? known.environments
      : await askForEnvironments(ask, suggested);
  const skeletons =
    known.skeletons ||
    /^y(?:es)?$/i.test(await ask('Skeletons of the scripts that are missing, y or n?', 'n'));
  return { people, environments, skeletons };
}

async function askForPeople(ask: Ask, { self, owners }: Suggestions): Promise<NamedPerson[]> {
  const others = owners.filter((owner) => owner !== self);
  const likely: Record<string, string | undefined> = {
    release_manager: self,
    engineering_lead: others[0],
    ceo: others[1],
    on_call: others[0],
  };
  const roles = new Map<string, string[]>();
  for (const [role, does] of Object.entries(DECISIONS)) {
    const login = await askUntilRight(ask, {
      question: `Who ${does} (${role})?`,
      // Whoever runs it and is called as in the examples is not two of them.
      fallback: likely[role] ?? (EXAMPLES[role] === self ? SPARE : EXAMPLES[role]!),
      problemOf: (answer) => (field.login.safeParse(answer).success ? undefined : 'A login'),
    });
    roles.set(login, [...(roles.get(login) ?? []), role]);
  }
  return [...roles].map(([login, held]) => ({ login, roles: held }));
}

async function askForEnvironments(ask: Ask, { environments }: Suggestions): Promise<Answers['environments']> {
  const answers: Answers['environments'] = [];
  for (const name of ENVIRONMENT_KINDS) {
    const url = await askUntilRight(ask, {
      question: `Where is ${name}, by its address? "none" where there is none.`,
      fallback: environments.find((one) => one.name === name)?.url ?? 'none',
      problemOf: (answer) =>
        answer === 'none' || field.url.safeParse(answer).success
          ? undefined
          : 'An address with https://, or none',
    });
    if (url !== 'none') answers.push({ name, url });
  }
  return answers;
}

interface Question {
  question: string;
  fallback: string;
  /** What would be right, where an answer is not. */
  problemOf(answer: string): string | undefined;
}

/** After three answers that are none, the one in brackets is taken: whoever pipes text in must come to an end. */
async function askUntilRight(ask: Ask, { question, fallback, problemOf }: Question): Promise<string> {
  let asked = question;
  for (let time = 0; time < 3; time++) {
    const answer = (await ask(asked, fallback)).trim() || fallback;
    const problem = problemOf(answer);
    if (problem === undefined) return answer;
    asked = `${problem}, please. ${question}`;
  }
  return fallback;
}
