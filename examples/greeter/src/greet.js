/** @type {Record<string, string>} */
const GREETINGS = { en: 'Hello', de: 'Guten Tag', fr: 'Bonjour' };

/**
 * @param {string} name
 * @param {string} [language] two letters; English for one that is not known
 * @returns {string}
 */
export function greet(name, language = 'en') {
  return `${GREETINGS[language] ?? GREETINGS.en}, ${name.trim()}!`;
}
