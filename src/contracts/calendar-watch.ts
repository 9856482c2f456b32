/** Ends when the environment's calendar is another one than that of the digest `known`. */
export interface CalendarWatchInput {
  product: string;
  environment: string;
  known: string;
}
