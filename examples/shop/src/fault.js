/**
 * Which mistake this release contains: the demonstration of bad releases changes this one line, as a careless
 * commit would. A product of your own has no such file. See inject-fault.js for the names.
 */
export const FAULT = 'none';

/** The only environment in which the mistake shows, or `any`. */
export const FAULT_ENVIRONMENT = 'any';
