import { createParser } from 'eventsource-parser';

/** One server-sent event. */
export interface ServerEvent {
  id?: string;
  event: string;
  data: string;
}

/** More than any record: a stream that never ends its event must not fill the memory. */
const LONGEST_EVENT = 4 * 1024 * 1024;

/**
 * Reads a stream of server-sent events. Comments, which keep the connection alive, come as events named `comment`. Ends
 * with the stream; throws what the stream throws, and for an event that never ends.
 */
export async function* readEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const read: ServerEvent[] = [];
  let last: { id?: string } = {};
  let tooLong: Error | undefined;
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onId: (id) => {
      last = { id };
    },
    onComment: (text) => void read.push({ event: 'comment', data: text.trim() }),
    onEvent: ({ event = 'message', data }) => void read.push({ event, data, ...last }),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') tooLong = error;
    },
  });
  for await (const chunk of stream) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* read.splice(0);
    if (tooLong) throw tooLong;
  }
}
