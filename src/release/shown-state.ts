/** How a deployment stands, as a host shows it. `inactive`: it ran, and another version has its place. */
export const SHOWN_STATES = ['queued', 'in_progress', 'success', 'failure', 'inactive'] as const;

export type ShownState = (typeof SHOWN_STATES)[number];
