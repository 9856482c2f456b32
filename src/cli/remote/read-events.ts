/** One server-sent event. */
export interface ServerEvent {
  id?: string;
  event: string;
  data: string;
}

/** More than any record: a stream that never ends its event must not fill the memory. */
const LONGEST_EVENT = 4 * 1024 * 1024;

/**
 * Reads a stream of server-sent events, as the WHATWG HTML standard says (chapter 9.2.6). Comments, which keep the
 * connection alive, come as events named `comment`. Ends with the stream; throws what the stream throws.
 */
export async function* readEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let lastId: string | undefined;
  let type = '';
  let data: string[] = [];
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    // A \r at the end may be the first half of \r\n: it waits for the next piece.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) {
          yield {
            event: type || 'message',
            data: data.join('\n'),
            ...(lastId === undefined ? {} : { id: lastId }),
          };
        }
        type = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) {
        yield { event: 'comment', data: line.slice(1).trim() };
        continue;
      }
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') data.push(value);
      else if (field === 'event') type = value;
      else if (field === 'id' && !value.includes('\0')) lastId = value;
    }
    if (rest.length + data.reduce((sum, line) => sum + line.length, 0) > LONGEST_EVENT) {
      throw new Error('an event of the stream is longer than 4 MiB');
    }
  }
}
