import { setCurrentDetails } from '@temporalio/workflow';
import { cutBytes } from '../../release/views/markdown.ts';

/** Temporal refuses current details of more than 20,000 bytes, and with them the whole workflow task. */
const LIMIT = 19_900;

/** Shows what a workflow does in the Web UI, as Markdown; what is too long for Temporal loses its end. */
export function showDetails(markdown: string): void {
  setCurrentDetails(cutBytes(markdown, LIMIT));
}
