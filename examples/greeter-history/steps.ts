/** The greeter's history: one release, and a minor one that waits. */
import type { Step } from '../shop-history/step.ts';

export const STEPS: readonly Step[] = [
  {
    message: 'chore: start the greeter',
    author: 'mira',
    date: '2025-09-01T09:00:00+02:00',
    creates: ['package.json', 'README.md', 'CHANGELOG.md', 'ops/'],
  },
  {
    message: 'feat: greet people by name (#1)',
    author: 'jonas',
    date: '2025-09-01T15:30:00+02:00',
    creates: ['src/', 'test/'],
  },
  { message: 'chore(release): 1.0.0', author: 'mira', date: '2025-09-02T10:00:00+02:00', release: '1.0.0' },
  {
    message: 'feat: greet in German and French (#2)',
    author: 'priya',
    date: '2025-09-08T11:45:00+02:00',
    edits: [
      { file: 'src/greet.js', adds: '/** @type {Record<string, string>} */\n', through: '\n\n' },
      { file: 'src/greet.js', adds: ' * @param {string} [language]', through: '\n' },
      { file: 'src/greet.js', adds: ", language = 'en'" },
      {
        file: 'src/greet.js',
        was: 'return `Hello, ',
        now: `return \`\${GREETINGS[language] ?? GREETINGS.en}, `,
      },
      { file: 'test/greet.test.js', adds: "\ntest('greets in another language'", through: '\n});\n' },
    ],
  },
  {
    message: 'fix: leave blanks around a name out (#4)\n\nFixes #3',
    author: 'jonas',
    date: '2025-09-10T16:20:00+02:00',
    edits: [
      { file: 'src/greet.js', adds: '.trim()' },
      { file: 'test/greet.test.js', adds: "\ntest('leaves blanks around a name out'", through: '\n});\n' },
    ],
  },
  {
    message: 'docs: show a greeting in another language (#5)',
    author: 'mira',
    date: '2025-09-12T09:15:00+02:00',
    edits: [
      {
        file: 'README.md',
        was: "greet('Ada'); // Hello, Ada!",
        now: "greet('Ada', 'fr'); // Bonjour, Ada!",
      },
    ],
  },
];
